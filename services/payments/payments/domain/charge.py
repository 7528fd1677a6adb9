"""A charge: money as a provider reported it. Its identifier is the provider's, and the natural key of every credit."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import Provider

_REFUSED: Final = "; refund refused: "


class ChargeState(StrEnum):
    """Where the money is: with us, with us for nothing, on its way back, back."""

    TAKEN = "TAKEN"
    ORPHAN = "ORPHAN"
    REFUND_PENDING = "REFUND_PENDING"
    REFUNDED = "REFUNDED"


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

    @property
    def is_back(self) -> bool:
        """Whether the money is with the player again."""
        return self.state is ChargeState.REFUNDED

    def ask_back(self, now: datetime) -> None:
        """Money without a purchase is asked for at the provider, for the first time or again."""
        self.state, self.asked_at = ChargeState.REFUND_PENDING, now

    def give_back(self, at: datetime) -> None:
        """Note that the money is back."""
        self.state, self.refunded_at = ChargeState.REFUNDED, at

    def note_refusal(self, words: str) -> bool:
        """Keep why the provider refuses the refund; returns whether it had said something else before, or nothing."""
        why = self.problem.partition(_REFUSED)[0]
        before, self.problem = self.problem, f"{why}{_REFUSED}{words}"
        return self.problem != before
