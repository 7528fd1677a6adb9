"""What gameplay tells again of its current state, to a hearer that came late (`admin.gameplay.restate.start`)."""

from datetime import date, datetime
from typing import ClassVar

import msgspec

from contracts.gameplay.vocabulary import Level, Mode
from contracts.message import Event


class ModeLevel(msgspec.Struct, frozen=True, kw_only=True):
    """The level that a player has reached in a mode."""

    mode: Mode
    level: Level


class PlayerRestated(Event, frozen=True, kw_only=True):
    """A player as they stand, for one hearer.

    Merge it with what the live events say, in whatever order they come: `joined_at` is the same for ever, as are the
    instants of answers once they are there; levels and figures never fall, the later `active_on` counts. Of the
    language, which no live event tells, the latest `as_of`.
    """

    subject: ClassVar[str] = "gameplay.evt.{hearer}.player_restated"
    version: ClassVar[int] = 3
    hearer: str
    """The service that asked for it; nobody else hears it."""
    player_id: int
    joined_at: datetime
    language: str
    """Of the player's client, two letters or more."""
    answered: int
    right: int
    levels: tuple[ModeLevel, ...] = ()
    """Of the modes whose level adapts and has been reached by an answer."""
    best_streak: int = 0
    active_on: date | None = None
    """The last Berlin day that counts for the streak."""
    streak_days: int = 0
    """As it was when `streak_settled_on` ended. With `StreakChanged` the later day is the truth, and on one day that
    the player has played."""
    streak_settled_on: date | None = None
    """The last day that is accounted for: played, bridged or lost; None: never played."""
    first_day_at: datetime | None = None
    """The first answer of all; None: none, or it was not noted."""
    second_day_at: datetime | None = None
    """The first answer of the second Berlin day with one; None: there was one such day at most."""
    twentieth_at: datetime | None = None
    """The 20th answer."""
    as_of: datetime
    """When this was read."""
