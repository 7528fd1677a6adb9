"""The webhook's own door: authenticates, makes durable, answers. A bare aiohttp server without routes or middleware.

Telegram repeats an update until it hears 2xx, so what can never be handled is answered 200 and counted, and what could
not be stored yet is answered 503.
"""

import hmac
from http import HTTPStatus

import structlog
from aiohttp import web

from gateway import metrics
from gateway.door.intake import Intake, NotDurableError
from gateway.settings import WEBHOOK_PATH

BODY_BYTES_MAX = 1024 * 1024
KEEP_ALIVE_SECONDS = 90.0
"""Telegram keeps connections; its side must be the one to close them (facts: 75 s or more)."""
RETRY_AFTER_SECONDS = "1"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name

log = structlog.get_logger()


class WebhookDoor:
    """Listens for Telegram's updates."""

    def __init__(self, intake: Intake, *, secret: str, host: str, port: int) -> None:
        """Let in who knows `secret` (the header carries it as it is). Raises ValueError when it is empty."""
        if not secret:
            raise ValueError("a webhook without a secret would take updates from anyone")
        self._intake = intake
        self._secret = secret.encode()
        self._host = host
        self._port = port
        self._runner: web.ServerRunner | None = None
        self.port = 0
        """The port it listens on, once started."""

    async def start(self) -> None:
        """Start listening."""
        server = web.Server(self._handle, keepalive_timeout=KEEP_ALIVE_SECONDS, access_log=None, tcp_keepalive=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=3)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.port = self._runner.addresses[0][1]
        log.info("webhook_listening", host=self._host, port=self.port, path=WEBHOOK_PATH)

    async def stop(self) -> None:
        """Stop listening and finish with who is inside."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        status = await self._judge(request)
        metrics.webhook(str(status.value)).inc()
        headers = {"Retry-After": RETRY_AFTER_SECONDS} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
        return web.Response(status=status.value, headers=headers)

    async def _judge(self, request: web.BaseRequest) -> HTTPStatus:
        if request.path != WEBHOOK_PATH:
            return HTTPStatus.NOT_FOUND
        if request.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if not self._knows_secret(request):
            return HTTPStatus.UNAUTHORIZED
        body = await _read(request)
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            await self._intake.take(body)
        except NotDurableError as error:
            log.warning("update_not_durable", error=str(error))
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK

    def _knows_secret(self, request: web.BaseRequest) -> bool:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._secret)


async def _read(request: web.BaseRequest) -> bytes | None:
    """Return the body, or None as soon as it is known to be too long."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        return None
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)
