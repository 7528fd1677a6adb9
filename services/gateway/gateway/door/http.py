"""As much of an HTTP/1.1 server as a webhook needs: requests with a small body, answers without one.

Nothing on the way of a request sets a timer: a connection (`connection.py`) knows how long it may stay as it is, and
one sweep ends those that are over.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus

import structlog

from gateway.door.connection import Connection
from gateway.door.exchange import Answer, Limits, Request

_FAILED = Answer(HTTPStatus.INTERNAL_SERVER_ERROR)

log = structlog.get_logger()


class HttpServer:
    """Serves the requests of many connections to one handler; what goes wrong in one does not concern the others."""

    def __init__(
        self,
        handle: Callable[[Request], Awaitable[Answer]],
        *,
        judge: Callable[[Request], Answer | None],
        count: Callable[[Answer], None],
        limits: Limits,
    ) -> None:
        """Ask `judge` when a head is whole (an answer refuses, None lets in), `handle` when the body is, too.

        `count` is told every answer. An exception of theirs is a 500, and logged.
        """
        self._handle = handle
        self._judge = judge
        self.count = count
        self.limits = limits
        self._connections: set[Connection] = set()
        self._empty = asyncio.Event()
        self._listening: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None
        self._stopping = False
        self._date = (-1, b"")

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 asks for a free one). Raises OSError when it is not to be had."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Connection(self), host, port, backlog=128)
        self._sweep()
        return int(self._listening.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Let nobody in, answer what is under way, and cut off who is not done in `stop_seconds_max`."""
        if self._listening is None or self._sweeping is None:
            return
        self._stopping = True
        self._listening.close()
        for connection in list(self._connections):
            connection.leave()
        await self._emptied()
        self._sweeping.cancel()
        for connection in list(self._connections):
            connection.cut()
            if connection.task is not None:
                connection.task.cancel()

    async def _emptied(self) -> None:
        if self._connections:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.limits.stop_seconds_max):
                    await self._empty.wait()

    @property
    def is_listening(self) -> bool:
        """Whether anybody can come in."""
        return self._listening is not None and self._listening.is_serving()

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in [one for one in self._connections if one.is_overdue(now)]:
            connection.cut()
        self._sweeping = loop.call_later(self.limits.sweep_seconds, self._sweep)

    # -- what its connections ask ---------------------------------------------------------------

    def welcome(self, connection: Connection) -> None:
        """Take note of a connection."""
        self._connections.add(connection)
        if self._stopping:
            connection.leave()

    def part_with(self, connection: Connection) -> None:
        """Forget a connection that is lost and has nothing under way."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def judged(self, request: Request) -> Answer | None:
        """Return what refuses a request by its head, or None."""
        try:
            return self._judge(request)
        except Exception:
            log.exception("http_judge_failed")
            return _FAILED

    async def answered(self, request: Request) -> Answer:
        """Return the handler's answer."""
        try:
            return await self._handle(request)
        except Exception:
            log.exception("http_handler_failed")
            return _FAILED

    def date_line(self) -> bytes:
        """Return the `Date` header, written once a second."""
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode("ascii"))
        return self._date[1]
