"""A small keep-alive HTTP/1.1 client: one POST per update at a tenth of the cost of a full client."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 4 * 1024 * 1024


@dataclass(slots=True, frozen=True)
class Reply:
    """What the webhook answered; header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, frozen=True)
class Target:
    """Where and how to connect, and the request head up to the value of Content-Length."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    head: bytes


def target(url: str, secret_token: str | None) -> Target:
    """Prepare a webhook address once. ValueError for anything but http(s) with a host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"no http(s) address: {url}")
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc.rsplit('@', 1)[-1]}", "Content-Type: application/json"]
    if secret_token:
        lines.append(f"X-Telegram-Bot-Api-Secret-Token: {secret_token}")
    lines += ["Connection: keep-alive", "Content-Length: "]
    return Target(parts.hostname, parts.port or (443 if tls else 80), tls, "\r\n".join(lines).encode("ascii"))


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.reusable = True
        self.answered = False
        self._buffer = bytearray()
        self._reply: asyncio.Future[Reply] | None = None
        self._status = 0
        self._headers: dict[str, str] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A TCP or TLS connection is up."""
        # uvloop's transports write like asyncio's and do not inherit from them.
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> asyncio.Future[Reply]:
        """Write one request; the future gets its reply."""
        self._reply = asyncio.get_running_loop().create_future()
        self._headers = None
        self.answered = False
        if self.transport is None or self.transport.is_closing():
            self._reply.set_exception(ConnectionResetError("connection closed"))
        else:
            self.transport.write(request)
        return self._reply

    def data_received(self, data: bytes) -> None:
        """A piece of the reply."""
        self.answered = True
        self._buffer += data
        try:
            self._read(at_end=False)
        except ValueError as problem:
            self._fail(ConnectionError(f"not HTTP: {problem}"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Closed by either side: ends a body without length, fails a reply that is not whole."""
        self.reusable = False
        if self._reply is not None and not self._reply.done() and self._headers is not None:
            self._read(at_end=True)
        self._fail(ConnectionResetError("connection closed"))

    def abort(self) -> None:
        """Close at once."""
        self.reusable = False
        if self.transport is not None:
            self.transport.abort()

    def _read(self, *, at_end: bool) -> None:
        if self._headers is None and not self._read_head():
            return
        headers = self._headers or {}
        body = self._read_body(headers, at_end=at_end)
        if body is None or self._reply is None or self._reply.done():
            return
        if headers.get("connection", "").lower() == "close":
            self.reusable = False
        self._reply.set_result(Reply(self._status, headers, body))

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > HEAD_BYTES_MAX:
                raise ValueError("head too long")
            return False
        first, *rest = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        self._status = int(first.split(" ", 2)[1])
        if 100 <= self._status < 200:
            return self._read_head()
        pairs = (line.split(":", 1) for line in rest if ":" in line)
        self._headers = {name.strip().lower(): value.strip() for name, value in pairs}
        return True

    def _read_body(self, headers: dict[str, str], *, at_end: bool) -> bytes | None:
        if self._status in (204, 304):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._read_chunks()
        if "content-length" in headers:
            length = min(int(headers["content-length"]), BODY_BYTES_MAX)
            if len(self._buffer) < length:
                return None
            body = bytes(self._buffer[:length])
            del self._buffer[:length]
            return body
        self.reusable = False
        return bytes(self._buffer) if at_end else None

    def _read_chunks(self) -> bytes | None:
        at, body = 0, bytearray()
        while (line_end := self._buffer.find(b"\r\n", at)) >= 0:
            size = int(bytes(self._buffer[at:line_end]).split(b";", 1)[0], 16)
            start = line_end + 2
            if len(self._buffer) < start + size + 2:
                return None
            if size == 0:
                del self._buffer[: start + 2]
                return bytes(body)
            body += self._buffer[start : start + size]
            at = start + size + 2
        return None

    def _fail(self, problem: Exception) -> None:
        self.reusable = False
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(problem)


class HttpClient:
    """A pool of connections to one target."""

    def __init__(self, to: Target, timeout_seconds: float) -> None:
        self._to = to
        self._timeout_seconds = timeout_seconds
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()

    async def post(self, body: bytes) -> Reply:
        """One POST. OSError (also for a hang-up) or TimeoutError when there is no answer."""
        request = b"%b%d\r\n\r\n%b" % (self._to.head, len(body), body)
        async with asyncio.timeout(self._timeout_seconds):
            connection = self._reused()
            if connection is not None:
                try:
                    return await self._exchange(connection, request)
                except ConnectionResetError:
                    if connection.answered:
                        raise
                    # The server closed an idle connection as this request left: not its fault, ask on a fresh one.
            return await self._exchange(await self._connect(), request)

    def close(self) -> None:
        """Drop every connection."""
        for connection in (*self._idle, *self._busy):
            connection.abort()
        self._idle.clear()

    def _reused(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._to.host, self._to.port, ssl=self._to.tls)
        return connection

    async def _exchange(self, connection: _Connection, request: bytes) -> Reply:
        self._busy.add(connection)
        try:
            reply = await connection.send(request)
        except BaseException:
            connection.abort()
            raise
        finally:
            self._busy.discard(connection)
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.abort()
        return reply
