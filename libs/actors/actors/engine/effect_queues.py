"""The queues of effects that this process holds in memory: their order, how many there are, what may be dropped.

Memory is a copy of part of the table: whatever has not been begun may be dropped at any time and read again.
"""

from collections import Counter, OrderedDict, deque
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from actors.engine.delivery import Outcome
from actors.engine.partitions import Partitions
from actors.engine.rows import EffectRow

RowKey = tuple[int, int, int]
_REMEMBERED_MAX = 10_000
_LATE_MAX = timedelta(seconds=30)
"""An effect of another replica is found so late at most. One that is older still was written by another clock."""


class Held(msgspec.Struct, eq=False):
    """One effect that waits or is being performed in this process."""

    row: EffectRow
    effect: Any
    outcome: Outcome | None
    """What performing it came to, where that was written down: it is not performed again."""
    tenure: int
    """Under which holding of its partition it was taken."""
    failures: int = 0
    is_read: bool = False
    """Whether it was found in the table, so that others may have come first."""
    is_uncertain: bool = False
    """Whether a holder of the partition that nobody knows of any more may have performed it."""
    is_begun: bool = False


class EffectQueue(msgspec.Struct, eq=False):
    """Effects one after the other: the first is performed, or waits for its next try."""

    name: str
    partition: int
    waiting: deque[Held]
    place: int = 0
    """Its place in line; 0 while it is in none."""
    is_served: bool = False

    @property
    def head(self) -> Held:
        """The effect whose turn it is."""
        return self.waiting[0]


class EffectQueues:
    """The effects this process holds, by queue: which one is next, and how many there is room for."""

    def __init__(self, partitions: Partitions, *, held_max: int) -> None:
        """Hold at most `held_max` effects of one priority."""
        self._partitions = partitions
        self._held_max = held_max
        self._queues: dict[str, EffectQueue] = {}
        self._known: dict[RowKey, int] = {}
        self._held: Counter[int] = Counter()
        self._closed: set[int] = set()
        self._performed: OrderedDict[tuple[str, str], tuple[tuple[int, int], datetime]] = OrderedDict()
        self.gone: set[RowKey] = set()
        """Deleted, or dropped, since the last sweep of the table began: it may have read them as they were before."""
        self.expected: set[RowKey] = set()
        """Of transactions that are about to commit: they are handed over, and no sweep comes before that."""

    def __len__(self) -> int:
        """Return how many effects are in memory, performed ones that are not deleted yet among them."""
        return len(self._known)

    def __contains__(self, key: object) -> bool:
        """Whether an effect is in memory."""
        return key in self._known

    def is_accounted_for(self, key: RowKey) -> bool:
        """Whether a row of the table is in memory, was, or is about to be handed over: a sweep leaves it alone."""
        return key in self._known or key in self.gone or key in self.expected

    def has_room(self, priority: int) -> bool:
        """Whether one more of this priority may be held."""
        if self._held[priority] >= self._held_max:
            self._closed.add(priority)
        return priority not in self._closed

    def reopened(self) -> set[int]:
        """Return the priorities that have no room; a full share has room again when half of it is done."""
        self._closed = {priority for priority in self._closed if self._held[priority] > self._held_max // 2}
        return set(self._closed)

    def append(self, held: Held) -> EffectQueue | None:
        """Hold an effect that was written just now; returns its queue when that is new."""
        queue = self._queue(held)
        queue.waiting.append(held)
        return queue if len(queue.waiting) == 1 else None

    def insert(self, held: Held) -> EffectQueue | None:
        """Hold an effect that was found in the table, in its place, but never ahead of one that is or was begun."""
        queue = self._queue(held)
        place, first = len(queue.waiting), int(queue.is_served or (bool(queue.waiting) and queue.head.is_begun))
        while place > first and _order(queue.waiting[place - 1].row) > _order(held.row):
            place -= 1
        queue.waiting.insert(place, held)
        return queue if len(queue.waiting) == 1 else None

    def _queue(self, held: Held) -> EffectQueue:
        row = held.row
        queue = self._queues.get(row.ordering_key)
        if queue is None:
            queue = self._queues[row.ordering_key] = EffectQueue(row.ordering_key, row.partition, deque())
        self._known[key_of(row)] = queue.partition
        self._held[row.priority] += 1
        self._partitions.hold(queue.partition)
        return queue

    # -- what goes ------------------------------------------------------------------------------

    def end_head(self, queue: EffectQueue) -> None:
        """The head is over. It stays known until its row is deleted."""
        queue.waiting.popleft()
        if not queue.waiting:
            del self._queues[queue.name]

    def drop(self, queue: EffectQueue) -> None:
        """Forget what was not begun; the table has it."""
        kept = 1 if queue.is_served else 0
        while len(queue.waiting) > kept:
            self.forget(queue.waiting.pop().row)
        queue.place = 0
        if not kept:
            self._queues.pop(queue.name, None)

    def drop_lost(self) -> None:
        """Drop everything of partitions that are not held any more as they were."""
        for queue in [queue for queue in self._queues.values() if not self.is_held(queue)]:
            self.drop(queue)

    def drop_all(self) -> None:
        """Drop everything that is not under way."""
        for queue in list(self._queues.values()):
            self.drop(queue)

    def is_held(self, queue: EffectQueue) -> bool:
        """Whether the queue's partition has been held without a break since its head was taken."""
        tenure = self._partitions.tenure(queue.partition)
        return tenure is not None and tenure.number == queue.head.tenure

    def forget(self, row: EffectRow) -> None:
        """Hold an effect no more: its row is deleted, or left to be read again."""
        self.gone.add(key_of(row))
        partition = self._known.pop(key_of(row), None)
        if partition is not None:
            self._held[row.priority] -= 1
            self._partitions.let_go(partition)

    # -- what need not be performed any more ----------------------------------------------------

    def remember(self, held: Held) -> None:
        """It was performed: what it supersedes and turns up late need not be."""
        key = getattr(held.effect, "supersedes", "")
        if key:
            self._performed.pop((held.row.ordering_key, key), None)
            # Its place and its time, not the row: ten thousand rows held would be walked by each garbage collection.
            self._performed[held.row.ordering_key, key] = (_order(held.row), held.row.created_at)
            if len(self._performed) > _REMEMBERED_MAX:
                self._performed.popitem(last=False)

    def is_superseded(self, queue: EffectQueue) -> bool:
        """Whether an effect later than the queue's head, waiting or performed already, has the same `supersedes`."""
        held = queue.head
        key = getattr(held.effect, "supersedes", "")
        if not key:
            return False
        if any(getattr(other.effect, "supersedes", "") == key for other in islice(queue.waiting, 1, None)):
            return True
        later = self._performed.get((queue.name, key)) if held.is_read else None
        if later is None or later[0] < _order(held.row):
            return False
        return later[1] - held.row.created_at <= _LATE_MAX


def key_of(row: EffectRow) -> RowKey:
    """Return the key of an effect's row."""
    return (row.priority, row.batch, row.position)


def _order(row: EffectRow) -> tuple[int, int]:
    """Return an effect's place in its queue: when it was wanted. Its priority tells queues apart, not effects."""
    return (row.batch, row.position)
