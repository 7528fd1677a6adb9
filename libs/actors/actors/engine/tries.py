"""Tries of a message, counted where they outlive the process: a message that kills it is put aside like any other.

A first delivery writes nothing. What JetStream delivers again, or a job brings whose firing it delivers again, is noted
as under way in a short transaction before its turn, and the note says afterwards how that ended. A note that is found
under way was left by a process that ended in the midst: such a message gets a turn of its own, so that those which were
only near it are not blamed.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence

import asyncpg
import msgspec
import structlog

from actors.clock import Clock
from actors.engine.delivery import Delivery
from actors.engine.outage import is_outage
from actors.engine.tables import SQL
from actors.storable import storable

TRIES_MAX = 5
"""Tries of one message, in whatever processes, before it is dead-lettered. Outages of Postgres do not count."""
FIRING_TRIES_MAX = 15
"""Likewise of a job's firing: what the job brings is put aside after TRIES_MAX, and the job is to go on without it."""
_LET_GO_SECONDS_MAX = 1.0

log = structlog.get_logger()


class EndedItsProcessError(Exception):
    """The process ended each time this message was being handled; it is not tried again."""

    def __init__(self, tries: int) -> None:
        """`tries` is how many processes it ended."""
        super().__init__(f"the process ended {tries} times while it handled this message")
        self.tries = tries


class Sifted(msgspec.Struct):
    """A batch, taken apart before its turn."""

    together: list[Delivery]
    """May share a turn."""
    alone: list[tuple[int, Delivery]] = msgspec.field(default_factory=list[tuple[int, Delivery]])
    """(tries so far, message): each gets a turn of its own."""
    hopeless: list[tuple[Delivery, Exception]] = msgspec.field(default_factory=list[tuple[Delivery, Exception]])
    """Not to be tried any more."""


class Tries:
    """Counts in Postgres how often a service tried each message: a count in memory would end with its process."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
        """Count in this pool's schema."""
        self._pool = pool
        self._clock = clock
        self._under_way: set[str] = set()
        self._not_tried: set[str] = set()

    async def sift(self, batch: list[Delivery]) -> Sifted:
        """Take a batch apart, and note what of it is delivered again as under way. Raises when Postgres is away."""
        again = [delivery for delivery in batch if delivery.is_redelivered()]
        if not again:
            return Sifted(batch)
        try:
            return await self._sift(batch, again)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("tries_not_counted", exc_info=error)
            return Sifted(batch)

    async def _sift(self, batch: list[Delivery], again: Sequence[Delivery]) -> Sifted:
        await self.take_back()
        rows = await self._pool.fetch(SQL["tries_under_way"], _ids(again))
        left: dict[str, int] = {row[0]: row[1] for row in rows if row[0] not in self._under_way}
        if not left:
            await self.begin(again)
            return Sifted(batch)
        sifted = Sifted([delivery for delivery in batch if storable(delivery.tried_as) not in left])
        for delivery in (d for d in batch if storable(d.tried_as) in left):
            tries = left[storable(delivery.tried_as)]
            delivery.is_counted = True
            if tries >= TRIES_MAX:
                sifted.hopeless.append((delivery, EndedItsProcessError(tries)))
            else:
                sifted.alone.append((tries, delivery))
        await self.begin([delivery for delivery in again if storable(delivery.tried_as) not in left])
        return sifted

    async def run_again(self, firing: Delivery) -> int:
        """Note that a job is about to run for a firing that was heard before; returns how often that ended a process.

        Raises when Postgres is away. What the job takes turns for is counted besides, and put aside long before.
        """
        rows = await self._pool.fetch(SQL["tries_under_way"], _ids([firing]))
        ended = 0 if firing.tried_as in self._under_way or not rows else rows[0][1]
        await self.begin([firing])
        return ended

    async def begin(self, deliveries: Sequence[Delivery]) -> None:
        """Note that these are about to be tried."""
        identifiers = [identifier for identifier in _ids(deliveries) if identifier not in self._under_way]
        if identifiers:
            await self._pool.execute(SQL["begin_tries"], identifiers, self._clock.now())
        self._under_way.update(identifiers)
        for delivery in deliveries:
            delivery.is_counted = True

    async def failed(self, deliveries: Sequence[Delivery]) -> dict[str, int]:
        """Count a try for each, unless it was counted when it began; returns the tries by message id.

        While Postgres is away nothing is counted: a handler may fail for no other reason.
        """
        try:
            rows = await self._pool.fetch(SQL["count_failed_tries"], _ids(deliveries), self._clock.now())
        except Exception as error:
            log.warning("tries_not_counted", count=len(deliveries), exc_info=error)
            self.not_tried(deliveries)
            return {d.envelope.id: 0 if is_outage(error) else d.times_delivered() for d in deliveries}
        counted: dict[str, int] = {row[0]: row[1] for row in rows}
        self._under_way.difference_update(counted)
        for delivery in deliveries:
            delivery.is_counted = True
        return {delivery.envelope.id: counted[storable(delivery.tried_as)] for delivery in deliveries}

    async def over(self, deliveries: Sequence[Delivery]) -> None:
        """Forget the tries of messages that are done. One that is left is deleted when it is old."""
        counted = [delivery for delivery in deliveries if delivery.is_counted]
        if not counted:
            return
        identifiers = _ids(counted)
        self._under_way.difference_update(identifiers)
        try:
            await self._pool.execute(SQL["delete_tries"], identifiers)
        except Exception as error:
            log.warning("tries_not_deleted", count=len(identifiers), error=str(error))

    def not_tried(self, deliveries: Iterable[Delivery]) -> None:
        """Note that these were not tried after all (Postgres went away): `take_back` says so when it is there again."""
        for delivery in deliveries:
            name = storable(delivery.tried_as)
            if name in self._under_way:
                self._under_way.discard(name)
                self._not_tried.add(name)

    async def take_back(self) -> None:
        """Uncount the tries that were none. Raises when Postgres is away."""
        if not self._not_tried:
            return
        identifiers = sorted(self._not_tried)
        await self._pool.execute(SQL["take_back_tries"], identifiers)
        self._not_tried.difference_update(identifiers)

    async def let_go(self) -> None:
        """Uncount what this process had under way: it is told to stop, which is no message's fault."""
        self._not_tried |= self._under_way
        self._under_way.clear()
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.wait_for(self.take_back(), _LET_GO_SECONDS_MAX)


def _ids(deliveries: Iterable[Delivery]) -> list[str]:
    """Return the ids, sorted: two replicas that count the same messages do not wait for each other in a circle."""
    return sorted({storable(delivery.tried_as) for delivery in deliveries})
