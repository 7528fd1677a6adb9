"""Performing effects: in order within a queue, many queues at once, each queue by one replica at a time.

A replica holds partitions of queues by session advisory locks (`actors.engine.partitions`): when it dies, another one
takes over. Its effects are handed over in memory right after the commit; the table is looked at for what others wrote,
a crash left, or was put off (`actors.engine.effect_reader`).
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Any

import asyncpg
import structlog

from actors import metrics
from actors.actor import Actor, EffectHandler
from actors.clock import Clock
from actors.effects import AGAIN_SECONDS_MAX, AGAIN_SECONDS_MIN, ATTEMPTS_MAX, Again, Done
from actors.engine.delivery import Outcome
from actors.engine.effect_caller import EffectCaller
from actors.engine.effect_queues import EffectQueue, EffectQueues, Held, key_of
from actors.engine.effect_reader import EffectReader
from actors.engine.effect_scheduler import EffectScheduler
from actors.engine.outage import is_outage
from actors.engine.partitions import Partitions
from actors.engine.rows import EffectRow
from actors.engine.tables import SQL

_HELD_MAX = 5_000
"""Effects of one priority in memory: a broadcast fills its own share and never the one of answers to taps."""
_POLL_ROWS_MAX = 1_000
_POLL_ALONE_SECONDS = 1.0
_POLL_SHARED_SECONDS = 0.05
_REST_FACTOR = 9.0
"""A look at the table is followed by a rest of so many times its own duration, however much waits there …"""
_REST_SECONDS_MAX = 2.0
"""… but a database that was slow once does not keep what waits there waiting for minutes."""
_BACKOFF_SECONDS_MAX = 60.0
_WRITTEN_DOWN_FROM_SECONDS = 30.0
_POSTPONE_SECONDS_MAX = 5.0
_AFTER_A_BUG_SECONDS = 1.0
_LOST_SECONDS = 0.25
"""A queue whose partition nobody confirms at the moment is looked at again after so long."""

log = structlog.get_logger()


class _Next(Enum):
    """How a queue goes on, unless after a pause."""

    OVER = "its head is over"
    LEFT = "it is left to the table"


class EffectLostError(RuntimeError):
    """Process after process ended while an effect was performed."""


class EffectRunner:
    """Performs a service's effects after their commit."""

    def __init__(
        self,
        actor: Actor,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        partitions: Partitions,
        clock: Clock,
        resources: Mapping[type, Any],
        performed: Callable[[Outcome], None],
        give_up: Callable[[EffectRow, Exception], None],
    ) -> None:
        """Call `performed` with what came of an effect when it is over, `give_up` when its tries are used up."""
        self._handlers: dict[str, EffectHandler] = {kind.__name__: h for kind, h in actor.effects().items()}
        self._pool = pool
        self._partitions = partitions
        self._clock = clock
        self._performed = performed
        self._give_up = give_up
        self._caller = EffectCaller(actor.service, self._handlers, clock=clock, resources=resources)
        self._line = EffectScheduler({name: h.concurrency for name, h in self._handlers.items()}, serve=self._begin)
        self._queues = EffectQueues(partitions, held_max=_HELD_MAX)
        self._reader = EffectReader(
            pool,
            partitions=partitions,
            queues=self._queues,
            clock=clock,
            handlers=self._handlers,
            give_up=give_up,
            rows_max=_POLL_ROWS_MAX,
        )
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        partitions.on_lost = self._queues.drop_lost

    # -- what comes in --------------------------------------------------------------------------

    def expect(self, rows: Sequence[EffectRow]) -> None:
        """Find these in no sweep: the transaction that writes them is about to commit, and hands them over then."""
        self._queues.expected.update(map(key_of, rows))

    def withdraw(self, rows: Sequence[EffectRow]) -> None:
        """Expect these no more. Some may be in the table after all: nothing goes ahead of what the next sweep finds."""
        self._queues.expected.difference_update(map(key_of, rows))
        for row in rows:
            self._reader.leave(row.partition, row.priority)

    def hand_over(self, rows: Sequence[EffectRow]) -> None:
        """Take effects of a turn that has just committed; those of other replicas' partitions stay in the table."""
        if self._line.is_closed:
            return
        for row in rows:
            self._queues.expected.discard(key_of(row))
            partition = row.partition
            tenure = self._partitions.tenure(partition)
            if tenure is None or row.kind not in self._handlers:
                continue
            if self._reader.is_complete(row, tenure) and self._queues.has_room(row.priority):
                self._line.join(self._queues.append(Held(row, row.effect, None, tenure.number)))
            else:
                self._reader.leave(partition, row.priority)
                self._wake.set()
        self._line.dispatch()

    def forget(self, rows: Sequence[EffectRow]) -> None:
        """The transaction that deleted these rows has committed."""
        for row in rows:
            self._queues.forget(row)
            self._reader.forget(row)
        metrics.EFFECTS_WAITING.set(len(self._queues))

    async def run(self) -> None:
        """Look for effects in the table until cancelled."""
        while True:
            self._wake.clear()
            started = time.monotonic()
            try:
                await self._poll()
            except Exception as error:
                log.warning("effects_wait", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(min(_REST_FACTOR * (time.monotonic() - started), _REST_SECONDS_MAX))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SHARED_SECONDS if self._partitions.shared else _POLL_ALONE_SECONDS):
                    await self._wake.wait()

    async def stop(self, *, seconds_max: float) -> None:
        """Start nothing new and wait for what is under way. What is left stays in the table."""
        self._line.is_closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds_max)
        self._queues.drop_all()

    async def _poll(self) -> None:
        if self._line.is_closed:
            return
        found: list[EffectQueue] = []
        try:
            await self._reader.sweep(found)
        finally:
            # Also what a sweep had found when it failed: it is in memory, and no other sweep would find it.
            for queue in found:
                self._line.join(queue)
            metrics.EFFECTS_WAITING.set(len(self._queues))
            self._line.dispatch()

    # -- whose turn it is -----------------------------------------------------------------------

    def _begin(self, queue: EffectQueue) -> None:
        task = asyncio.create_task(self._serve(queue))
        self._tasks.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.critical("lane_broken", exc_info=task.exception())

    async def _serve(self, queue: EffectQueue) -> None:
        """Perform the head of a queue. Whatever comes of it, the queue goes on: now, after a pause, from the table."""
        held = queue.head
        following: float | _Next = _AFTER_A_BUG_SECONDS
        try:
            following = await self._perform(held, queue)
        except Exception as error:
            following = self._on_error(held, error)
        finally:
            self._line.served(queue, held.row.kind)
            self._go_on(queue, following)
            self._line.dispatch()

    def _go_on(self, queue: EffectQueue, following: float | _Next) -> None:
        if following is _Next.OVER:
            self._queues.end_head(queue)
            self._line.join(queue)
        elif following is _Next.LEFT or not self._queues.is_held(queue):
            for held in queue.waiting:
                self._reader.leave(queue.partition, held.row.priority)
            self._queues.drop(queue)
        elif following > 0:
            asyncio.get_running_loop().call_later(following, self._line.join_again, queue)
        else:
            self._line.join(queue)

    # -- performing -----------------------------------------------------------------------------

    async def _perform(self, held: Held, queue: EffectQueue) -> float | _Next:
        """Try once; returns how the queue goes on."""
        if held.is_uncertain and not await self._count(held):
            return _Next.OVER
        if not self._queues.is_held(queue):
            return _Next.LEFT
        if not self._partitions.owns(queue.partition):
            return _LOST_SECONDS
        if held.outcome is not None:
            self._performed(held.outcome)
            return _Next.OVER
        return await self._call(held, queue)

    async def _count(self, held: Held) -> bool:
        """Count the try of an effect that may have been performed before; False when it must not be tried."""
        tries = await self._pool.fetchval(SQL["count_attempt"], *key_of(held.row))
        if tries is None:
            self._queues.forget(held.row)  # its last holder has deleted it after all
            return False
        held.failures, held.is_uncertain = tries - 1, False
        if held.failures >= ATTEMPTS_MAX:
            self._give_up(held.row, EffectLostError(f"{held.failures} tries ended together with their process"))
            return False
        if held.outcome is None:
            metrics.EFFECTS_REPEATED.labels(held.row.kind).inc()
            log.warning("effect_taken_up_again", effect=held.row.effect_id, kind=held.row.kind, tries=tries)
        return True

    async def _call(self, held: Held, queue: EffectQueue) -> float | _Next:
        """Nothing is waited for between the look at the lock and the call."""
        held.is_begun = True
        started = time.perf_counter()
        try:
            superseded, behind = self._queues.is_superseded(queue), len(queue.waiting) - 1
            result = await self._caller.call(held, superseded=superseded, behind=behind)
        except Exception as error:
            metrics.effects(held.row.kind, "error").inc()
            return self._on_error(held, error)
        metrics.effect_seconds(held.row.kind).observe(time.perf_counter() - started)
        if isinstance(result, Again):
            metrics.effects(held.row.kind, "again").inc()
            return await self._on_again(held, queue, result)
        return self._on_result(held, result)

    def _on_result(self, held: Held, result: Any) -> _Next:
        """It was done, or never will be. What cannot be told is put aside at once: a second call would double it."""
        try:
            outcome = self._caller.outcome(held.row, result)
        except Exception as error:
            metrics.effects(held.row.kind, "error").inc()
            self._give_up(held.row, error)
            return _Next.OVER
        is_done = isinstance(result, Done)
        said = "done" if is_done else result.reason
        metrics.effects(held.row.kind, said).inc()
        log.debug("effect_performed", kind=held.row.kind, effect_id=held.row.effect_id, outcome=said)
        if is_done:
            self._queues.remember(held)
        self._performed(outcome)
        return _Next.OVER

    def _on_error(self, held: Held, error: Exception) -> float | _Next:
        if is_outage(error) and not held.is_begun:
            return _AFTER_A_BUG_SECONDS
        held.failures += 1
        row = held.row
        log.warning("effect_failed", kind=row.kind, ordering_key=row.ordering_key, tries=held.failures, exc_info=error)
        if held.failures >= ATTEMPTS_MAX:
            self._give_up(row, error)
            return _Next.OVER
        return self._backoff(held)

    def _backoff(self, held: Held) -> float:
        return min(_BACKOFF_SECONDS_MAX, 0.5 * 2**held.failures) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter

    async def _on_again(self, held: Held, queue: EffectQueue, result: Again) -> float | _Next:
        seconds = min(max(result.after_seconds, AGAIN_SECONDS_MIN), AGAIN_SECONDS_MAX)
        if result.pause == "all":
            self._line.pause(held.row.kind, seconds)
        if seconds < _WRITTEN_DOWN_FROM_SECONDS or not self._queues.is_held(queue):
            return seconds
        due_at = self._clock.now() + timedelta(seconds=seconds)
        try:
            async with asyncio.timeout(_POSTPONE_SECONDS_MAX):
                await self._pool.execute(SQL["postpone_effect"], *key_of(held.row), due_at, held.failures)
        except Exception as error:
            log.warning("effect_postponed_in_memory", ordering_key=queue.name, error=f"{type(error).__name__}: {error}")
            return seconds  # whether it was written or not, this process keeps the queue waiting
        self._reader.hold_back(queue.name, due_at)
        return _Next.LEFT
