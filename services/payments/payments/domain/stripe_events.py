"""What Stripe's events mean (DOMAIN §6, Stripe). They come unordered and repeated; each is read for itself alone.

Payments and disputes are told whole. A refund is not: the event says that one was made, and neither whether a bank
will take it nor whether it is all of the money. It is a reason to ask Stripe how the refunds stand (`RefundsMoved`).
"""

from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeAlias
from uuid import UUID

import msgspec

from contracts.message import Command, register
from contracts.payments import Provider, RecordPayment, RecordRefund, RefundReason, ReviewRequired, payload_of

PAID: Final = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
REFUNDED: Final = ("charge.refunded", "refund.updated", "refund.failed")
DISPUTED: Final = ("charge.dispute.created", "charge.dispute.funds_withdrawn")
HANDLED: Final = (*PAID, *REFUNDED, *DISPUTED, "charge.dispute.closed")
"""The kinds that may mean something; a failed payment means nothing, for nothing was given for it."""


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
    created: int
    data: _Data


_event: Final = msgspec.json.Decoder(_Event)

register(JudgeRefunds)


def meaning(kind: str, body: bytes, now: datetime) -> Meaning | None:
    """Return what an event says about money; None when it says nothing that matters here.

    Raises msgspec.ValidationError for a body that is no event of Stripe.
    """
    event = _event.decode(body)
    thing, at = event.data.object, datetime.fromtimestamp(event.created, UTC)
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
        amount=int(session["amount_total"]),
        currency=str(session["currency"]).upper(),
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
        amount=int(dispute["amount"]) if "amount" in dispute else None,
    )


def _review(thing: dict[str, Any], reason: str, now: datetime) -> ReviewRequired:
    return ReviewRequired(
        player_id=_player(thing), purchase_id=_purchase(thing), charge_id=_intent(thing), reason=reason, at=now
    )


def _intent(thing: dict[str, Any]) -> str:
    """Return the payment intent: one for a checkout, its charge, its refunds and its disputes.

    Money that came without one is none of a checkout; its charge names it, as in Stripe's list of transactions.
    """
    return str(thing.get("payment_intent") or thing.get("charge") or thing["id"])


def _player(thing: dict[str, Any]) -> int:
    """Return whose money it is; 0 when the object does not say (a dispute does not)."""
    text = _note(thing, "player_id")
    return int(text) if text.isascii() and text.isdigit() else 0


def _purchase(thing: dict[str, Any]) -> UUID | None:
    try:
        return UUID(_note(thing, "purchase_id"))
    except ValueError:
        return None


def _note(thing: dict[str, Any], name: str) -> str:
    """Return what we noted on the object when its checkout was made."""
    notes: dict[str, Any] = thing.get("metadata") or {}
    return str(notes.get(name, ""))


def _payload(thing: dict[str, Any]) -> str:
    purchase_id = _purchase(thing)
    return "" if purchase_id is None else payload_of(purchase_id)
