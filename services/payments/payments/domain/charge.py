"""A charge: money as a provider reported it. Its identifier is the provider's, and the natural key of every credit."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import Provider
from payments.domain.ledger import CURRENCY

AMOUNT_MAX: Final = 10**12
"""More, in Stars or minor units, is taken for an amount that cannot be read: sums of it would leave a bigint."""

_REFUSED: Final = "; refund refused: "


class ChargeState(StrEnum):
    """Where the money is: with us, with us for nothing, on its way back, back."""

    TAKEN = "TAKEN"
    ORPHAN = "ORPHAN"
    REFUND_PENDING = "REFUND_PENDING"
    REFUNDED = "REFUNDED"


class Refusal(StrEnum):
    """Whether a provider refused for good to give the money back."""

    NONE = ""
    OPEN = "OPEN"
    """It did, and a person must decide: ask again, settle it by hand, or leave it."""
    LEFT = "LEFT"
    """It did, and a person left it so."""


class Charge(msgspec.Struct):
    """One payment at a provider."""

    charge_id: str
    provider: Provider
    player_id: int
    """Who paid; 0 when the provider did not say."""
    purchase_id: UUID | None
    """The one purchase that it pays for; None for an orphan."""
    state: ChargeState
    payload: str
    amount: int
    currency: str
    paid_at: datetime | None
    """None while all that is known is that it was refunded: word of the payment is still on its way."""
    recorded_at: datetime
    refunded_at: datetime | None = None
    problem: str = ""
    """Why it fits no purchase, a `CheckoutRefusal`; and the last words of a provider that refused its refund."""
    asked_at: datetime | None = None
    """When the provider was last asked to give an orphan back."""
    commission: int | None = None
    """Nanostars that an affiliate of Telegram's own programme got of it; None while none is known of."""
    refusal: Refusal = Refusal.NONE

    @property
    def is_back(self) -> bool:
        """Whether the money is with the player again."""
        return self.state is ChargeState.REFUNDED

    @property
    def is_bookable(self) -> bool:
        """Whether it is money that the ledger can hold: of what comes in from outside not all can be read."""
        return self.amount > 0 and CURRENCY.fullmatch(self.currency) is not None

    def ask_back(self, now: datetime) -> None:
        """The provider is asked for the money, for the first time or again; only an orphan's own state tells of it."""
        self.refusal, self.asked_at = Refusal.NONE, now
        if self.purchase_id is None:
            self.state = ChargeState.REFUND_PENDING

    def give_back(self, at: datetime) -> None:
        """Note that the money is back."""
        self.state, self.refunded_at, self.refusal = ChargeState.REFUNDED, at, Refusal.NONE

    def refuse_back(self, words: str) -> bool:
        """The provider will not give it back, and says why; returns whether that is news.

        An orphan is one again. Nobody asks by itself any more, until a person does.
        """
        why = self.problem.partition(_REFUSED)[0]
        before = (self.state, self.problem, self.refusal)
        self.problem, self.refusal = f"{why}{_REFUSED}{words}", Refusal.OPEN
        if self.state is ChargeState.REFUND_PENDING:
            self.state = ChargeState.ORPHAN
        return (self.state, self.problem, self.refusal) != before
