"""A purchase as promo knows it, merged of whatever payments says of it, in any order (DOMAIN §8)."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payments import Currency, Product


class Bought(msgspec.Struct, kw_only=True):
    """What was credited stays credited at that time, and a refund that is known stays known."""

    id: UUID
    player_id: int
    product: Product
    amount: int
    """Stars, or minor units."""
    currency: Currency
    credited_at: datetime | None = None
    """None: all that was heard is its refund."""
    refunded_at: datetime | None = None
    impression_id: UUID | None = None
    """The impression by whose button it was bought."""
    offered_at: datetime | None = None
    """The player's last impression before it, shown or withheld; None: none, as far as is known."""
    is_withheld: bool = False
    """Whether the player was in the holdout at that impression."""

    @property
    def stands(self) -> bool:
        """Whether it was credited and not given back."""
        return self.credited_at is not None and self.refunded_at is None
