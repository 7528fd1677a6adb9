"""What Stripe's objects say that matters here, and how a movement on its balance is told."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from payments.domain.charge import AMOUNT_MAX
from payments.domain.stripe_events import player_noted
from payments.providers import Direction, ProviderTransaction, TransactionKind

UNDER_WAY: Final = ("pending", "requires_action")
"""A refund's states while a bank has neither taken nor refused it."""
KINDS: Final = {
    "charge": TransactionKind.PAYMENT,
    "refund": TransactionKind.REFUND,
    "refund_failure": TransactionKind.REFUND_FAILURE,
    "dispute": TransactionKind.DISPUTE,
    "dispute_reversal": TransactionKind.DISPUTE_REVERSAL,
}
"""Stripe's reporting categories that are about a purchase; fees and payouts are not."""


class Charge(msgspec.Struct):
    """Money that was taken; what we noted when its checkout was made is on it."""

    id: str
    payment_intent: str | None = None
    metadata: dict[str, Any] = {}


class Source(msgspec.Struct):
    """What moved the money: a charge, or a refund or dispute with the id of its charge."""

    id: str
    amount: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
    currency: str
    object: str
    payment_intent: str | None = None
    charge: str | None = None
    metadata: dict[str, Any] = {}
    status: str | None = None

    @property
    def is_settled(self) -> bool:
        """False for a refund that a bank has not taken yet: it may come back."""
        return self.object != "refund" or self.status not in UNDER_WAY


class Refund(msgspec.Struct):
    """Money on its way back to a buyer. `amount` in minor units."""

    id: str
    amount: int
    status: str
    created: int
    metadata: dict[str, Any] = {}
    failure_reason: str | None = None
    balance_transaction: Any = None


class Movement(msgspec.Struct):
    """A line of the balance's own book: minor units, below 0 what went out."""

    id: str
    amount: int
    created: int
    reporting_category: str
    source: Any = None
    """A `Source` when it is one of the kinds we know."""


def transaction(movement: Movement, source: Source, charge: Charge) -> ProviderTransaction:
    """Return a movement as reconciliation reads it; raises ValueError or OverflowError for a time that is none."""
    purchase = charge.metadata.get("purchase_id")
    return ProviderTransaction(
        charge_id=charge.payment_intent or charge.id,
        direction=Direction.IN if movement.amount > 0 else Direction.OUT,
        kind=KINDS[movement.reporting_category],
        row_id=movement.id,
        amount=source.amount,
        currency=source.currency.upper(),
        at=datetime.fromtimestamp(movement.created, UTC),
        purchase_id=purchase if isinstance(purchase, str) else None,
        user_id=player_noted(charge.metadata.get("player_id")) or None,
    )
