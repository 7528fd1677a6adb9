"""The window that operators ask for: so many hours before an instant."""

from datetime import UTC, datetime, timedelta
from typing import Final

from actors.endpoints import EndpointError

EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""There was nothing to count before."""


def window_end(until: datetime | None, now: datetime, *, hours: int, begins: datetime = EPOCH) -> datetime:
    """Return where the window ends: now, if nothing is said or the instant is yet to come.

    Raises EndpointError 400 for a window that begins before `begins`, up to which what it would be counted of is kept.
    """
    end = now if until is None else min(until, now)
    earliest = begins + timedelta(hours=hours)
    if end < earliest:
        first = earliest + timedelta(seconds=1)
        kept = f"what is counted is kept since {begins:%Y-%m-%d %H:%M} UTC"
        raise EndpointError(400, f"until: {kept}; for {hours} h give {first:%Y-%m-%dT%H:%M:%SZ} or later")
    return end
