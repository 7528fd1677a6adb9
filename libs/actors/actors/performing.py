"""Performing effects: in order within a lane, many lanes at once, each lane by one replica at a time.

Lanes are hashed into buckets. A replica holds its buckets by session advisory locks on one connection: when it dies
Postgres lets go of them at once, and another replica takes over what is waiting in the table. Effects of an own bucket
are handed over in memory right after the commit; the table is looked at for what others wrote or a crash left behind.
"""

import asyncio
import heapq
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import structlog

from actors import metrics
from actors.actor import Actor, EffectHandler
from actors.buckets import Buckets
from actors.clock import Clock
from actors.delivery import Delivery, local
from actors.effects import ATTEMPTS_MAX, Again, Attempt, Done, EffectResult, Failed
from actors.ground import SQL, EffectRow
from actors.outcome import Outcome, read
from contracts.envelope import Envelope, first_envelope

_HELD_MAX = 5_000
"""Effects of one priority in memory: a broadcast fills its own share and never the one of answers to taps."""
_POLL_ROWS_MAX = 1_000
_POLL_ALONE_SECONDS = 1.0
_POLL_SHARED_SECONDS = 0.05
_BACKOFF_SECONDS_MAX = 60.0
_WRITTEN_DOWN_FROM_SECONDS = 30.0

log = structlog.get_logger()
_envelopes = msgspec.json.Decoder(Envelope)
RowKey = tuple[int, int, int]


class _Held(msgspec.Struct):
    row: EffectRow
    effect: Any
    failures: int = 0


class _Kind(msgspec.Struct):
    """One kind of effect: how many more may run, until when none may, and the lanes that have one at their head."""

    free: int
    paused_until: float = 0.0
    ready: list[tuple[int, int, int, str]] = msgspec.field(default_factory=list[tuple[int, int, int, str]])


class Performer:
    """Performs one service's effects."""

    def __init__(
        self,
        actor: Actor,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        buckets: Buckets,
        clock: Clock,
        resources: Mapping[type, Any],
        performed: Callable[[Outcome], None],
        give_up: Callable[[EffectRow, Exception], None],
    ) -> None:
        """Call `performed` with what came of an effect when it is over, `give_up` when its tries are used up."""
        self._service = actor.service
        self._handlers: dict[str, EffectHandler] = {kind.__name__: h for kind, h in actor.effects().items()}
        self._resources = resources
        self._pool = pool
        self._buckets = buckets
        self._clock = clock
        self._performed = performed
        self._give_up = give_up
        self._kinds = {name: _Kind(free=handler.concurrency) for name, handler in self._handlers.items()}
        self._lanes: dict[str, deque[_Held]] = {}
        self._known: dict[RowKey, int] = {}
        self._held: Counter[int] = Counter()
        self._forgotten: set[RowKey] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    # -- what comes in --------------------------------------------------------------------------

    def hand_over(self, rows: Sequence[EffectRow]) -> None:
        """Take effects of a turn that has just committed; those of other replicas' buckets stay in the table."""
        for row in rows:
            if self._buckets.owns(row.bucket):
                self._hold(row)
        self._dispatch()

    def forget(self, rows: Sequence[EffectRow]) -> None:
        """The transaction that deleted these rows has committed."""
        for row in rows:
            bucket = self._known.pop(_key(row), None)
            if bucket is not None:
                self._buckets.let_go(bucket)
                self._held[row.priority] -= 1
            if self._forgotten is not None:
                self._forgotten.add(_key(row))
        metrics.EFFECTS_WAITING.set(len(self._known))

    async def run(self) -> None:
        """Look for effects in the table until cancelled."""
        while True:
            try:
                await self._poll()
            except Exception as error:
                log.warning("effects_wait", error=str(error))
            await asyncio.sleep(_POLL_SHARED_SECONDS if self._buckets.shared else _POLL_ALONE_SECONDS)

    async def stop(self, *, seconds_max: float) -> None:
        """Start nothing new and wait for what is under way. What is left stays in the table."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds_max)

    async def _poll(self) -> None:
        owned = self._buckets.owned()
        if not owned or self._stopping:
            return
        # What is performed and deleted while the rows are on their way must not be taken for waiting.
        forgotten = self._forgotten = set[RowKey]()
        try:
            found = await self._pool.fetch(SQL["waiting_effects"], owned, _POLL_ROWS_MAX)
        finally:
            self._forgotten = None
        now = self._clock.now()
        for r in found:
            row = EffectRow(r[0], r[1], r[2], r[3], r[4], r[5], _envelopes.decode(r[6]), r[7], r[8], r[9], None, r[10])
            if row.due_at <= now and self._buckets.owns(row.bucket) and _key(row) not in forgotten:
                self._hold(row)
        self._dispatch()

    def _hold(self, row: EffectRow) -> None:
        key = _key(row)
        handler = self._handlers.get(row.kind)
        if key in self._known or handler is None or self._held[row.priority] >= _HELD_MAX:
            return
        self._known[key] = row.bucket
        self._held[row.priority] += 1
        self._buckets.hold(row.bucket)
        lane = self._lanes.get(row.lane)
        effect = msgspec.json.decode(row.body, type=handler.effect) if row.effect is None else row.effect
        held = _Held(row, effect, row.attempts)
        if lane is None:
            self._lanes[row.lane] = deque([held])
            heapq.heappush(self._kinds[row.kind].ready, (*key, row.lane))
        else:
            lane.append(held)

    # -- performing -----------------------------------------------------------------------------

    def _dispatch(self) -> None:
        """Start as many lanes as each kind of effect at their head has room for."""
        if self._stopping:
            return
        for kind in self._kinds.values():
            while kind.ready and kind.free > 0 and kind.paused_until <= time.monotonic():
                lane = heapq.heappop(kind.ready)[3]
                kind.free -= 1
                task = asyncio.create_task(self._serve(lane, kind))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _serve(self, lane: str, kind: "_Kind") -> None:
        """Perform the head of a lane; then put the lane back in line, now or after its pause."""
        held = self._lanes[lane][0]
        try:
            pause = await self._perform(held, self._lanes[lane])
        finally:
            kind.free += 1
        if pause is None:
            self._lanes[lane].popleft()
            pause = 0.0
        if not self._lanes[lane]:
            del self._lanes[lane]
        elif pause > 0:
            asyncio.get_running_loop().call_later(pause, self._line_up, lane)
        else:
            self._line_up(lane)
        self._dispatch()

    def _line_up(self, lane: str) -> None:
        if lane in self._lanes:
            head = self._lanes[lane][0].row
            heapq.heappush(self._kinds[head.kind].ready, (*_key(head), lane))
            self._dispatch()

    async def _perform(self, held: _Held, lane: "deque[_Held]") -> float | None:
        """Try once. Returns None when the effect is over, else the seconds to wait before the lane goes on."""
        if held.row.result is not None:
            self._performed(read(held.row, held.row.result))
            return None
        started = time.perf_counter()
        try:
            result = await self._try(held, lane)
        except Exception as error:
            metrics.effects(held.row.kind, "error").inc()
            return self._on_error(held, error)
        metrics.effect_seconds(held.row.kind).observe(time.perf_counter() - started)
        if isinstance(result, Again):
            metrics.effects(held.row.kind, "again").inc()
            return await self._on_again(held, result)
        outcome = "done" if isinstance(result, Done) else result.reason
        metrics.effects(held.row.kind, outcome).inc()
        self._performed(Outcome(held.row, self._results(held.row, result)))
        return None

    async def _try(self, held: _Held, lane: "deque[_Held]") -> EffectResult:
        handler = self._handlers[held.row.kind]
        key = getattr(held.effect, "supersedes", "")
        attempt = Attempt(
            effect_id=held.row.effect_id,
            number=held.failures + 1,
            lane=held.row.lane,
            created_at=held.row.created_at,
            now=self._clock.now(),
            superseded=bool(key) and any(getattr(h.effect, "supersedes", "") == key for h in list(lane)[1:]),
        )
        given = [attempt if need is Attempt else self._resources[need] for need in handler.needs]
        return await handler.function(held.effect, *given)

    def _on_error(self, held: _Held, error: Exception) -> float | None:
        held.failures += 1
        log.warning("effect_failed", kind=held.row.kind, lane=held.row.lane, tries=held.failures, exc_info=error)
        if held.failures >= ATTEMPTS_MAX:
            self._give_up(held.row, error)
            return None
        return min(_BACKOFF_SECONDS_MAX, 0.5 * 2**held.failures) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter

    async def _on_again(self, held: _Held, result: Again) -> float:
        if result.pause == "all":
            self._kinds[held.row.kind].paused_until = time.monotonic() + result.after_seconds
            asyncio.get_running_loop().call_later(result.after_seconds, self._dispatch)
        if result.after_seconds >= _WRITTEN_DOWN_FROM_SECONDS:
            due_at = self._clock.now() + timedelta(seconds=result.after_seconds)
            await self._pool.execute(SQL["postpone_effect"], *_key(held.row), due_at)
        return result.after_seconds

    def _results(self, row: EffectRow, result: Done | Failed) -> list[Delivery]:
        return [
            local(
                message,
                first_envelope(
                    message,
                    identifier=f"effect:{row.effect_id}/{number}",
                    time=self._clock.now(),
                    source=self._service,
                    cause=row.envelope.id,
                    origin=row.envelope.origin,
                    trace=row.envelope.trace,
                ),
            )
            for number, message in enumerate(result.messages, start=1)
        ]


def _key(row: EffectRow) -> RowKey:
    return (row.priority, row.batch, row.position)
