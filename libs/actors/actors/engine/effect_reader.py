"""Reading effects from the table: those of other replicas, of holders that died, and those put off until now.

The table knows each queue's order, memory only what it holds of it. So an effect is handed over in memory only while
its partition is complete there; otherwise it is left to the next sweep, which reads queues in their order.
"""

import asyncio
import itertools
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from actors.actor import EffectHandler
from actors.clock import Clock
from actors.engine.delivery import Outcome
from actors.engine.effect_queues import EffectQueue, EffectQueues, Held, RowKey, key_of
from actors.engine.outcome import read
from actors.engine.partitions import Partitions, Tenure
from actors.engine.rows import EffectRow
from actors.engine.tables import SQL
from contracts.envelope import Envelope
from contracts.message import UnknownContractError

UNKNOWN_AFTER = timedelta(minutes=15)
"""For so long an effect or a result of a kind that this build does not know is left to replicas of a newer one."""
_SWEEP_SECONDS_MAX = 30.0
_ASIDE_MAX = 100
_PRIORITY_MIN, _PRIORITY_MAX = -(1 << 15), (1 << 15) - 1
_BATCH_MAX = (1 << 63) - 1
Share = tuple[int, int]
"""Bucket and priority."""

_envelopes = msgspec.json.Decoder(Envelope)


class EffectReader:
    """Fills queues from the table."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        *,
        partitions: Partitions,
        queues: EffectQueues,
        clock: Clock,
        handlers: Mapping[str, EffectHandler],
        give_up: Callable[[EffectRow, Exception], None],
        rows_max: int,
    ) -> None:
        """Read `rows_max` rows at a time; `give_up` is given those that nobody can read."""
        self._pool = pool
        self._partitions = partitions
        self._queues = queues
        self._clock = clock
        self._handlers = handlers
        self._give_up = give_up
        self._rows_max = rows_max
        self._sweeps = 0
        self._swept: dict[int, int] = {}
        self._lacking: dict[Share, int] = {}
        self._wary: set[Share] = set()
        self._aside: set[RowKey] = set()
        self._held_back: dict[str, datetime] = {}

    # -- what memory lacks ----------------------------------------------------------------------

    def is_complete(self, row: EffectRow, tenure: Tenure) -> bool:
        """Whether memory has all that may come before a new effect: its share, and its queue whatever the priority."""
        partition = row.partition
        is_swept = self._swept.get(partition) == tenure.number
        return is_swept and (partition, row.priority) not in self._lacking and row.ordering_key not in self._held_back

    def hold_back(self, ordering_key: str, due_at: datetime) -> None:
        """A queue waits in the table until `due_at`, effects of other priorities too."""
        self._held_back[ordering_key] = due_at

    def leave(self, partition: int, priority: int) -> None:
        """An effect of this share is in the table and not in memory."""
        self._lacking[partition, priority] = self._sweeps

    def forget(self, row: EffectRow) -> None:
        """The row of an effect that could not be read is deleted."""
        self._aside.discard(key_of(row))

    def _is_uncertain(self, row: EffectRow, partition: int, tenure: Tenure) -> bool:
        """Whether the row was there already when a partition was taken that was not left in order."""
        return not tenure.in_order and (
            self._swept.get(partition) != tenure.number or (partition, row.priority) in self._wary
        )

    # -- sweeping -------------------------------------------------------------------------------

    async def sweep(self, found: list[EffectQueue]) -> None:
        """Read everything that is due and not in memory, as far as there is room; adds new queues to `found`.

        They are in memory from then on, whatever it raises afterwards: what the driver raises, and TimeoutError.
        """
        self._queues.gone.clear()
        tenures = {
            partition: tenure
            for partition in self._partitions.owned()
            if (tenure := self._partitions.tenure(partition))
        }
        if not tenures:
            return
        self._sweeps += 1
        began_at = self._clock.now()
        skipped = self._queues.reopened()
        async with asyncio.timeout(_SWEEP_SECONDS_MAX):
            for lowest, highest in _ranges(skipped):
                await self._read(lowest, highest, tenures, found, skipped)
            await self._conclude(self._sweeps, tenures, skipped)
        self._held_back = {queue: due_at for queue, due_at in self._held_back.items() if due_at > began_at}

    async def _read(
        self, lowest: int, highest: int, tenures: Mapping[int, Tenure], found: list[EffectQueue], skipped: set[int]
    ) -> None:
        """Read some priorities page by page; those that turn out to have no room are `skipped`."""
        after: RowKey = (lowest, -1, 0)
        while True:
            now = self._clock.now()
            rows = await self._pool.fetch(
                SQL["waiting_effects"],
                list(tenures),
                now,
                self._rows_max,
                lowest,
                highest,
                *after,
                list(self._handlers),
                now - UNKNOWN_AFTER,
            )
            for row in rows:
                if not self._take(row, tenures, found):
                    skipped.add(row[0])
            if len(rows) < self._rows_max:
                return
            last = rows[-1]
            # What is behind the first one that found no room is not looked at: all of it would have to stay.
            after = (last[0], _BATCH_MAX, 0) if last[0] in skipped else (last[0], last[1], last[2])

    async def _conclude(self, number: int, tenures: Mapping[int, Tenure], skipped: set[int]) -> None:
        """Note which shares memory has all of now: nothing was skipped, is put off, or was left since."""
        is_new = any(self._swept.get(partition) != tenure.number for partition, tenure in tenures.items())
        if not is_new and not self._lacking:
            return
        if is_new:
            for row in await self._pool.fetch(SQL["postponed_lanes"], list(tenures), self._clock.now()):
                self.hold_back(row[0], row[1])
        rows = await self._pool.fetch(SQL["postponed_shares"], list(tenures), self._clock.now())
        postponed = {(row[0], row[1]) for row in rows}
        for partition, tenure in tenures.items():
            if self._swept.get(partition) != tenure.number and tenure is self._partitions.tenure(partition):
                self._swept[partition] = tenure.number
                shares = [(partition, priority) for priority in skipped]
                self._lacking.update(dict.fromkeys(shares, number))
                self._wary.update(shares)
        for share in postponed:
            self._lacking.setdefault(share, number)
        self._lacking = {
            share: left_at
            for share, left_at in self._lacking.items()
            if left_at >= number or share in postponed or share[1] in skipped
        }
        self._wary = {share for share in self._wary if share[1] in skipped}

    def _take(self, found: asyncpg.Record, tenures: Mapping[int, Tenure], new: list[EffectQueue]) -> bool:
        """Hold one row; returns False when it must stay in the table for want of room."""
        key = (found[0], found[1], found[2])
        if self._queues.is_accounted_for(key) or key in self._aside:
            return True
        row = _row(found)
        partition = row.partition
        tenure = self._partitions.tenure(partition)
        if tenure is None or tenure is not tenures.get(partition):
            return True
        if not self._queues.has_room(row.priority):
            self.leave(partition, row.priority)
            return False
        try:
            row = msgspec.structs.replace(row, envelope=_envelopes.decode(found[6]))
            effect, outcome = self._decode(row)
        except Exception as error:
            self._put_aside(row, error)
            return True
        uncertain = self._is_uncertain(row, partition, tenure)
        held = Held(row, effect, outcome, tenure.number, row.attempts, is_read=True, is_uncertain=uncertain)
        queue = self._queues.insert(held)
        if queue is not None:
            new.append(queue)
        return True

    def _decode(self, row: EffectRow) -> tuple[Any, Outcome | None]:
        """Return the effect, or what performing it came to; raises whatever decoding raises."""
        if row.result is not None:
            return None, read(row, row.result)
        handler = self._handlers.get(row.kind)
        if handler is None:
            raise UnknownContractError(f"no handler for effects of kind {row.kind}")
        return msgspec.json.decode(row.body, type=handler.effect), None

    def _put_aside(self, row: EffectRow, error: Exception) -> None:
        """Give up what cannot be read, a few at a time; the queue goes on without it.

        What only this build does not know is left to a newer one for a while.
        """
        is_young = row.created_at > self._clock.now() - UNKNOWN_AFTER
        if len(self._aside) < _ASIDE_MAX and not (isinstance(error, UnknownContractError) and is_young):
            self._aside.add(key_of(row))
            self._give_up(row, error)


def _row(found: asyncpg.Record) -> EffectRow:
    """Return a row of the table, with an envelope of our own: its own may be unreadable."""
    name, kind, created_at = f"effect:{found[0]}-{found[1]}-{found[2]}", found[4], found[7]
    return EffectRow(
        priority=found[0],
        batch=found[1],
        position=found[2],
        ordering_key=found[3],
        kind=kind,
        body=found[5],
        envelope=Envelope(id=name, type_name=f"effect.{kind}", time=created_at),
        created_at=created_at,
        due_at=found[8],
        attempts=found[9],
        result=found[10],
    )


def _ranges(skipped: Collection[int]) -> list[tuple[int, int]]:
    """Return the ranges of priorities between those to be skipped: what is skipped is not even looked at."""
    ends = [_PRIORITY_MIN - 1, *sorted(skipped), _PRIORITY_MAX + 1]
    return [(low + 1, high - 1) for low, high in itertools.pairwise(ends) if low + 1 < high]
