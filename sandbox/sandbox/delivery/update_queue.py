"""Makes updates, lets faults have their way with them, and hands them to whoever delivers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from sandbox.clock import Clock
from sandbox.delivery.held_updates import HeldUpdates
from sandbox.delivery.pending_updates import PendingUpdates
from sandbox.delivery.polling import Polling
from sandbox.delivery.update import NOT_BY_DEFAULT, Update, kept_seconds, queue_of, topic_of
from sandbox.delivery.webhook import Webhook
from sandbox.faults.rules import Faults
from sandbox.shapes import to_json
from sandbox.stats import Stats

SECONDS_2025 = 1_735_689_600
REORDER_WAIT_SECONDS = 1.0
"""A held-back update goes out after the next one, or after this time when none comes."""


class UpdateQueue:
    """The counter where updates are numbered. Ids rise by one; they start high enough to outlive a restart."""

    def __init__(self, clock: Clock, stats: Stats, faults: Faults, webhook: Webhook, pending: PendingUpdates) -> None:
        self._clock = clock
        self._stats = stats
        self._faults = faults
        self._held: dict[str, Update] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_id = (int(clock.now()) - SECONDS_2025) * 10
        self.held = HeldUpdates()
        self.allowed: frozenset[str] | None = None
        self.pending = pending
        self.webhook = webhook
        self.polling = Polling(pending, clock)

    def make(self, kind: str, player_id: int, payload: dict[str, Any]) -> int:
        """Number an update of this kind and send it on its way; returns its update_id."""
        update_id = self.next_id()
        body = to_json({"update_id": update_id, kind: payload})
        expires_at = self._clock.now() + kept_seconds(kind)
        self.enter(Update(update_id, kind, queue_of(kind, player_id), body, expires_at, topic_of(kind, payload)))
        return update_id

    def next_id(self) -> int:
        """Count on; Telegram's ids rise by one an update."""
        self._next_id += 1
        return self._next_id - 1

    def enter(self, update: Update) -> None:
        """Count an update, drop it when the bot does not want its kind, and apply the faults set for it."""
        self._stats.update("made", update.kind)
        if update.kind in NOT_BY_DEFAULT if self.allowed is None else update.kind not in self.allowed:
            self._stats.update("not_allowed", update.kind)
            return
        fault = self._faults.for_update(update.kind, update.topic)
        if fault is None:
            self._deliver(update)
            return
        self._stats.update(fault.do, update.kind)
        match fault.do:
            case "drop":
                return
            case "delay":
                self._start(self._later(update, fault.delay_ms / 1000))
            case "duplicate":
                self._deliver(update)
                self._deliver_after(update.copy(), fault.delay_ms)
            case "repeat":
                self._deliver(update)
                self._deliver_after(update.copy(update_id=self.next_id()), fault.delay_ms)
            case "hold":
                self.held.put(update, self._clock.now())
            case _:
                self._hold(update)

    def release(self, update_id: int | None, topic: str | None, age_seconds: int) -> int:
        """Deliver what the fault `hold` kept: all of it, or one id, or one kind or topic → how many they were."""
        held = self.held.take(update_id, topic)
        for update in held:
            late = update.aged(age_seconds) if age_seconds else update
            late.expires_at = self._clock.now() + kept_seconds(late.kind)
            self._deliver(late)
        return len(held)

    async def close(self) -> None:
        """Stop every delivery; what was not delivered is forgotten with the process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.polling.close()
        await self.webhook.close()

    def _deliver(self, update: Update) -> None:
        self.pending.put(update, self._clock.now())
        if self.webhook.is_open:
            self.webhook.push(update)
        else:
            self.polling.wake()
        held = self._held.pop(update.kind, None)
        if held is not None:
            self._deliver(held)

    def _hold(self, update: Update) -> None:
        """Swap places with the next update of the same kind."""
        if update.kind in self._held:
            self._deliver(update)
            return
        self._held[update.kind] = update
        self._start(self._release(update))

    async def _release(self, update: Update) -> None:
        await self._clock.sleep(REORDER_WAIT_SECONDS)
        if self._held.get(update.kind) is update:
            del self._held[update.kind]
            self._deliver(update)

    def _deliver_after(self, update: Update, delay_ms: int) -> None:
        if delay_ms:
            self._start(self._later(update, delay_ms / 1000))
        else:
            self._deliver(update)

    async def _later(self, update: Update, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._deliver(update)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
