"""One client of the HTTP server: what it may send, how much, for how long, and the order of its answers.

llhttp reads the bytes (`httptools`). A request costs one task and one write; one refused by its head costs no task.
Each limit has its place here, because whoever finds the port may send what they like.
"""

import asyncio
import socket
from collections import deque
from http import HTTPStatus
from math import inf
from typing import NoReturn, Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from gateway.door.exchange import Answer, Limits, Request

_CLOSE = b"Connection: close\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_BAD_REQUEST = Answer(HTTPStatus.BAD_REQUEST)
_TOO_LARGE = Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
_HEAD_TOO_LARGE = Answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)


class _EnoughError(Exception):
    """Stops the parser in the middle: nothing of what follows will be heard."""


class Host(Protocol):
    """What a connection asks of its server."""

    limits: Limits

    def welcome(self, connection: "Connection") -> None:
        """Take note of a connection."""

    def part_with(self, connection: "Connection") -> None:
        """Forget a connection that is lost and has nothing under way."""

    def judged(self, request: Request) -> Answer | None:
        """Return what refuses a request by its head, or None."""

    async def answered(self, request: Request) -> Answer:
        """Return what a request came to; never raises."""
        ...

    def count(self, answer: Answer, /) -> None:
        """Count an answer."""

    def date_line(self) -> bytes:
        """Return the `Date` header's line."""
        ...


class Connection(asyncio.Protocol):
    """Requests are received while others are under way, and worked off one at a time, in their order."""

    def __init__(self, server: Host) -> None:
        self._server = server
        self._limits = server.limits
        self._loop = asyncio.get_running_loop()
        self._parser = HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._request = Request()
        self._receiving = False
        self._waiting: deque[Request] = deque()
        self.task: asyncio.Task[None] | None = None
        self._deaf = False
        """What arrives is dropped."""
        self._leaving = False
        """It closes once all that was received whole is answered."""
        self._lingers = False
        """It does so by waiting for the client, for a time."""
        self._paused = self._lost = False
        self._deadline = inf

    # -- what the server asks -------------------------------------------------------------------

    def is_overdue(self, now: float) -> bool:
        """Tell whether it has been as it is for too long. A client that is made to wait is not at fault."""
        return now > self._deadline and not self._paused

    def leave(self) -> None:
        """Close: at once when it is idle, else with the answer to what is under way."""
        self._leaving = True
        if self.task is None and not self._receiving and not self._lingers:
            self._transport.close()

    def cut(self) -> None:
        """End it now, whatever it is in the middle of."""
        self._deaf = True
        self._waiting.clear()
        self._transport.abort()

    # -- what the loop calls --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, as an idle one."""
        self._transport = cast("asyncio.Transport", transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._deadline = self._loop.time() + self._limits.idle_seconds_max
        self._server.welcome(self)

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the parser, which calls back; give up on what is no HTTP, or a head without an end."""
        if self._deaf:
            return
        request, heard = self._request, self._request.head_bytes + self._request.body_bytes
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._give_up(_BAD_REQUEST)
            return
        if not self._receiving or self._request is not request:
            return
        silent = request.head_bytes + request.body_bytes == heard
        request.silent_bytes = request.silent_bytes + len(data) if silent else 0
        if request.silent_bytes > self._limits.head_bytes_max:
            self._give_up(_HEAD_TOO_LARGE)

    def eof_received(self) -> bool:
        """Hear no more; stay open (True) for the answers that are still due."""
        self._deaf = self._leaving = True
        self._receiving = self._lingers = False
        return self.task is not None

    def pause_writing(self) -> None:
        """Cut off a client that lets answers pile up unread."""
        self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; the work under way goes on, for what it stores counts."""
        del exc
        self._deaf = self._lost = True
        self._waiting.clear()
        if self.task is None:
            self._server.part_with(self)

    # -- what the parser calls ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self._deaf:
            raise _EnoughError
        self._request = Request()
        self._receiving = True
        self._deadline = self._loop.time() + self._limits.request_seconds_max

    def on_url(self, url: bytes) -> None:
        """Take in a piece of the target."""
        self._measure_head(len(url))
        self._request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; trailers are only measured."""
        request = self._request
        self._measure_head(len(name) + len(value) + 4)
        if not request.method:
            request.headers[name.lower()] = value.rstrip(b" \t")

    def on_headers_complete(self) -> None:
        """Judge the head, before any of the body is kept."""
        request = self._request
        request.method = self._parser.get_method()
        version = self._parser.get_http_version()
        request.keeps = version == "1.1" and self._parser.should_keep_alive()
        if self._parser.should_upgrade():
            self._refuse(_BAD_REQUEST)
        request.answer = self._server.judged(request)
        if int(request.headers.get(b"content-length", b"0")) > self._limits.body_bytes_max:
            self._refuse(request.answer or _TOO_LARGE)
        if version == "1.1" and request.headers.get(b"expect", b"").lower() == b"100-continue":
            self._encourage(request)

    def on_body(self, body: bytes) -> None:
        """Take in a piece of the body, or drop it."""
        request = self._request
        request.body_bytes += len(body)
        if request.body_bytes > self._limits.body_bytes_max:
            self._refuse(request.answer or _TOO_LARGE)
        if request.answer is None:
            request.body += body

    def on_message_complete(self) -> None:
        """Have the request worked off."""
        if not self._request.keeps:
            self._deaf = self._leaving = True
        self._line_up(self._request)

    # -- the way of a request -------------------------------------------------------------------

    def _measure_head(self, size: int) -> None:
        self._request.head_bytes += size
        if self._request.head_bytes > self._limits.head_bytes_max:
            self._refuse(_HEAD_TOO_LARGE)

    def _encourage(self, request: Request) -> None:
        """Ask for the body that a client holds back. One that will not be asked for may never come: that is the end."""
        if request.answer is not None:
            self._refuse(request.answer)
        if self.task is None:  # else the client sends it by itself after a while
            self._transport.write(_CONTINUE)

    def _refuse(self, answer: Answer) -> NoReturn:
        """Give up from inside the parser, which stops with it."""
        self._give_up(answer)
        raise _EnoughError

    def _give_up(self, answer: Answer) -> None:
        """Answer when its turn comes, as the last; nothing more is heard. Only the first word counts."""
        if self._deaf:
            return
        self._deaf = self._leaving = self._lingers = True
        refused = Request()
        refused.answer = answer
        self._line_up(refused)

    def _line_up(self, request: Request) -> None:
        self._receiving = False
        self._deadline = inf
        if self.task is not None:
            self._waiting.append(request)
            if len(self._waiting) >= self._limits.waiting_max and not self._paused:
                self._paused = True
                self._transport.pause_reading()
        elif request.answer is not None:
            self._say(request.answer)
        else:
            self.task = self._loop.create_task(self._work(request))

    async def _work(self, first: Request) -> None:
        request: Request | None = first
        try:
            while request is not None:
                self._say(request.answer or await self._server.answered(request))
                request = self._next()
        finally:
            self.task = None
            if self._lost:
                self._server.part_with(self)

    def _next(self) -> Request | None:
        request = self._waiting.popleft() if self._waiting else None
        if self._paused and not self._waiting and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()
            if self._receiving:
                self._deadline = self._loop.time() + self._limits.request_seconds_max
        return request

    def _say(self, answer: Answer) -> None:
        self._server.count(answer)
        if self._transport.is_closing():
            return
        last = self._leaving and not self._waiting
        self._transport.write(answer.head + self._server.date_line() + (_CLOSE if last else b"") + b"\r\n")
        if last:
            self._deaf = True
            self._deadline = self._loop.time() + self._limits.linger_seconds
            if not self._lingers:
                self._transport.close()
        elif not self._waiting and not self._receiving:
            self._deadline = self._loop.time() + self._limits.idle_seconds_max
