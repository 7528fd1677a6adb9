"""A player as referrals know them, whether they were brought by somebody or bring others (DOMAIN §9)."""

from datetime import date, datetime
from typing import Final

import msgspec

from referrals.domain.progress import LATE_WORDS, NOTHING, QUALIFYING_WITHIN, Progress

DAYS_KEPT: Final = 3
"""Starts are heard of late at times, around midnight; of older days nobody counts any more."""


class DayStarts(msgspec.Struct, frozen=True):
    """How many players came by somebody's link on a Berlin day."""

    on: date
    count: int


class Member(msgspec.Struct):
    """One player. Locking both ends of a referral makes decisions about them follow one another."""

    player_id: int
    joined_at: datetime | None = None
    """When gameplay first heard of them, which makes a player new; None: not heard of yet."""
    invited_by: int | None = None
    """Whose link bound them; None: nobody's."""
    code: str | None = None
    """Of their own link; None until they first want one."""
    starts: tuple[DayStarts, ...] = ()
    """By their link, of late."""
    early: Progress = NOTHING
    """What they had answered before a link of theirs was heard of."""

    def join(self, at: datetime) -> None:
        """Note when gameplay first heard of them: the earliest word is the truth."""
        if self.joined_at is None or at < self.joined_at:
            self.joined_at = at

    def hear_early(self, progress: Progress, at: datetime) -> None:
        """Note answers up to an instant of somebody who came by no link that is heard of yet.

        Whoever joined longer ago than a referral lasts will not turn out to have come by one that these count for.
        """
        if self.joined_at is None or at <= self.joined_at + QUALIFYING_WITHIN + LATE_WORDS:
            self.early = self.early.merged(progress)

    def count_start(self, on: date) -> int:
        """Count a player who came by their link on a Berlin day; returns the how-manieth of that day it is."""
        count = 1 + next((day.count for day in self.starts if day.on == on), 0)
        others = [day for day in self.starts if day.on != on]
        kept = sorted([*others, DayStarts(on, count)], key=lambda day: day.on, reverse=True)
        self.starts = tuple(kept[:DAYS_KEPT])
        return count
