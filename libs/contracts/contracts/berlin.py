"""Berlin days: the local date in `Europe/Berlin`, borders at 00:00:00 local (DOMAIN, conventions).

A day has 23, 24 or 25 hours; whatever is asked here is right on all three.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

ZONE: Final = ZoneInfo("Europe/Berlin")
ONE_DAY: Final = timedelta(days=1)


class BerlinDay(msgspec.Struct, frozen=True):
    """One local date and the instants (UTC) between which it lies: `begins <= instant < ends`."""

    local: date
    begins: datetime
    ends: datetime

    @property
    def yesterday(self) -> date:
        """The local date before this one."""
        return self.local - ONE_DAY


@lru_cache(maxsize=512)
def day(local: date) -> BerlinDay:
    """Return the Berlin day of a local date."""
    return BerlinDay(local, _midnight(local), _midnight(local + ONE_DAY))


def _midnight(local: date) -> datetime:
    return datetime.combine(local, time.min, ZONE).astimezone(UTC)


def day_of(instant: datetime) -> BerlinDay:
    """Return the Berlin day in which an aware instant lies."""
    return day(instant.astimezone(ZONE).date())


def monday_of(local: date) -> date:
    """Return the Monday that begins the week (Mon–Sun) of a local date."""
    return local - timedelta(days=local.weekday())
