"""The endpoint for Stripe's events: verifies, makes durable, answers (DOMAIN §6, Stripe).

Stripe repeats an event for three days until it hears 2xx. What means nothing here is answered 200 at once, what could
not be stored yet 503; a body that is not Stripe's is nobody's to repeat: 400.
"""

import re
from http import HTTPStatus
from typing import Final

import msgspec
import structlog
from aiohttp import web

from actors.bounded_body import read_up_to
from actors.clock import Clock
from actors.engine.publisher import Publisher
from actors.foreign_json import plain_json
from contracts.envelope import first_envelope
from contracts.message import encode, subject_of
from contracts.payments import HearStripeEvent
from payments.domain.stripe_events import HANDLED, STRIPE_KEYS
from payments.providers.signature import SignatureError, verify_signature
from payments.web import metrics

PATH: Final = "/webhook/stripe"
BODY_BYTES_MAX: Final = 1024 * 1024
HEADER: Final = "Stripe-Signature"
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""One token of a subject."""

log = structlog.get_logger()


class _Event(msgspec.Struct):
    id: str
    type: str


_event: Final = msgspec.json.Decoder(_Event)


class StripeWebhook:
    """Takes Stripe's events in: signed, durable, then answered 2xx."""

    def __init__(self, publisher: Publisher, clock: Clock, secrets: tuple[str, ...]) -> None:
        """Let in what one of `secrets` signed. Raises ValueError when there is none."""
        if not secrets:
            raise ValueError("a webhook without a secret would take payments from anyone's word")
        self._publisher = publisher
        self._clock = clock
        self._secrets = secrets

    async def take(self, request: web.Request) -> web.Response:
        """Answer one POST; 2xx says that the event is durable, or means nothing."""
        status, outcome = await self._judge(request)
        metrics.WEBHOOK.labels(outcome).inc()
        headers = {"Retry-After": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
        return web.Response(status=status.value, text=f"{outcome}\n", headers=headers)

    async def _judge(self, request: web.Request) -> tuple[HTTPStatus, str]:
        body = await read_up_to(request, BODY_BYTES_MAX)
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"
        try:
            verify_signature(body, request.headers.get(HEADER), self._secrets, self._clock.now())
        except SignatureError as error:
            log.warning("stripe_event_refused", reason=error.reason, error=str(error))
            return HTTPStatus.BAD_REQUEST, error.reason
        try:
            body = plain_json(body, keys=STRIPE_KEYS)
            event = _event.decode(body)
        except (msgspec.DecodeError, ValueError) as error:
            log.error("stripe_event_unreadable", error=str(error))
            return HTTPStatus.BAD_REQUEST, "unreadable"
        if event.type not in HANDLED:
            return HTTPStatus.OK, "meaningless"
        if not _EVENT_ID.fullmatch(event.id):
            log.error("stripe_event_unreadable", error=f"the id {event.id[:80]!r} is no token")
            return HTTPStatus.BAD_REQUEST, "unreadable"
        return await self._store(HearStripeEvent(event_id=event.id, kind=event.type, event=msgspec.Raw(body)))

    async def _store(self, event: HearStripeEvent) -> tuple[HTTPStatus, str]:
        """Publish under the event's own id: heard again, it has had its effect."""
        identifier = f"stripe:{event.event_id}"
        envelope = first_envelope(event, identifier=identifier, time=self._clock.now(), source="payments")
        (error,) = await self._publisher.publish([(subject_of(event), envelope.headers(), encode(event))])
        if error is None:
            return HTTPStatus.OK, "stored"
        log.warning("stripe_event_not_durable", event_id=event.event_id, error=str(error))
        return HTTPStatus.SERVICE_UNAVAILABLE, "not_durable"
