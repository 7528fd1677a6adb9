"""Codes and their batches. Nobody here knows a code: only what it is stored under (DOMAIN §7)."""

from datetime import datetime
from uuid import UUID

import msgspec


class FoundCode(msgspec.Struct, frozen=True):
    """Which code one of the fingerprints belongs to. This never changes, so it is read without a lock."""

    code_id: UUID
    campaign: str
    batch_id: UUID


class Code(msgspec.Struct):
    """One code with its counters."""

    id: UUID
    campaign: str
    batch_id: UUID
    player_id: int | None = None
    """Who alone may use it; None: whoever has it."""
    used: int = 0
    reserved: int = 0

    def is_for(self, player_id: int) -> bool:
        """Whether this player may use it."""
        return self.player_id in (None, player_id)

    def is_depleted(self, uses_max: int | None) -> bool:
        """Whether no use of it is left; a reservation holds one."""
        return uses_max is not None and self.used + self.reserved >= uses_max

    def is_untouched(self) -> bool:
        """Whether nobody used it or holds a use of it."""
        return not (self.used or self.reserved)


class Batch(msgspec.Struct):
    """Codes that were made or imported together."""

    id: UUID
    campaign: str
    codes: int
    made_at: datetime
    revoked_at: datetime | None = None

    def bars(self, code: Code) -> bool:
        """Whether a revocation took this code out of use: only those that nobody had used by then."""
        return self.revoked_at is not None and code.is_untouched()
