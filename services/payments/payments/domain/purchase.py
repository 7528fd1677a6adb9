"""A purchase: one attempt to buy one product, and every step it may take (DOMAIN §6)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import Currency, Product, Provider, PurchaseState, QuoteStep, payload_of

S = PurchaseState

INVOICE_LASTS: Final = timedelta(minutes=30)
"""Unpaid for so long, CREATED and INVOICE_SENT fail."""
CHECKOUT_EXTENDS: Final = timedelta(minutes=15)
"""A pre-checkout that passed holds the invoice and its discount for so long."""
CHECKOUT_LASTS: Final = timedelta(minutes=60)
"""Unpaid for so long after it, the provider is asked and PRECHECKOUT_OK fails."""
CREDIT_FAILURES_MAX: Final = 3

OPEN: Final = frozenset({S.CREATED, S.INVOICE_SENT, S.PRECHECKOUT_OK})
"""The states of an active invoice."""

# From REFUND_PENDING there is a way back, to where it came from, for when the provider refuses for good.
# FAILED is followed by PAID_UNCREDITED when money comes in all the same: money that came in is the truth.
_MOVES: Final = {
    S.CREATED: {S.INVOICE_SENT, S.PRECHECKOUT_OK, S.PAID_UNCREDITED, S.FAILED},
    S.INVOICE_SENT: {S.PRECHECKOUT_OK, S.PAID_UNCREDITED, S.FAILED},
    S.PRECHECKOUT_OK: {S.PAID_UNCREDITED, S.FAILED},
    S.FAILED: {S.PAID_UNCREDITED},
    S.PAID_UNCREDITED: {S.CREDITED, S.REVIEW},
    S.REVIEW: {S.CREDITED, S.REFUND_PENDING},
    S.CREDITED: {S.REFUND_PENDING},
    S.REFUND_PENDING: {S.REFUNDED, S.CREDITED, S.REVIEW},
    S.REFUNDED: set[PurchaseState](),
}


class IllegalMoveError(Exception):
    """A purchase was to take a step that its state does not allow; the caller had to look first."""


class Purchase(msgspec.Struct):
    """One purchase. Its price is the one it was made with."""

    purchase_id: UUID
    player_id: int
    product: Product
    provider: Provider
    currency: Currency
    amount: int
    base_amount: int
    price_version: int
    steps: tuple[QuoteStep, ...]
    redemption_id: UUID | None
    surface: str
    state: PurchaseState
    created_at: datetime
    expires_at: datetime
    changed_at: datetime
    prechecked_at: datetime | None = None
    paid_at: datetime | None = None
    credited_at: datetime | None = None
    refunded_at: datetime | None = None
    charge_id: str | None = None
    late: bool = False
    credit_attempts: int = 0
    reason: str = ""
    """Why it failed, is under review or was refunded."""

    @property
    def payload(self) -> str:
        """What its invoice carries: the purchase's id, by which the payment finds back to it."""
        return payload_of(self.purchase_id)

    @property
    def is_paid(self) -> bool:
        """Whether money for it came in, wherever that is now."""
        return self.charge_id is not None

    def is_open(self, now: datetime) -> bool:
        """Return whether its invoice may be paid."""
        return self.state in OPEN and now < self.expires_at

    def lapses_at(self) -> datetime | None:
        """Return when it fails for want of payment; None when it will not."""
        if self.state is S.PRECHECKOUT_OK and self.prechecked_at is not None:
            return self.prechecked_at + CHECKOUT_LASTS
        return self.expires_at if self.state in OPEN else None

    # -- steps ----------------------------------------------------------------------------------

    def mark_sent(self, now: datetime) -> None:
        """The invoice stands in the chat; later states know that already."""
        if self.state is S.CREATED:
            self._move(S.INVOICE_SENT, now)

    def pass_checkout(self, now: datetime) -> None:
        """The player is about to pay: invoice and discount are held for 15 minutes more."""
        if self.state is not S.PRECHECKOUT_OK:
            self._move(S.PRECHECKOUT_OK, now)
        self.prechecked_at = self.changed_at = now
        self.expires_at = max(self.expires_at, now + CHECKOUT_EXTENDS)

    def pay(self, charge_id: str, paid_at: datetime, now: datetime) -> None:
        """Money came in. Nothing is given yet: that is a turn of its own, so that a failure there cannot lose this."""
        self.late = self.state is S.FAILED or paid_at >= self.expires_at
        self._move(S.PAID_UNCREDITED, now)
        self.charge_id, self.paid_at, self.reason = charge_id, paid_at, ""

    def credit(self, now: datetime) -> None:
        """What was paid for is the player's."""
        self._move(S.CREDITED, now)
        self.credited_at = now

    def fail(self, reason: str, now: datetime) -> None:
        """The invoice came to nothing."""
        self._move(S.FAILED, now)
        self.reason = reason

    def count_attempt(self, now: datetime) -> None:
        """One more attempt to credit it; it is looked at again after the usual wait."""
        self.credit_attempts, self.changed_at = self.credit_attempts + 1, now

    def put_in_review(self, reason: str, now: datetime) -> None:
        """A person, or a policy, must decide."""
        self._move(S.REVIEW, now)
        self.reason = reason

    def start_refund(self, reason: str, now: datetime) -> None:
        """The money goes back; an uncredited payment passes through review."""
        if self.state is S.PAID_UNCREDITED:
            self._move(S.REVIEW, now)
        self._move(S.REFUND_PENDING, now)
        self.reason = reason

    def ask_refund_again(self, now: datetime) -> None:
        """The provider is asked once more; it is looked at again after the usual wait."""
        self.changed_at = now

    def keep(self, reason: str, now: datetime) -> None:
        """The provider refuses to give the money back: what was credited stays credited, the rest is for a person."""
        is_credited = self.credited_at is not None
        self._move(S.CREDITED if is_credited else S.REVIEW, now)
        self.reason = "" if is_credited else reason

    def refund(self, at: datetime, now: datetime) -> None:
        """Note that the provider gave the money back at `at`; raises IllegalMoveError where no refund can be."""
        self._move(S.REFUNDED, now)
        self.refunded_at = at

    def _move(self, to: PurchaseState, now: datetime) -> None:
        if to not in _MOVES[self.state]:
            raise IllegalMoveError(f"purchase {self.purchase_id} is {self.state} and cannot become {to}")
        self.state, self.changed_at = to, now
