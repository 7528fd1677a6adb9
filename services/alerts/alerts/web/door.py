"""What every webhook here has in common: a bounded body, made durable before the 2xx, and an answer that is counted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import structlog
from aiohttp import web

from actors.bounded_body import read_up_to
from actors.clock import Clock
from actors.engine.publisher import Publisher
from alerts.web import metrics
from contracts.envelope import first_envelope
from contracts.message import Command, encode, subject_of

BODY_BYTES_MAX: Final = 1024 * 1024
BODY_SECONDS_MAX: Final = 10.0
SOURCE: Final = "alerts"
_RETRY_AFTER: Final = "5"

Answer = tuple[HTTPStatus, str]
"""A status, and the outcome under which it is counted."""
STORED: Final[Answer] = (HTTPStatus.OK, "stored")
MEANINGLESS: Final[Answer] = (HTTPStatus.OK, "meaningless")
UNREADABLE: Final[Answer] = (HTTPStatus.BAD_REQUEST, "unreadable")
UNAUTHORIZED: Final[Answer] = (HTTPStatus.UNAUTHORIZED, "unauthorized")
_NOT_DURABLE: Final[Answer] = (HTTPStatus.SERVICE_UNAVAILABLE, "not_durable")
_TOO_LARGE: Final[Answer] = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
_TOO_SLOW: Final[Answer] = (HTTPStatus.REQUEST_TIMEOUT, "too_slow")

Judge = Callable[[web.Request, bytes], Awaitable[Answer]]
log = structlog.get_logger()


class Door:
    """Lets one sender's webhooks in. `judge` is given the raw body, and says what became of it."""

    def __init__(self, webhook: str, judge: Judge) -> None:
        """Count under the label `webhook`."""
        self._webhook = webhook
        self._judge = judge

    async def take(self, request: web.Request) -> web.Response:
        """Answer one POST; 2xx says that it is durable, or means nothing here."""
        status, outcome = await self._admit(request)
        metrics.WEBHOOKS.labels(self._webhook, outcome).inc()
        headers = {"Retry-After": _RETRY_AFTER} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
        return web.Response(status=status.value, text=f"{outcome}\n", headers=headers)

    async def _admit(self, request: web.Request) -> Answer:
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                body = await read_up_to(request, BODY_BYTES_MAX)
        except TimeoutError:
            return _TOO_SLOW
        return _TOO_LARGE if body is None else await self._judge(request, body)


def members(said: Any) -> dict[str, Any]:
    """Return the members of a JSON object; none where it is none."""
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


class Outlet:
    """Makes commands durable in JetStream."""

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        """Say the time by `clock`."""
        self._publisher = publisher
        self._clock = clock

    async def store(self, commands: Sequence[tuple[str, Command]]) -> Answer:
        """Publish each under its own identifier: heard again under it, it has had its effect."""
        now = self._clock.now()
        messages = [
            (
                subject_of(command),
                first_envelope(command, identifier=name, time=now, source=SOURCE).headers(),
                encode(command),
            )
            for name, command in commands
        ]
        errors = [error for error in await self._publisher.publish(messages) if error is not None]
        if not errors:
            return STORED
        log.warning("webhook_not_durable", messages=len(messages), failed=len(errors), error=str(errors[0]))
        return _NOT_DURABLE
