"""A line of the update log (DOMAIN §11)."""

from datetime import datetime

import msgspec


class UpdateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One update and what came of it."""

    update_id: int
    player_id: int
    chat_id: int
    kind: str
    command: str = ""
    """What was asked for: `/play`, `tap:a`, empty when nothing."""
    status: str
    """`handled`, `limited`, `forged`, `ignored`; `unreadable` when too little of it could be read to do anything about
    it; `failed` for one that met a fault of ours: undone, or put aside as a dead letter if it is about money."""
    error: str = ""
    handler_ms: float = 0.0
    received_at: datetime


class Outcome(msgspec.Struct, frozen=True):
    """What a handler did with an update."""

    status: str = "handled"
    command: str = ""
