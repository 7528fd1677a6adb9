"""A message as heard: its bytes, its envelope, and how it leaves again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from nats.aio.msg import Msg

from actors.engine.nats_client import MALFORMED_HEADERS
from actors.engine.rows import EffectRow
from actors.storable import storable
from contracts.envelope import ID, LENGTH_MAX, REPLY, TRANSPORT_ID, TYPE, Envelope, read_envelope
from contracts.ids import is_operators_own
from contracts.message import Contract, UnknownContractError, decode, find, travels_on
from contracts.subjects import is_inbox

_ACK_TOKENS = 9
"""Tokens of an acknowledgement's subject, unless it names domain and account."""


class Delivery:
    """One message on its way through a turn: from a stream, or local and without a subject.

    Local are what a job, an effect's result or an admin endpoint brings.
    """

    __slots__ = (
        "body",
        "envelope",
        "flaw",
        "headers",
        "is_counted",
        "is_repeated",
        "message",
        "msg",
        "operator",
        "outcome",
        "settled",
        "subject",
        "tried_as",
    )

    def __init__(
        self,
        subject: str,
        headers: dict[str, str],
        body: bytes,
        envelope: Envelope,
        message: Contract | None = None,
        msg: Msg | None = None,
        *,
        operator: str = "",
    ) -> None:
        """Wrap what was heard. `message` stays None until `decoded`."""
        self.subject = subject
        self.headers = headers
        self.body = body
        self.envelope = envelope
        self.message = message
        self.msg = msg
        self.operator = operator
        """Who asked at an admin endpoint of this process, as NATS authenticated them; empty for everything else."""
        self.flaw = ""
        """What is wrong with the headers, so that the message cannot be handled; nearly always nothing."""
        self.settled: asyncio.Future[Any] | None = None
        """For local deliveries: done when the turn has committed, failed when the message could not be handled."""
        self.outcome: Outcome | None = None
        """For an effect's result: the effect, whose row goes together with the last of its results."""
        self.is_counted = False
        """Whether its tries are counted in the table of tries."""
        self.tried_as = envelope.id
        """The name under which its tries are counted: the same when the same is tried again."""
        self.is_repeated = False
        """For a job's messages: whether the job's firing was heard before, and ended its process perhaps."""

    def is_redelivered(self) -> bool:
        """Whether this may have been tried before: JetStream delivered it, or the firing it comes of."""
        return self.is_repeated or (self.msg is not None and self.times_delivered() > 1)

    def times_delivered(self) -> int:
        """Return how often JetStream has delivered it; 1 for a local message."""
        if self.msg is None:
            return 1
        tokens = self.msg.reply.split(".", _ACK_TOKENS)
        # $JS.ACK.<stream>.<consumer>.<delivered>…, or with domain and account before the stream.
        return int(tokens[4] if len(tokens) <= _ACK_TOKENS else tokens[6])


class Outcome:
    """A performed effect and which of its results are not settled yet."""

    __slots__ = ("is_gone", "is_written", "results", "row", "unsettled")

    def __init__(self, row: EffectRow, results: Sequence[Delivery], *, is_written: bool = False) -> None:
        """Bind the results to their effect."""
        self.row = row
        self.results = tuple(results)
        self.unsettled = {result.envelope.id for result in results}
        self.is_written = is_written
        """Whether the row holds the results."""
        self.is_gone = False
        """Whether the row was deleted."""
        for result in results:
            result.outcome = self


class UnreadableMessageError(ValueError):
    """The body does not fit the contract, or the headers the subject, or a header cannot be kept; the text names it."""


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
    envelope = read_envelope(subject, headers, fallback_id=fallback, stored_at=stored_at)
    delivery = Delivery(subject, headers, msg.data, envelope, msg=msg)
    flaw = _flaw(subject, envelope, headers)
    if flaw:
        delivery.flaw = flaw
        # Its place in the stream names it instead: two messages that cannot be told apart are two dead letters.
        delivery.envelope = msgspec.structs.replace(envelope, id=_stored_as(msg)[0], reply_to="")
        delivery.tried_as = delivery.envelope.id
    return delivery


def _flaw(subject: str, envelope: Envelope, headers: dict[str, str]) -> str:
    """Return what about subject or headers keeps a message from being handled; empty for nearly all."""
    if MALFORMED_HEADERS in headers:
        return "the headers cannot be read"
    if not (subject.isascii() or storable(subject) == subject):
        return f"the subject is {subject!r}, which is no UTF-8"
    identifier = envelope.id
    if len(identifier) == LENGTH_MAX and len(whole := headers.get(ID) or headers.get(TRANSPORT_ID, "")) > LENGTH_MAX:
        # Shortened, two that begin alike would be taken for one message.
        return f"{ID} has {len(whole)} characters; {LENGTH_MAX} at most"
    if "\x00" in identifier or not (identifier.isascii() or storable(identifier) == identifier):
        return f"{ID} is {identifier!r}; Postgres keeps neither NUL nor half of a surrogate pair in a text"
    return ""


def local(message: Contract, envelope: Envelope) -> Delivery:
    """Return the delivery of a message that never left this process."""
    return Delivery("", {}, b"", envelope, message=message)


def decoded(delivery: Delivery) -> Contract:
    """Return the message, decoding it on first use.

    Raises UnknownContractError for a type this build does not know, UnreadableMessageError for a body that does not
    fit its contract, whatever the decoder says of it (nested too deep is a RecursionError), and for headers or a body
    that do not fit the subject: NATS' permissions are about subjects, so nothing else may say what a message is, whom
    it is for, or who asks. Raises MemoryError.
    """
    if delivery.message is None:
        if delivery.flaw:
            raise UnreadableMessageError(delivery.flaw)
        if delivery.subject:
            _check_headers(delivery.envelope, delivery.headers)
        contract = find(delivery.envelope.type_name)
        try:
            message = decode(contract, delivery.body)
        except MemoryError:
            raise  # says more about this process than about the message
        except Exception as error:
            raise UnreadableMessageError(f"{delivery.envelope.type_name}: {error}") from error
        if delivery.subject and not travels_on(message, delivery.subject):
            raise UnreadableMessageError(f"{contract.subject}: the body is not for {delivery.subject}")
        delivery.message = message
    return delivery.message


def _check_headers(envelope: Envelope, headers: dict[str, str]) -> None:
    if (said := headers.get(TYPE)) is not None and said != envelope.type_name:
        raise UnreadableMessageError(f"{TYPE}: header says {said}, subject says {envelope.type_name}")
    if is_operators_own(envelope.id):
        raise UnreadableMessageError(f"{ID}: {envelope.id} is an operator's own; operators ask at admin endpoints")
    if envelope.reply_to and not is_inbox(envelope.reply_to):
        # Answered with this service's rights, it could be any message of its own.
        raise UnreadableMessageError(f"{REPLY}: {envelope.reply_to} is no inbox")


_EPOCH = datetime.fromtimestamp(0, UTC)


def _stored_as(msg: Msg) -> tuple[str, datetime]:
    metadata = msg.metadata
    stored_at = metadata.timestamp
    # The time tells a stream that was made anew from its predecessor: sequences start over, inboxes remember.
    return f"{metadata.stream}:{metadata.sequence.stream}:{int(stored_at.timestamp() * 1000)}", stored_at


__all__ = [
    "Delivery",
    "Outcome",
    "UnknownContractError",
    "UnreadableMessageError",
    "decoded",
    "from_stream",
    "local",
]
