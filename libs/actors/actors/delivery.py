"""A message as heard: its bytes, its envelope, and how it leaves again."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from nats.aio.msg import Msg

from contracts.envelope import Envelope, read_envelope
from contracts.message import Contract, UnknownContractError, decode, find

if TYPE_CHECKING:
    from actors.outcome import Outcome


class Delivery:
    """One message on its way through a turn: from a stream (`msg` set), or local (a job, an effect's result)."""

    __slots__ = ("body", "envelope", "headers", "message", "msg", "outcome", "settled", "subject")

    def __init__(
        self,
        subject: str,
        headers: dict[str, str],
        body: bytes,
        envelope: Envelope,
        message: Contract | None = None,
        msg: Msg | None = None,
    ) -> None:
        """Wrap what was heard. `message` stays None until `decoded`."""
        self.subject = subject
        self.headers = headers
        self.body = body
        self.envelope = envelope
        self.message = message
        self.msg = msg
        self.settled: asyncio.Future[Any] | None = None
        """For local deliveries: done when the turn has committed, failed when the message could not be handled."""
        self.outcome: Outcome | None = None
        """For an effect's result: the effect, whose row goes together with the last of its results."""


class UnreadableMessageError(ValueError):
    """The body does not fit the contract; the text names the field."""


def from_stream(msg: Msg) -> Delivery:
    """Return the delivery of a JetStream message. Never raises: what cannot be read is found out by `decoded`."""
    headers = msg.headers or {}
    if headers.get("ce-id") and headers.get("ce-time") and "Nats-Schedule-Next" not in headers:
        fallback, stored_at = "", _EPOCH
    else:
        fallback, stored_at = _stored_as(msg)
    subject = msg.subject
    if "Nats-Schedule-Next" in headers and headers["Nats-Schedule-Next"] != "purge":
        # A cron schedule repeats its headers at every firing: the firing's own time makes the id.
        headers = {**headers, "ce-id": fallback, "ce-time": stored_at.isoformat()}
    return Delivery(
        subject, headers, msg.data, read_envelope(subject, headers, fallback_id=fallback, stored_at=stored_at), msg=msg
    )


def local(message: Contract, envelope: Envelope) -> Delivery:
    """Return the delivery of a message that never left this process."""
    return Delivery("", {}, b"", envelope, message=message)


def decoded(delivery: Delivery) -> Contract:
    """Return the message, decoding it on first use.

    Raises UnknownContractError for a type this build does not know, UnreadableMessageError for a body that does not
    fit its contract.
    """
    if delivery.message is None:
        contract = find(delivery.envelope.type_name)
        try:
            delivery.message = decode(contract, delivery.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableMessageError(f"{delivery.envelope.type_name}: {error}") from error
    return delivery.message


_EPOCH = datetime.fromtimestamp(0, UTC)


def _stored_as(msg: Msg) -> tuple[str, datetime]:
    metadata = msg.metadata
    stored_at = metadata.timestamp
    # The time tells a stream that was made anew from its predecessor: sequences start over, inboxes remember.
    return f"{metadata.stream}:{metadata.sequence.stream}:{int(stored_at.timestamp() * 1000)}", stored_at


__all__ = ["Delivery", "UnknownContractError", "UnreadableMessageError", "decoded", "from_stream", "local"]
