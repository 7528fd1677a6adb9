"""What waits for a person (DOMAIN §6): purchases under review, refunds that are pending or refused, orphans."""

from datetime import datetime
from uuid import UUID

import msgspec


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One case that no rule decides: a person does."""

    purchase_id: UUID | None
    """None for an orphan."""
    charge_id: str
    player_id: int
    what: str
    """`REVIEW`, `REFUND_PENDING`, `REFUND_REFUSED` (of what stays credited) or `ORPHAN`."""
    reason: str
    amount: int
    """Stars, or minor units."""
    currency: str
    since: datetime


class Reviews(msgspec.Struct, frozen=True):
    """What waits, the oldest first."""

    cases: tuple[Waiting, ...] = ()
