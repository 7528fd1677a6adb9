"""A purchase of a player who came by a link, merged of whatever payments says of it, in any order (DOMAIN §9)."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payments import Currency


class Bought(msgspec.Struct, kw_only=True):
    """What was credited stays credited at that time, and a refund that is known stays known."""

    id: UUID
    player_id: int
    amount: int
    """Stars, or minor units."""
    currency: Currency
    credited_at: datetime | None = None
    """None: all that was heard is its refund."""
    refunded_at: datetime | None = None
