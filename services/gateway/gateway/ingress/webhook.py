"""The webhook's own door: authenticates, makes durable, answers. HTTP is `http.py`'s, without routes.

Telegram repeats an update until it hears 2xx, so what can never be handled is answered 200 and counted, and what could
not be stored yet is answered 503.
"""

import hmac
from http import HTTPStatus

import structlog
from aiohttp import web

from gateway import metrics
from gateway.ingress.http import HttpServer, Limits
from gateway.ingress.intake import Intake, NotDurableError
from gateway.settings import WEBHOOK_PATH

BODY_BYTES_MAX = 1024 * 1024
KEEP_ALIVE_SECONDS = 90.0
"""Telegram keeps connections; its side must be the one to close them (facts: 75 s or more)."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name

log = structlog.get_logger()


class WebhookIngress:
    """Takes Telegram's updates in by HTTP, and answers 200 when they are durable."""

    def __init__(self, intake: Intake, *, secret: str, host: str, port: int) -> None:
        """Let in who knows `secret` (the header carries it as it is). Raises ValueError when it is empty."""
        if not secret:
            raise ValueError("a webhook without a secret would take updates from anyone")
        self._intake = intake
        self._secret = secret.encode()
        self._host = host
        self._port = port
        limits = Limits(body_bytes_max=BODY_BYTES_MAX, idle_seconds_max=KEEP_ALIVE_SECONDS)
        self._server = HttpServer(self._take, judge=self._judge, count=_count, limits=limits)
        self.port = 0
        """The port it listens on, once started."""

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        self.port = await self._server.start(self._host, self._port)
        log.info("webhook_listening", host=self._host, port=self.port, path=WEBHOOK_PATH)

    async def stop(self) -> None:
        """Stop listening and finish with who is inside."""
        await self._server.stop()

    def obstacle(self) -> str:
        """Return what keeps Telegram's updates out."""
        return "" if self._server.is_listening else "the webhook does not listen"

    def _judge(self, request: web.BaseRequest) -> HTTPStatus | None:
        """Return what refuses a request, from its head alone."""
        target = request.raw_path
        if target != WEBHOOK_PATH and target.partition("?")[0] != WEBHOOK_PATH:
            return HTTPStatus.NOT_FOUND
        if request.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return HTTPStatus.UNAUTHORIZED
        return None

    async def _take(self, _: web.BaseRequest, body: bytes) -> HTTPStatus:
        try:
            await self._intake.take(body)
        except NotDurableError as error:
            log.warning("update_not_durable", error=str(error))
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


def _count(status: HTTPStatus, seconds: float) -> None:
    metrics.webhook_seconds(str(status.value)).observe(seconds)
