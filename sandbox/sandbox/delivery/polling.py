"""getUpdates: long polling, confirmation by offset, and one poller at a time."""

import asyncio

from sandbox.clock import Clock
from sandbox.delivery.pending_updates import PendingUpdates
from sandbox.delivery.update import Update
from sandbox.errors import ApiError

TAKEN_OVER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Polling:
    """At most one getUpdates waits; a newer one ends it with 409, as Telegram does."""

    def __init__(self, pending: PendingUpdates, clock: Clock) -> None:
        self._pending = pending
        self._clock = clock
        self._waiter: asyncio.Future[None] | None = None

    async def take(self, offset: int | None, limit: int, timeout_seconds: float) -> list[Update]:
        """Waiting updates from `offset` on; waits up to `timeout_seconds` for the first one. 409 when taken over."""
        self.interrupt(TAKEN_OVER)
        if offset is not None and offset < 0:
            self._pending.keep_last(-offset)
        elif offset:
            self._pending.confirm_below(offset)
        found = self._pending.first(limit, self._clock.now())
        if found or timeout_seconds <= 0:
            return found
        await self._wait(timeout_seconds)
        return self._pending.first(limit, self._clock.now())

    async def _wait(self, timeout_seconds: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            async with asyncio.timeout(timeout_seconds):
                await waiter
        except TimeoutError:
            return
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def wake(self) -> None:
        """There is something to take."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def interrupt(self, reason: str) -> None:
        """End the waiting getUpdates with 409."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(ApiError(409, reason))

    def close(self) -> None:
        """Let a getUpdates that waits return without updates."""
        self.wake()
