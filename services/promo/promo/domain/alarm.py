"""The brute-force guard (DOMAIN §7): what it looks at every minute, and how the throttle tightens meanwhile."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from contracts.promo import GuardCandidate
from promo.domain.redeemer import FAILURES_MAX

WINDOW: Final = timedelta(minutes=10)
CAMPAIGN_FAILURES_MAX: Final = 100
"""More than so many on one stored code within the window, and its campaign is paused,"""
CAMPAIGN_PLAYERS_MIN: Final = 3
"""when they come from at least so many players: two who are in league pause nothing."""
OVERALL_FAILURES_MAX: Final = 300
"""More than so many within the window, whatever was typed, and the throttle tightens."""
COUNTED_PER_PLAYER_MAX: Final = 20
"""Of these, tries while blocked count too, but so many of one player at most: a handful cannot tighten it for all."""
TIGHTENED_FAILURES_MAX: Final = 2

ALARM: Final = "overall"
"""The name of the one alarm there is."""


class Alarm(msgspec.Struct):
    """Whether guessing goes on all over the place."""

    name: str
    since: datetime | None = None
    """None: all is calm."""

    @property
    def failures_allowed(self) -> int:
        """How many failures block a player now."""
        return FAILURES_MAX if self.since is None else TIGHTENED_FAILURES_MAX


class GuardSight(msgspec.Struct, frozen=True):
    """What the guard sees at the moment."""

    since: datetime | None
    """Since when there is an alarm; None: all is calm."""
    failures_allowed: int
    failures: int
    """Overall, within the window, as the alarm counts them."""
    players: int
    candidates: tuple[GuardCandidate, ...]


class Vigilance(msgspec.Struct, frozen=True):
    """How strict the throttle is at the moment."""

    failures_allowed: int
