"""PagerDuty's webhooks v3: somebody acknowledged or resolved an incident there, so the alert is here (DOMAIN §10).

PagerDuty waits 5 s for an answer, repeats what was answered 429 or 5xx for two days, and drops what any other 4xx met.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web

from actors.clock import Clock
from actors.foreign_json import plain_json
from actors.signed_body import is_signed
from alerts.web.door import MEANINGLESS, UNAUTHORIZED, UNREADABLE, Answer, Outlet, members
from contracts.alerts import IncidentAction, MirrorIncident
from contracts.foreign_text import storable

PATH: Final = "/webhook/pagerduty"
HEADER: Final = "X-PagerDuty-Signature"
ACTIONS: Final = {
    "incident.acknowledged": IncidentAction.ACKNOWLEDGED,
    "incident.resolved": IncidentAction.RESOLVED,
}
BY_LENGTH_MAX: Final = 100
SOMEBODY: Final = "PagerDuty"
"""Who did it when PagerDuty does not say."""
_SCHEME: Final = "v1="
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
"""One token of a subject, and of an id."""

log = structlog.get_logger()


class _Event(msgspec.Struct):
    id: str
    event_type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    agent: Any = None
    occurred_at: Any = None


class _Payload(msgspec.Struct):
    event: _Event


class _Incident(msgspec.Struct):
    incident_key: str | None = None


_payload: Final = msgspec.json.Decoder(_Payload)
_incident: Final = msgspec.json.Decoder(_Incident)


class PagerDutyWebhook:
    """Mirrors acknowledgements and resolutions."""

    def __init__(self, outlet: Outlet, clock: Clock, secrets: tuple[str, ...]) -> None:
        """Let in what one of `secrets` signed. Raises ValueError when there is none."""
        if not secrets:
            raise ValueError("a webhook without a secret would let anyone silence an alert")
        self._outlet = outlet
        self._clock = clock
        self._secrets = secrets

    async def judge(self, request: web.Request, body: bytes) -> Answer:
        """Verify, read, store."""
        if not is_signed(body, self._secrets, signatures(request.headers.getall(HEADER, []))):
            log.warning("pagerduty_webhook_refused", reason="no signature in the header fits the body and our secret")
            return UNAUTHORIZED
        try:
            event = _payload.decode(plain_json(body)).event
            action = ACTIONS.get(event.event_type)
            if action is None:
                return MEANINGLESS
            alert_id = _incident.decode(event.data).incident_key or ""
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            log.error("pagerduty_webhook_unreadable", error=str(error))
            return UNREADABLE
        if not _TOKEN.fullmatch(event.id):
            log.error("pagerduty_webhook_unreadable", error=f"the id {event.id[:80]!r} is no token")
            return UNREADABLE
        if not _TOKEN.fullmatch(alert_id):  # somebody else's incident at the same service
            return MEANINGLESS
        at = moment(event.occurred_at, self._clock.now())
        command = MirrorIncident(alert_id=alert_id, action=action, by=who(event.agent), at=at)
        return await self._outlet.store([(f"pagerduty:{event.id}", command)])


def signatures(headers: list[str]) -> list[bytes]:
    """Return the signatures of scheme v1, as bytes: a forged one may hold any character."""
    parts = [part.strip() for header in headers for part in header.split(",")]
    return [part.removeprefix(_SCHEME).encode("utf-8", "surrogateescape") for part in parts if part.startswith(_SCHEME)]


def moment(said: Any, now: datetime) -> datetime:
    """Return an instant that others say, in UTC; `now` where they say none, or one that has not come."""
    try:
        when = msgspec.convert(said, datetime)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return now
    return now if when.tzinfo is None else min(when.astimezone(UTC), now)


def who(agent: Any) -> str:
    """Return who did it, by their name, or else by their id."""
    said = (members(agent).get(name) for name in ("summary", "id"))
    found = next((text for text in said if isinstance(text, str) and text.strip()), SOMEBODY)
    return storable(" ".join(found.split()), length_max=BY_LENGTH_MAX)
