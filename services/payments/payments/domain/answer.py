"""What whoever asks for an invoice is told at once; the chat hears of it by events."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payments import BuyRefusal, Currency


class BuyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to `BuyProduct`: the invoice, or why there is none. An invoice keeps the price it was made with."""

    purchase_id: UUID | None = None
    payload: str = ""
    amount: int = 0
    """Minor units, or Stars."""
    currency: Currency | None = None
    expires_at: datetime | None = None
    """Of the invoice; what is paid later is honoured all the same."""
    surface: str = ""
    """Where it was bought first, for one that was open already."""
    refusal: BuyRefusal | None = None
    until: datetime | None = None
    """When the refusal ends, where it does."""
