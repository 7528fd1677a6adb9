"""An HTTP server with a handler that does as its target says, and clients that may do anything to it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import msgspec

from gateway.door.connection import Connection
from gateway.door.exchange import Answer, Limits, Request
from gateway.door.http import HttpServer

BODY_BYTES_MAX = 64 * 1024
DEADLINE_SECONDS = 5.0
_EAGER = Limits(body_bytes_max=BODY_BYTES_MAX, linger_seconds=60.0, sweep_seconds=0.02)


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
        assert first.startswith("HTTP/1.1 ")
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
        self.judged: list[Request] = []
        self.heard: list[tuple[bytes, bytes, bytes]] = []
        self.counted: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once_max = self._at_once = self.cancelled = 0
        self.port = 0
        self._clients: list[Client] = []

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
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

    async def swept(self, times: int = 2) -> None:
        """Wait until the sweep has gone round: whoever is overdue by now is cut off."""
        for _ in range(times):
            last = self.server._sweeping
            await self.until(lambda last=last: self.server._sweeping is not last)

    @property
    def connections(self) -> list[Connection]:
        return list(self.server._connections)

    @property
    def targets(self) -> list[str]:
        return [target.decode() for _, target, _ in self.heard]

    def _judge(self, request: Request) -> Answer | None:
        self.judged.append(request)
        if request.target == b"/broken-judge":
            raise RuntimeError("the judge fails")
        return Answer(HTTPStatus.NOT_FOUND) if request.target == b"/nowhere" else None

    async def _handle(self, request: Request) -> Answer:
        self.heard.append((request.method, request.target, bytes(request.body)))
        self._at_once += 1
        self.at_once_max = max(self.at_once_max, self._at_once)
        try:
            if request.target != b"/quick":
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self._at_once -= 1
        if request.target == b"/broken":
            raise RuntimeError("the handler fails")
        more = {"X_Long": "x" * 60_000} if request.target == b"/long" else {}
        return Answer(HTTPStatus.OK, X_Target=request.target.decode(), **more)

    def _count(self, answer: Answer) -> None:
        self.counted.append(answer.status)


@asynccontextmanager
async def stage(**limits: Any) -> AsyncGenerator[Stage]:
    """Open a server; without limits of the test's own, nothing is ended by the clock."""
    one = Stage(msgspec.structs.replace(_EAGER, **limits))
    one.port = await one.server.start("127.0.0.1", 0)
    yield one
    await one.close()
