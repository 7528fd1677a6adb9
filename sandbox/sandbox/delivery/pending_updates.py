"""The updates the bot has not taken yet, oldest first."""

from itertools import islice

from sandbox.delivery.update import Update
from sandbox.stats import Stats

SWEEP_EVERY = 4096


class PendingUpdates:
    """An ordered set of waiting updates. Expired ones are swept out now and then, and whenever it is read."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._waiting: dict[int, Update] = {}
        self._added = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, update: Update, now: float) -> None:
        """Add one update at the end."""
        self._waiting[id(update)] = update
        self._added += 1
        if self._added % SWEEP_EVERY == 0:
            self.sweep(now)

    def done(self, update: Update) -> None:
        """The bot has taken it."""
        if self._waiting.pop(id(update), None) is not None:
            self._stats.update("delivered", update.kind)

    def expired(self, update: Update) -> None:
        """Telegram gave up on it."""
        if self._waiting.pop(id(update), None) is not None:
            self._stats.update("expired", update.kind)

    def sweep(self, now: float) -> None:
        """Let go of everything whose time is over."""
        for update in [one for one in self._waiting.values() if one.expires_at <= now]:
            self.expired(update)

    def all(self) -> list[Update]:
        """Every waiting update, oldest first."""
        return list(self._waiting.values())

    def clear(self) -> None:
        """Drop everything (`drop_pending_updates`)."""
        self._waiting.clear()

    def confirm_below(self, offset: int) -> None:
        """getUpdates with an offset takes every update with a smaller id as handled."""
        for update in [one for one in self._waiting.values() if one.id < offset]:
            self.done(update)

    def keep_last(self, count: int) -> None:
        """A negative getUpdates offset forgets all but the last `count` updates."""
        for update in self.all()[:-count]:
            self.done(update)

    def first(self, limit: int, now: float) -> list[Update]:
        """Up to `limit` waiting updates that are still worth delivering."""
        self.sweep(now)
        return list(islice(self._waiting.values(), limit))
