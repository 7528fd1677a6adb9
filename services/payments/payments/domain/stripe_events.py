"""What Stripe's events mean (DOMAIN §6, Stripe). They come unordered and repeated; each is read for itself alone.

Payments and disputes are told whole. A refund is not: the event says that one was made, and neither whether a bank
will take it nor whether it is all of the money. It is a reason to ask Stripe how the refunds stand (`RefundsMoved`).
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeAlias, cast
from uuid import UUID

import msgspec

from contracts.foreign_text import storable_key
from contracts.message import Command
from contracts.payments import Provider, RecordPayment, RecordRefund, RefundReason, ReviewRequired, payload_of
from payments.domain.charge import AMOUNT_MAX

PAID: Final = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
REFUNDED: Final = ("charge.refunded", "refund.updated", "refund.failed")
DISPUTED: Final = ("charge.dispute.created", "charge.dispute.funds_withdrawn")
HANDLED: Final = (*PAID, *REFUNDED, *DISPUTED, "charge.dispute.closed")
"""The kinds that may mean something; a failed payment means nothing, for nothing was given for it."""


STRIPE_KEYS: Final = ("id", "payment_intent", "charge")
"""Members of Stripe's objects by whose text something is looked up (`actors.foreign_json`)."""
_PLAYER_DIGITS_MAX: Final = 16


class RefundsMoved(msgspec.Struct, frozen=True):
    """Something happened to the refunds of a payment."""

    charge_id: str
    player_id: int
    """0 when the event does not say."""


class JudgeRefunds(Command, frozen=True, kw_only=True):
    """How the refunds of a payment at Stripe stand, in minor units; what that means depends on what we know of it."""

    subject: ClassVar[str] = "payments.cmd.{charge_id}.judge_refunds"
    charge_id: str
    player_id: int
    taken: int
    returned: int
    pending: int
    failure: str
    """Why the newest refund failed; empty when it did not."""
    returned_at: datetime


Meaning: TypeAlias = RecordPayment | RecordRefund | ReviewRequired | RefundsMoved


class _Data(msgspec.Struct):
    object: dict[str, Any]


class _Event(msgspec.Struct):
    data: _Data
    created: int | float = 0


_event: Final = msgspec.json.Decoder(_Event)


def meaning(kind: str, body: bytes, now: datetime) -> Meaning | None:
    """Return what an event says about money; None when it says nothing that matters here.

    Raises msgspec.ValidationError for a body that is no event of Stripe. What of it cannot be read is 0 or empty: money
    is written down all the same.
    """
    event = _event.decode(body)
    thing, at = event.data.object, _instant(event.created, now)
    if kind in PAID:
        return _payment(thing, at)
    if kind in REFUNDED:
        return RefundsMoved(_intent(thing), _player(thing))
    if kind in DISPUTED or kind == "charge.dispute.closed":
        return _dispute(kind, thing, at, now)
    return None


def _payment(session: dict[str, Any], at: datetime) -> RecordPayment | None:
    """A finished checkout means money only when it says so: with a deferred method it is finished unpaid."""
    if session.get("payment_status") != "paid":
        return None
    return RecordPayment(
        player_id=_player(session),
        provider=Provider.STRIPE,
        charge_id=_intent(session),
        payload=_payload(session),
        amount=_amount(session, "amount_total") or 0,
        currency=str(session.get("currency", "")).upper(),
        paid_at=at,
    )


def _dispute(kind: str, dispute: dict[str, Any], at: datetime, now: datetime) -> Meaning | None:
    """The money leaves when a dispute is opened; a bank's inquiry (`warning_…`) takes none yet."""
    status = str(dispute.get("status", ""))
    if kind == "charge.dispute.funds_withdrawn" or status == "lost":
        return _back(dispute, at)
    if kind == "charge.dispute.closed":
        won = "a dispute was won: the money is here again, what it bought was taken back"
        return _review(dispute, won, now) if status == "won" else None
    if status.startswith("warning_"):
        return _review(dispute, "a bank asks about a payment: answer it at Stripe, or refund", now)
    return _back(dispute, at)


def _back(dispute: dict[str, Any], at: datetime) -> RecordRefund:
    return RecordRefund(
        player_id=_player(dispute),
        provider=Provider.STRIPE,
        charge_id=_intent(dispute),
        reason=RefundReason.DISPUTE,
        refunded_at=at,
        amount=_amount(dispute, "amount"),
    )


def _review(thing: dict[str, Any], reason: str, now: datetime) -> ReviewRequired:
    return ReviewRequired(
        player_id=_player(thing), purchase_id=_purchase(thing), charge_id=_intent(thing), reason=reason, at=now
    )


def _intent(thing: dict[str, Any]) -> str:
    """Return the payment intent: one for a checkout, its charge, its refunds and its disputes.

    Money that came without one is none of a checkout; its charge names it, as in Stripe's list of transactions.
    """
    said = thing.get("payment_intent") or thing.get("charge") or thing.get("id")
    if isinstance(said, str):
        return storable_key(said)
    return f"unreadable:{hashlib.sha256(msgspec.json.encode(thing)).hexdigest()}"


def _player(thing: dict[str, Any]) -> int:
    """Return whose money it is; 0 when the object does not say (a dispute does not)."""
    return player_noted(_note(thing, "player_id"))


def player_noted(text: Any) -> int:
    """Return the player in a note that we made; 0 for anything else."""
    is_ours = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _PLAYER_DIGITS_MAX
    return int(text) if is_ours else 0


def _amount(thing: dict[str, Any], name: str) -> int | None:
    """Return an amount in minor units; None when there is none that the books could keep."""
    said = thing.get(name)
    return said if type(said) is int and 0 <= said <= AMOUNT_MAX else None


def _instant(seconds: float, now: datetime) -> datetime:
    """Return when it was; `now` for no time, and for one that has not come."""
    try:
        return min(datetime.fromtimestamp(seconds, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now


def _purchase(thing: dict[str, Any]) -> UUID | None:
    try:
        return UUID(_note(thing, "purchase_id"))
    except ValueError:
        return None


def _note(thing: dict[str, Any], name: str) -> str:
    """Return what we noted on the object when its checkout was made."""
    notes = thing.get("metadata")
    return str(cast("dict[str, Any]", notes).get(name, "")) if isinstance(notes, dict) else ""


def _payload(thing: dict[str, Any]) -> str:
    purchase_id = _purchase(thing)
    return "" if purchase_id is None else payload_of(purchase_id)
