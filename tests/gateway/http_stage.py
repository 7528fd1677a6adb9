"""An HTTP server with a handler that does as its target says, and clients that may do anything to it."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from gateway.ingress.http import HttpServer, Limits

BODY_BYTES_MAX = 64 * 1024
DEADLINE_SECONDS = 5.0
_EAGER = Limits(body_bytes_max=BODY_BYTES_MAX, linger_seconds=60.0)


class Client:
    """A connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            for piece in pieces:
                self.writer.write(piece)
                await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str]]:
        """Return status and headers of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), DEADLINE_SECONDS)
        first, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
        assert first.startswith("HTTP/1.")
        return int(first.split()[1]), dict(line.split(": ", 1) for line in lines)

    async def statuses(self, count: int) -> list[int]:
        return [(await self.answer())[0] for _ in range(count)]

    async def ended(self) -> bytes:
        """Return what else was said before the server closed."""
        try:
            return await asyncio.wait_for(self.reader.read(), DEADLINE_SECONDS)
        except ConnectionError:
            return b""


class Stage:
    """The server, what its handler heard, and when it goes on."""

    def __init__(self, limits: Limits) -> None:
        self.server = HttpServer(self._handle, judge=self._judge, count=self._count, limits=limits)
        self.judged: list[web.BaseRequest] = []
        self.heard: list[tuple[str, str, bytes]] = []
        self.counted: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once_max = self._at_once = self.cancelled = 0
        self.port = 0
        self._clients: list[Client] = []

    async def client(self, *, receive_bytes: int = 0) -> Client:
        """Connect; with `receive_bytes`, with so small a buffer for what is answered."""
        sock = socket.socket()
        sock.setblocking(False)
        if receive_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        except OSError:
            sock.close()
            raise
        client = Client(*await asyncio.open_connection(sock=sock))
        self._clients.append(client)
        return client

    async def close(self) -> None:
        self.gate.set()
        for client in self._clients:
            client.writer.transport.abort()
        await self.server.stop()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not condition():  # noqa: ASYNC110 - what is waited for happens inside the server
                await asyncio.sleep(0.002)

    @property
    def connections(self) -> list[Any]:
        runner = self.server._runner
        return [] if runner is None or runner.server is None else runner.server.connections

    @property
    def targets(self) -> list[str]:
        return [target for _, target, _ in self.heard]

    def _judge(self, request: web.BaseRequest) -> HTTPStatus | None:
        self.judged.append(request)
        if request.raw_path == "/broken-judge":
            raise RuntimeError("the judge fails")
        return HTTPStatus.NOT_FOUND if request.raw_path == "/nowhere" else None

    async def _handle(self, request: web.BaseRequest, body: bytes) -> HTTPStatus:
        self.heard.append((request.method, request.raw_path, body))
        self._at_once += 1
        self.at_once_max = max(self.at_once_max, self._at_once)
        try:
            if request.raw_path != "/quick":
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self._at_once -= 1
        if request.raw_path == "/broken":
            raise RuntimeError("the handler fails")
        return HTTPStatus.OK

    def _count(self, status: HTTPStatus, seconds: float) -> None:
        assert seconds >= 0
        self.counted.append(status.value)


@asynccontextmanager
async def stage(**limits: Any) -> AsyncGenerator[Stage]:
    """Open a server; without limits of the test's own, nothing is ended by the clock."""
    one = Stage(msgspec.structs.replace(_EAGER, **limits))
    one.port = await one.server.start("127.0.0.1", 0)
    yield one
    await one.close()
