"""HTTP/1.1 on loopback with as little work as it takes: the load generator must not eat what it measures."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import cast

_END = b"\r\n\r\n"
Answer = Callable[[str, bytes], bytes]
"""(path, body) → JSON body of a 200."""


class _Framed(asyncio.Protocol):
    """Cuts the stream into messages: head and body by Content-Length."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(_END)) >= 0:
            head = self._buffer[:end]
            size = _content_length(head)
            if len(self._buffer) < end + 4 + size:
                return
            body = self._buffer[end + 4 : end + 4 + size]
            self._buffer = self._buffer[end + 4 + size :]
            self.message(head, body)

    def message(self, head: bytes, body: bytes) -> None:
        """Handle one message."""
        raise AssertionError("a framed connection is a client or a server")


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        return 0
    return int(head[at + 15 :].split(b"\r\n", 1)[0])


class _Served(_Framed):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def message(self, head: bytes, body: bytes) -> None:
        content = self._answer(head.split(b" ", 2)[1].decode(), body)
        size = str(len(content)).encode()
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + size + _END + content
        )


async def serve(answer: Answer) -> tuple[asyncio.Server, str]:
    """Serve on a free loopback port; returns the server and its address."""
    server = await asyncio.get_running_loop().create_server(lambda: _Served(answer), "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class _Posting(_Framed):
    def __init__(self, done: Callable[["_Posting", int], None], lost: Callable[["_Posting"], None]) -> None:
        super().__init__()
        self._done = done
        self._lost = lost

    def message(self, head: bytes, body: bytes) -> None:
        self._done(self, int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(self)


class Poster:
    """Posts bodies to one path over so many connections; more wait in line."""

    def __init__(self, *, port: int, path: str, headers: str, on_status: Callable[[int], None]) -> None:
        """Tell every answer's status to `on_status`."""
        self._port = port
        self._head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{headers}".encode()
        self._on_status = on_status
        self._idle: list[_Posting] = []
        self._line: deque[bytes] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._closed = False

    async def connect(self, connections: int) -> None:
        """Open the connections."""
        for _ in range(connections):
            await self._connect()

    def post(self, body: bytes) -> None:
        """Send, as soon as a connection is free."""
        if self._idle:
            self._send(self._idle.pop(), body)
        else:
            self._line.append(body)

    def close(self) -> None:
        """Close all idle connections."""
        self._closed = True
        for protocol in self._idle:
            protocol.transport.close()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(lambda: _Posting(self._done, self._lost), "127.0.0.1", self._port)
        self._next(protocol)

    async def _reconnect(self) -> None:
        """Open one more; when nobody listens any more the run is over, or what is posted is never answered."""
        with contextlib.suppress(OSError):
            await self._connect()

    def _lost(self, protocol: _Posting) -> None:
        """Open another one: a server closes what was idle for long, as while another tree was measured."""
        if self._closed:
            return
        if protocol in self._idle:
            self._idle.remove(protocol)
        task = asyncio.get_running_loop().create_task(self._reconnect())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _send(self, protocol: _Posting, body: bytes) -> None:
        protocol.transport.write(self._head + b"Content-Length: " + str(len(body)).encode() + _END + body)

    def _done(self, protocol: _Posting, status: int) -> None:
        self._on_status(status)
        self._next(protocol)

    def _next(self, protocol: _Posting) -> None:
        if self._line:
            self._send(protocol, self._line.popleft())
        else:
            self._idle.append(protocol)
