"""HTTP/1.1 POSTs to one server over kept connections, with as little work a call as it takes.

Two calls for every tap make the client a tenth of the gateway's work. The libraries at hand are made for all of HTTP:
aiohttp's client takes some 0.13 ms a call, a task and a dozen objects; here it is one future and one timer. It is
used for the hot calls alone, to a server that is always the same; everything else stays with aiohttp. It knows what
responses to a POST may be, and no more: no redirects, cookies, compression, proxies or pipelining.
"""

import asyncio
import ssl
import time
from typing import cast
from urllib.parse import urlsplit

IDLE_SECONDS = 50.0
"""A connection unused for so long is not used again: the server may be closing it at this very moment."""
HEAD_BYTES_MAX = 64 * 1024
_CONNECT_SECONDS = 5.0
_END = b"\r\n\r\n"


class WireError(OSError):
    """No connection, a connection lost, or bytes that are no HTTP response. The call may or may not have been heard."""


class Wire:
    """Connections to one server; as many as there are calls at once, kept for the next ones."""

    def __init__(self, address: str) -> None:
        """Call the server at `address` (scheme, host and port of a URL)."""
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if secure else 80)
        self._ssl = ssl.create_default_context() if secure else None
        self._head_end = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
        self._idle: list[_Connection] = []
        self._closed = False

    async def post(self, path: str, body: bytes, *, timeout_seconds: float) -> tuple[int, bytes]:
        """Return status and body of the answer. Raises WireError, and TimeoutError after `timeout_seconds`."""
        connection = self._kept() or await self._connected(timeout_seconds)
        request = f"POST {path}{self._head_end}{len(body)}".encode() + _END + body
        answer = await connection.exchange(request, timeout_seconds)
        if connection.is_reusable:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close what is idle now, and the others as soon as they are."""
        self._closed = True
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def _kept(self) -> "_Connection | None":
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable and now - connection.used_at < IDLE_SECONDS:
                return connection
            connection.close()
        return None

    async def _connected(self, timeout_seconds: float) -> "_Connection":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(min(timeout_seconds, _CONNECT_SECONDS)):
                _, connection = await loop.create_connection(_Connection, self._host, self._port, ssl=self._ssl)
        except OSError as error:
            raise WireError(f"no connection: {error}") from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection, one call at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._response = _Response()
        self.is_reusable = True
        self.used_at = 0.0
        """When the last answer came, by the monotonic clock."""

    async def exchange(self, request: bytes, timeout_seconds: float) -> tuple[int, bytes]:
        """Send a request and return its answer; a call that does not end well ends the connection."""
        self._answer = self._loop.create_future()
        timer = self._loop.call_later(timeout_seconds, self._fail, TimeoutError())
        try:
            if self._transport is None:
                raise WireError("the connection is lost")
            self._transport.write(request)
            return await self._answer
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self._answer = None
            self.used_at = time.monotonic()

    def close(self) -> None:
        """Close at once."""
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    # -- what the loop calls --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked for this
            return
        try:
            self._feed(data)
        except ValueError as error:
            self._fail(WireError(f"no HTTP response: {error}"))

    def eof_received(self) -> None:
        self.is_reusable = False
        whole = self._response.ended()
        if whole is not None and self._answer is not None and not self._answer.done():
            self._answer.set_result(whole)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.is_reusable = False
        self._fail(WireError(f"the connection is lost: {exc}"))

    def _feed(self, data: bytes) -> None:
        whole = self._response.feed(data)
        if whole is None or self._answer is None:
            return
        self.is_reusable = self._response.keeps_connection and self.is_reusable
        self._response = _Response()
        self._answer.set_result(whole)
        if not self.is_reusable:
            self.close()


class _Response:
    """A response as it arrives, piece by piece."""

    def __init__(self) -> None:
        self.keeps_connection = True
        self._received = bytearray()
        self._status = 0
        self._size: int | None = None
        """Of the body; None: not known, then it is in chunks or goes on until the connection ends."""
        self._chunked = False
        self._chunks = bytearray()

    def feed(self, data: bytes) -> tuple[int, bytes] | None:
        """Take in a piece; returns status and body when that was the last. Raises ValueError for anything but HTTP."""
        self._received += data
        while not self._status:
            end = self._received.find(_END)
            if end < 0:
                if len(self._received) > HEAD_BYTES_MAX:
                    raise ValueError("its head has no end")
                return None
            self._read_head(bytes(self._received[:end]))
            del self._received[: end + len(_END)]
        if self._chunked:
            return self._read_chunks()
        if self._size is None or len(self._received) < self._size:
            return None
        if len(self._received) > self._size:
            raise ValueError("more than was announced")
        return self._status, bytes(self._received)

    def ended(self) -> tuple[int, bytes] | None:
        """Return the response when the end of the connection is its end, as it is when no size was announced."""
        if self._status and self._size is None and not self._chunked:
            return self._status, bytes(self._received)
        return None

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        version, _, rest = first.partition(b" ")
        if not version.startswith(b"HTTP/1."):
            raise ValueError("its first line is no status line")
        status = int(rest[:3])
        if status < 200:
            return  # 1xx: the answer proper comes next
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        self.keeps_connection = version != b"HTTP/1.0" and headers.get(b"connection", b"").lower() != b"close"
        self._chunked = headers.get(b"transfer-encoding", b"").lower() == b"chunked"
        length = headers.get(b"content-length")
        self._size = 0 if status in (204, 304) else None if length is None else int(length)
        self._status = status

    def _read_chunks(self) -> tuple[int, bytes] | None:
        while (end := self._received.find(b"\r\n")) >= 0:
            size = int(self._received[:end].partition(b";")[0], 16)
            if size == 0:
                # What follows the last chunk is a blank line, after trailers that say nothing to us.
                return (self._status, bytes(self._chunks)) if self._received.endswith(_END) else None
            if len(self._received) < end + 2 + size + 2:
                return None
            self._chunks += self._received[end + 2 : end + 2 + size]
            del self._received[: end + 2 + size + 2]
        return None
