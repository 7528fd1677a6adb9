"""Who takes the money: Telegram Stars and Stripe, as clients; and who says what a euro is worth."""

from datetime import datetime
from enum import StrEnum

import msgspec

from contracts.foreign_text import as_said, storable, storable_key


class ProviderError(Exception):
    """A provider did not do what it was asked."""


class ProviderUnavailableError(ProviderError):
    """The provider gave no answer, or one that says "not now". Whether the call took effect is unknown: ask again.

    Repeat the same call with the same key; a provider's idempotency makes that safe. `retry_after_seconds` is how long
    it asked to be left alone, None when it did not say.
    """

    def __init__(self, message: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(as_said(message))
        self.retry_after_seconds = retry_after_seconds


class ProviderUntouchedError(ProviderUnavailableError):
    """The provider has certainly done nothing: it was not reached, or said "not now" before it looked at anything."""


class ProviderRefusedError(ProviderError):
    """The provider answered no, and would answer no again. `code` is its own word for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(as_said(message))
        self.code = as_said(code)


class ProviderDeniedError(ProviderRefusedError):
    """The provider does not let us in (a wrong token, or it is switched off here): about the matter it said nothing."""


class RefundOutcome(StrEnum):
    """What became of a refund."""

    REFUNDED = "REFUNDED"
    ALREADY_REFUNDED = "ALREADY_REFUNDED"
    """The money was back before; as good as refunded (DOMAIN §6)."""
    PENDING = "PENDING"
    """Accepted; the buyer's bank takes days. It can still fail (`refund.failed`)."""


class Direction(StrEnum):
    """Which way money went, seen from us."""

    IN = "IN"
    OUT = "OUT"


class TransactionKind(StrEnum):
    """Why money went there, whatever the provider calls it."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    REFUND_FAILURE = "REFUND_FAILURE"
    """A refund came back to us."""
    DISPUTE = "DISPUTE"
    DISPUTE_REVERSAL = "DISPUTE_REVERSAL"
    OTHER = "OTHER"
    """No business with a player: a withdrawal, an advertisement."""


class ProviderTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of money in the provider's own book. `(charge_id, direction)` is its key (DOMAIN §6)."""

    charge_id: str
    """The id that a purchase knows: Telegram's charge id, Stripe's payment intent. Refunds carry the original's."""
    direction: Direction
    kind: TransactionKind
    row_id: str
    """The provider's name for this very row; for Stars the charge id once more."""
    amount: int
    """Whole Stars or minor units, never below 0; of Stars as Telegram says it, with a commission in it or without."""
    currency: str
    """`XTR`, `EUR`, `USD`, `GBP`."""
    at: datetime
    """When the money moved, UTC."""
    purchase_id: str | None = None
    """As it was given to Stripe when the checkout was made."""
    user_id: int | None = None
    """Telegram's id of the player."""
    payload: str | None = None
    """The invoice payload (Stars)."""
    nano: int = 0
    """Billionths of a Star beyond `amount`."""
    commission: int | None = None
    """Nanostars that an affiliate of Telegram's own programme got, or gave back with a refund; None: there is none."""
    per_mille: int = 0
    """That affiliate's rate."""
    movement: str = ""
    """What it is when it is neither purchase nor refund (`payments.domain.stars.Movement`); empty: not told."""
    said: bytes = b""
    """Telegram's own JSON, where it tells more than these fields."""
    has_come_back: bool = False
    """A withdrawal that failed: its Stars are here again, whether the list has a row of that or not."""

    def __post_init__(self) -> None:
        """Whatever a provider's texts have in them, its rows are kept, and found again by their keys."""
        fits = (("charge_id", storable_key), ("row_id", storable_key), ("currency", storable), ("payload", storable))
        for name, fit in fits:
            text = getattr(self, name)
            if text is not None:
                msgspec.structs.force_setattr(self, name, fit(text))
