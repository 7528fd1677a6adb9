"""What is known of all referrals of a player together."""

from datetime import datetime

import msgspec


class Earned(msgspec.Struct, frozen=True):
    """The qualified referrals of a player."""

    count: int
    every_third: tuple[datetime, ...]
    """When the third, the sixth, … of them qualified, the earliest first."""


class Figures(msgspec.Struct, frozen=True):
    """What came of a player's link."""

    started: int = 0
    """Bound, those that were rejected left out."""
    qualified: int = 0
