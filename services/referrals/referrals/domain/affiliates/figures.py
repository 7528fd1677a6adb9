"""What a partner sees of those whom they brought (DOMAIN §9): a funnel, and what each week earned."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from contracts.berlin import monday_of
from contracts.referrals import Funnel, PayoutView, WeekEarned

WEEKS_SHOWN: Final = 12
PAYOUTS_SHOWN: Final = 5
COUNTED_FROM: Final = 5_000
"""Of whom so many or more came, the funnel is counted every 15 minutes, and not for each page."""


class AffiliateFigures(msgspec.Struct, frozen=True, kw_only=True):
    """As they were read at the beginning of a turn."""

    player_id: int
    funnel: Funnel = Funnel()
    weeks: tuple[WeekEarned, ...] = ()
    payouts: tuple[PayoutView, ...] = ()
    """The last ones, newest first."""


def whole_weeks(earned: Sequence[tuple[date, int]], today: date) -> tuple[WeekEarned, ...]:
    """Return the last twelve weeks, oldest first, those that earned nothing too; `today` is Berlin's."""
    of_week = dict(earned)
    monday = monday_of(today)
    begins = [monday - timedelta(weeks=back) for back in range(WEEKS_SHOWN - 1, -1, -1)]
    return tuple(WeekEarned(begins=day, stars=of_week.get(day, 0)) for day in begins)
