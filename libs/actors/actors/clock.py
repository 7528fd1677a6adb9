"""One clock, handed to whoever needs the time, so that a test can play a year in a second."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The one source of time: whatever needs it is handed a clock, so that tests can move it."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock, which may be set back."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        """Start at `start` (must be aware)."""
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to `moment` (must be aware)."""
        self._now = moment.astimezone(UTC)

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move on by real elapsed time (a day is 24 h here, whatever the local clocks do)."""
        self._now += timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)
