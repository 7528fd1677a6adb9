"""The local date in Berlin (DOMAIN, conventions)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def berlin_day(moment: datetime) -> date:
    """Return the Berlin day of an aware instant."""
    return moment.astimezone(BERLIN).date()
