"""The streak: active days in a row, and what bridges a missed one (DOMAIN §4).

One function settles missed days, at every touch and every night. A day is missed once it is over, so settling looks
at the days up to yesterday.
"""

from datetime import date
from typing import Final

import msgspec

from contracts.berlin import ONE_DAY, day, monday_of
from contracts.gameplay import StreakState, StreakView
from gameplay.domain.premium import Premium

RANK_ONE_FREEZE_A_WEEK: Final = 2
RANK_UNLIMITED: Final = 3
REMIND_FROM_DAYS: Final = 3


class Streak(msgspec.Struct, frozen=True, gc=False):
    """A player's streak. `days` is right as of the end of `settled_on`."""

    days: int = 0
    best: int = 0
    active_on: date | None = None
    """The last active day."""
    settled_on: date | None = None
    """The last day accounted for: active, bridged or lost."""
    bridged_on: date | None = None
    """The last missed day that a saver or a freeze bridged."""
    freeze_week: date | None = None
    """Monday of the week in which the last premium freeze was used."""


class Settlement(msgspec.Struct, frozen=True, gc=False):
    """What settling the missed days came to."""

    streak: Streak
    savers_used: int = 0
    days_frozen: int = 0
    lost_days: int = 0

    @property
    def changed(self) -> bool:
        """Whether any missed day was bridged or the streak was lost."""
        return bool(self.savers_used or self.days_frozen or self.lost_days)


def settle(streak: Streak, savers: int, premium: Premium, today: date) -> Settlement:
    """Settle each missed day before `today`: a saver token, else a freeze the plan allowed that day, else 0."""
    yesterday = today - ONE_DAY
    if not streak.days or streak.settled_on is None or streak.settled_on >= yesterday:
        return Settlement(streak)
    missed, used, frozen = streak.settled_on + ONE_DAY, 0, 0
    bridged, freeze_week = streak.bridged_on, streak.freeze_week
    while missed <= yesterday:
        if used < savers:
            used += 1
        elif _may_freeze(premium, missed, freeze_week):
            frozen += 1
            freeze_week = monday_of(missed)
        else:
            lost = Streak(0, streak.best, streak.active_on, yesterday, bridged, freeze_week)
            return Settlement(lost, used, frozen, streak.days)
        bridged = missed
        missed += ONE_DAY
    kept = Streak(streak.days, streak.best, streak.active_on, yesterday, bridged, freeze_week)
    return Settlement(kept, used, frozen)


def _may_freeze(premium: Premium, missed: date, freeze_week: date | None) -> bool:
    """Return whether the plan of that day allowed a freeze: Starter 0, Month 1 per week, Season and Year any."""
    if not premium.terms:
        return False
    rank = premium.rank_on(day(missed))
    return rank >= RANK_UNLIMITED or (rank == RANK_ONE_FREEZE_A_WEEK and freeze_week != monday_of(missed))


def touch(streak: Streak, today: date) -> Streak:
    """Return a settled streak after an activity of `today`; only the first of a day counts."""
    if streak.active_on is not None and streak.active_on >= today:
        return streak
    days = streak.days + 1
    return Streak(days, max(streak.best, days), today, today, streak.bridged_on, streak.freeze_week)


def state(streak: Streak, today: date) -> StreakState:
    """Return how a settled streak stands today.

    Frozen today means that yesterday was missed and bridged, so the streak stands still until the player plays.
    """
    if not streak.days:
        return StreakState.NONE
    if streak.active_on == today:
        return StreakState.ACTIVE_TODAY
    return StreakState.FROZEN_TODAY if streak.bridged_on == today - ONE_DAY else StreakState.AT_RISK


def is_worth_reminding(streak: Streak, today: date) -> bool:
    """Return whether a streak of 3 or more ends today's day unplayed, frozen yesterday or not (DOMAIN §4)."""
    return streak.days >= REMIND_FROM_DAYS and streak.active_on != today


def view(streak: Streak, savers: int, today: date, *, raised: bool = False) -> StreakView:
    """Return a settled streak as events carry it."""
    return StreakView(
        days=streak.days, best=streak.best, state=state(streak, today), saver_tokens=savers, raised=raised
    )
