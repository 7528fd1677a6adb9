"""Leaderboards (DOMAIN §3): day, week and all time, by right answers; equal scores share a place."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from contracts.berlin import monday_of
from contracts.gameplay import Period, RankedPlayer

TOP: Final = 10


class Score(msgspec.Struct, frozen=True, gc=False):
    """What one answer adds to a player's score of a Berlin day."""

    player_id: int
    day: date
    right: int
    answers: int
    total_ms: int


class DailyMark(msgspec.Struct, frozen=True):
    """A daily run begun, or finished with its result."""

    player_id: int
    day: date
    at: datetime
    is_finished: bool
    right: int = 0
    total_ms: int = 0


class Board(msgspec.Struct, frozen=True):
    """A leaderboard as one player sees it."""

    top: tuple[RankedPlayer, ...] = ()
    own: RankedPlayer | None = None
    players: int = 0


class DailyStanding(msgspec.Struct, frozen=True):
    """A finished daily run among all finished runs of its day: more right first, then less time; equals share."""

    right: int
    total_ms: int
    rank: int
    players: int


def first_day(period: Period, today: date) -> date | None:
    """Return the first Berlin day that counts in a period; None for all time. Weeks begin on Monday."""
    match period:
        case Period.DAY:
            return today
        case Period.WEEK:
            return monday_of(today)
        case Period.ALL_TIME:
            return None


def rank(right: int, players_by_right: Mapping[int, int]) -> int:
    """Return the place of a score: one more than the players who have more right answers."""
    return 1 + sum(players for score, players in players_by_right.items() if score > right)
