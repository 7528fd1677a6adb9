"""An attempt to use a code, as the book of attempts keeps it: the guard and the dashboard read it."""

from datetime import datetime
from uuid import UUID

import msgspec


class Attempt(msgspec.Struct, frozen=True):
    """One code that was typed, and what came of it. What was typed is not in it."""

    at: datetime
    player_id: int
    result: str
    """`accepted`, or a `RedeemRefusal`."""
    is_failure: bool
    """Whether it counted for the throttle."""
    code_id: UUID | None
    """None when the code is none."""
    campaign: str | None
