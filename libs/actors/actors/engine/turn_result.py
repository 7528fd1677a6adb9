"""What came of a batch: who is done, who failed, and what is to leave the service now."""

from datetime import datetime

import msgspec

from actors.engine.delivery import Delivery
from actors.engine.rows import EffectRow, OutboxRow, PendingDeletes


class TurnResult(msgspec.Struct):
    """What came of a batch. Every delivery is in exactly one of the first four lists."""

    done: list[Delivery] = msgspec.field(default_factory=list[Delivery])
    """Had its effect, or had it before (also: was refused by the rules, which is an effect like any other)."""
    failed: list[tuple[Delivery, Exception]] = msgspec.field(default_factory=list[tuple[Delivery, Exception]])
    """Left no trace; may be tried again."""
    unreadable: list[tuple[Delivery, Exception]] = msgspec.field(default_factory=list[tuple[Delivery, Exception]])
    """Will never be handled by this build."""
    postponed: list[Delivery] = msgspec.field(default_factory=list[Delivery])
    """Nothing has happened to them, for Postgres went away (`outage`) after others of the batch were committed."""
    outage: Exception | None = None
    outbox: list[OutboxRow] = msgspec.field(default_factory=list[OutboxRow])
    effects: list[EffectRow] = msgspec.field(default_factory=list[EffectRow])
    replies: list[tuple[str, bytes]] = msgspec.field(default_factory=list[tuple[str, bytes]])
    """(subject, body) of answers to asks."""
    lasted: list[tuple[str, datetime]] = msgspec.field(default_factory=list[tuple[str, datetime]])
    """What is over by this, and since when it was under way."""
    duplicates: int = 0
    deleted: list[EffectRow] = msgspec.field(default_factory=list[EffectRow])
    """Effects whose rows the turn's transactions deleted: these may be forgotten, and no others."""
    untidied: PendingDeletes = msgspec.field(default_factory=PendingDeletes)
    """What is left to delete after all."""

    def merge(self, other: "TurnResult") -> "TurnResult":
        """Add what came of another part of the batch."""
        for name in ("done", "failed", "unreadable", "postponed", "outbox", "effects", "replies", "lasted", "deleted"):
            getattr(self, name).extend(getattr(other, name))
        self.duplicates += other.duplicates
        self.untidied.add(other.untidied)
        self.outage = self.outage or other.outage
        return self
