"""Berlin months (DOMAIN §9: at most two rewards each)."""

from datetime import datetime, timedelta
from typing import Final

from contracts.berlin import BerlinDay, day, day_of

LOOKED_AT: Final = timedelta(minutes=5)
"""After midnight of its first day a month's deferred rewards are looked at."""


def counted_on(now: datetime) -> BerlinDay:
    """Return the day in whose month rewards open: the last month's until the deferred ones are looked at."""
    return day_of(now - LOOKED_AT)


def first_of(today: BerlinDay) -> datetime:
    """Return when the month of a day began (UTC)."""
    return day(today.local.replace(day=1)).begins


def next_month(today: BerlinDay) -> datetime:
    """Return when the deferred rewards of the next month are looked at (UTC): 00:05 of its first day."""
    later = today.local.replace(day=28) + timedelta(days=4)
    return day(later.replace(day=1)).begins + LOOKED_AT
