"""What kitchen remembers."""

import uuid
from datetime import datetime

import msgspec


class Pot(msgspec.Struct):
    """A cook's pot, and the egg in it, if there is one."""

    cook: str
    egg: uuid.UUID | None = None
    done_at: datetime | None = None
    """When the egg is done (UTC)."""

    def seconds_left(self, now: datetime) -> int:
        """Return the whole seconds until the egg is done; 0 for one that is, and for no egg."""
        return 0 if self.done_at is None else max(0, round((self.done_at - now).total_seconds()))

    def empty(self) -> None:
        """Take the egg out."""
        self.egg = self.done_at = None
