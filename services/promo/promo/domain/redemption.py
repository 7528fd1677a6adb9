"""A redemption: one player's use of one code (DOMAIN §7)."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.promo import RedemptionState


class Redemption(msgspec.Struct, kw_only=True):
    """One use. A grant is APPLIED at once."""

    id: UUID
    player_id: int
    code_id: UUID
    batch_id: UUID
    campaign: str
    state: RedemptionState
    made_at: datetime
    changed_at: datetime


class Use(msgspec.Struct, frozen=True):
    """What the rule "one use per player" must know of a redemption that stands."""

    redemption_id: UUID
    code_id: UUID
    batch_id: UUID
