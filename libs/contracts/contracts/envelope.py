"""Headers that travel beside every message (CloudEvents names, binary mode).

`ce-id` is the logical id: the key of the inbox, the same for ever. `Nats-Msg-Id` is the transport id: it only saves
traffic inside JetStream's dedup window. They differ when a dead letter is replayed.
"""

from datetime import UTC, datetime
from typing import Final

import msgspec

from contracts.message import Contract, shape_of, subject_of, type_name_of_subject

ID: Final = "ce-id"
TYPE: Final = "ce-type"
"""For whoever looks on. What a message is follows from its subject; one whose header says otherwise is not handled."""
SOURCE: Final = "ce-source"
TIME: Final = "ce-time"
CAUSE: Final = "ce-causationid"
ORIGIN: Final = "ce-origin"
"""Opaque to everyone but the service that set it; copied to whatever the message gives rise to."""
REPLY: Final = "ce-replyto"
"""Where the answer to an `ask` goes."""
TRACE: Final = "traceparent"
TRANSPORT_ID: Final = "Nats-Msg-Id"

LENGTH_MAX: Final = 512
"""Characters of an id or an origin from outside; `actors.engine.delivery` handles no message with a longer id."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what, when, and why: the headers of one message, read."""

    id: str
    type_name: str
    time: datetime
    """When it was said (UTC), not when it was heard."""
    source: str = ""
    cause: str = ""
    origin: str = ""
    reply_to: str = ""
    trace: str = ""

    def headers(self, transport_id: str | None = None) -> dict[str, str]:
        """Return the wire headers. The transport id is the logical id unless another one is given."""
        headers = {
            ID: self.id,
            TYPE: self.type_name,
            SOURCE: self.source,
            TIME: self.time.isoformat(),
            TRANSPORT_ID: transport_id or self.id,
        }
        optional = {CAUSE: self.cause, ORIGIN: self.origin, REPLY: self.reply_to, TRACE: self.trace}
        return headers | {name: value for name, value in optional.items() if value}


def read_envelope(subject: str, headers: dict[str, str] | None, *, fallback_id: str, stored_at: datetime) -> Envelope:
    """Return the envelope of a message as heard.

    The type is read off the subject. Everything is optional on the wire, so that a person can publish by hand:
    the id is `fallback_id` (stream and sequence), the time is when the stream stored it.
    """
    given = headers or {}
    return Envelope(
        id=(given.get(ID) or given.get(TRANSPORT_ID) or fallback_id)[:LENGTH_MAX],
        type_name=type_name_of_subject(subject, given.get(TYPE, "")),
        time=_time(given.get(TIME), stored_at),
        source=given.get(SOURCE, ""),
        cause=given.get(CAUSE, ""),
        origin=given.get(ORIGIN, "")[:LENGTH_MAX],
        reply_to=given.get(REPLY, ""),
        trace=given.get(TRACE, ""),
    )


def _time(text: str | None, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else otherwise
    except (ValueError, OverflowError):
        return otherwise


def addressed(message: Contract, envelope: Envelope) -> tuple[str, dict[str, str]]:
    """Return subject and headers for publishing `message`."""
    return subject_of(message), envelope.headers()


def first_envelope(message: Contract, *, identifier: str, time: datetime, source: str, **more: str) -> Envelope:
    """Return an envelope for a message that no other message caused (`origin`, `reply_to`, `trace` may be given)."""
    return Envelope(id=identifier, type_name=shape_of(type(message)).type_name, time=time, source=source, **more)
