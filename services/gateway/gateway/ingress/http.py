"""The gateway's HTTP server: aiohttp's low-level one, without routes, and the limits that whoever finds the port meets.

What a request's line and headers may be, how many may wait on a connection and how long one may be silent is kept by
aiohttp; the rest is kept here.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web

LINE_BYTES_MAX: Final = 4096
"""Of the request line, and of one header."""
HEADERS_MAX: Final = 64
RETRY_AFTER_SECONDS: Final = "1"
_HTTP_1_1: Final = (1, 1)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

log = structlog.get_logger()


class Limits(msgspec.Struct, frozen=True):
    """What a server puts up with."""

    body_bytes_max: int
    body_seconds_max: float = 30.0
    """From a whole head to the body's last byte."""
    idle_seconds_max: float = 90.0
    """From the beginning of a connection, or the last answer on it, to the next whole head."""
    linger_seconds: float = 2.0
    """What is still being sent after a refusal is read and dropped for so long: closing at once would take the answer
    out of the client's hands."""
    stop_seconds_max: float = 3.0
    unread_bytes_max: int = 64 * 1024
    """Of answers that a client does not read; then it is cut off."""


Outcome = HTTPStatus | web.Response
"""What becomes of a request: an answer, or a status to make one of."""
Handle = Callable[[web.BaseRequest, bytes], Awaitable[Outcome]]
Judge = Callable[[web.BaseRequest], Outcome | None]
Count = Callable[[HTTPStatus, float], None]


class HttpServer:
    """Serves the requests of many connections to one handler; what goes wrong in one does not concern the others."""

    def __init__(
        self,
        handle: Handle,
        *,
        judge: Judge,
        count: Count,
        limits: Limits,
        body_of: Callable[[HTTPStatus], web.Response] | None = None,
    ) -> None:
        """Ask `judge` when a head is whole (a status refuses, None lets in), `handle` when the body is, too.

        `count` is told every answer and the seconds since the request's head was whole. An exception of theirs is a
        500, and logged. `body_of` makes an answer of a status that has none; by default it has no body.
        """
        self._blank = body_of or blank
        self._handle = handle
        self._judge = judge
        self._count = count
        self._limits = limits
        self._runner: web.ServerRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 asks for a free one). Raises OSError when it is not to be had."""
        server = _Server(
            self._serve,
            count=self._count,
            answer=self._answer,
            unread_bytes_max=self._limits.unread_bytes_max,
            body_bytes_max=self._limits.body_bytes_max,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=self._limits.idle_seconds_max,
            lingering_time=self._limits.linger_seconds,
            max_line_size=LINE_BYTES_MAX,
            max_field_size=LINE_BYTES_MAX,
            max_headers=HEADERS_MAX,
        )
        # Who is inside gets half of the time to be done by themselves, and half of it after they were told.
        self._runner = web.ServerRunner(server, shutdown_timeout=self._limits.stop_seconds_max / 2)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Let nobody in, answer what is under way, and cut off who is not done in `stop_seconds_max`."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def is_listening(self) -> bool:
        """Whether anybody can come in."""
        return self._runner is not None and bool(self._runner.addresses)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        begun = time.perf_counter()
        try:
            outcome = self._judge(request)
            if outcome is None:
                outcome = await self._admit(request)
        except Exception:
            log.exception("http_handler_failed")
            outcome = HTTPStatus.INTERNAL_SERVER_ERROR
        response = outcome if isinstance(outcome, web.Response) else self._answer(outcome)
        self._count(HTTPStatus(response.status), time.perf_counter() - begun)
        if "Transfer-Encoding" in request.headers:
            # aiohttp 3.14 takes the trailers of such a body for headers of the next request, whoever sent that one.
            response.force_close()
        return response

    def _answer(self, status: HTTPStatus) -> web.Response:
        """Return the answer that a status alone makes."""
        response = self._blank(status)
        response.headers["Server"] = "gateway"
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        elif status in (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
            response.force_close()
        return response

    async def _admit(self, request: web.BaseRequest) -> Outcome:
        """Read the body, within its limits, and have the request handled."""
        if (request.content_length or 0) > self._limits.body_bytes_max:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            if "Expect" in request.headers:
                await _encourage(request)
            if request.content.is_eof():
                body = await request.read()  # it came with its head, as nearly all do: nothing to wait for
            else:
                async with asyncio.timeout(self._limits.body_seconds_max):
                    body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        except (web.RequestPayloadError, ConnectionError):  # the latter when the client is gone: nobody reads this
            return HTTPStatus.BAD_REQUEST
        return await self._handle(request, body)


def blank(status: HTTPStatus) -> web.Response:
    """Return a status without a body."""
    return web.Response(status=status)


async def _encourage(request: web.BaseRequest) -> None:
    """Ask for the body that a client holds back."""
    if request.version >= _HTTP_1_1 and request.headers["Expect"].lower() == "100-continue":
        await request.writer.write(_CONTINUE)
        request.writer.output_size = 0  # the answer proper has not begun


class _Server(web.Server):
    """aiohttp's server, with connections that cut off who does not read."""

    def __init__(
        self,
        handler: Any,
        *,
        count: Count,
        answer: Callable[[HTTPStatus], web.Response],
        body_bytes_max: int,
        unread_bytes_max: int,
        **limits: Any,
    ) -> None:
        super().__init__(handler, request_factory=self._request, **limits)
        self.count = count
        self.answer = answer
        self.unread_bytes_max = unread_bytes_max
        self._body_bytes_max = body_bytes_max

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        return web.BaseRequest(
            message, payload, protocol, writer, task, self._loop, client_max_size=self._body_bytes_max
        )


class _Connection(web.RequestHandler):
    def __init__(self, server: _Server, **limits: Any) -> None:
        super().__init__(server, **limits)
        self._count = server.count
        self._answer = server.answer
        self._unread_bytes_max = server.unread_bytes_max

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say how much may wait for a client that does not read."""
        super().connection_made(transport)
        if isinstance(transport, asyncio.WriteTransport):
            transport.set_write_buffer_limits(high=self._unread_bytes_max)

    def pause_writing(self) -> None:
        """Cut off a client that lets answers pile up unread."""
        super().pause_writing()
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, without a word on why, and without a line in the log for whoever finds the port."""
        del request, exc, message
        found = HTTPStatus(status)
        self._count(found, 0.0)
        response = self._answer(found)
        response.force_close()
        return response
