"""Which partitions of queues this replica serves: session advisory locks, shared fairly among the replicas alive.

A lock alone is not enough: a session may have died without its process knowing. So a partition is held on a lease
besides: it is ours only for as long as Postgres has confirmed the session within the last seconds. Whoever takes a
partition that was not left in order waits for as long before serving it.
"""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec
import structlog

from actors.effects import PARTITIONS
from actors.engine.tables import SQL
from actors.store import Connection

LEASE_SECONDS = 3.0
"""So long after Postgres confirmed the session at last, nothing of its partitions is begun any more."""
_WAIT_SECONDS = LEASE_SECONDS + 0.5
"""So long the next holder of a partition that was not left in order waits."""
_ALIVE = 1000
"""Object id of the shared lock that every live replica holds; the partitions are 0 to PARTITIONS - 1."""
_INTERVAL_SECONDS = 0.5

log = structlog.get_logger()


class Tenure(msgspec.Struct, frozen=True):
    """One uninterrupted time of holding a partition."""

    number: int
    """No two are alike in a process."""
    serves_from: float
    """On the monotonic clock."""
    in_order: bool
    """Whether whoever held the partition before left nothing begun behind."""


class Partitions:
    """The partitions held by this replica. They are let go only when nothing of them is in hand."""

    def __init__(self, connect: Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]) -> None:
        """Hold locks on a connection of its own, made by `connect`."""
        self._connect = connect
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._owned: dict[int, Tenure] = {}
        self._leaving: set[int] = set()
        self._in_hand: Counter[int] = Counter()
        self._tenures = 0
        self._confirmed_at = -math.inf
        self.shared = False
        """True while another replica is alive."""
        self.on_lost: Callable[[], None] = lambda: None
        """Called when partitions were lost or are about to be let go: what is not begun of them must not be begun."""

    def owns(self, partition: int) -> bool:
        """Whether effects of this partition may be begun, right now."""
        tenure = self.tenure(partition)
        return tenure is not None and self._is_served(tenure)

    def owned(self) -> list[int]:
        """Return the partitions whose effects may be begun, right now."""
        return sorted(partition for partition in self._owned if self.owns(partition))

    def tenure(self, partition: int) -> Tenure | None:
        """Return since when the partition is held; None when it is not, or is about to be let go."""
        return None if partition in self._leaving else self._owned.get(partition)

    def _is_served(self, tenure: Tenure) -> bool:
        now = time.monotonic()
        return now >= tenure.serves_from and now < self._confirmed_at + LEASE_SECONDS

    def hold(self, partition: int) -> None:
        """An effect of this partition is in hand."""
        self._in_hand[partition] += 1

    def let_go(self, partition: int) -> None:
        """An effect of this partition is over and deleted, or was not begun and is left to whoever comes next."""
        self._in_hand[partition] -= 1

    async def run(self) -> None:
        """Keep a fair share until cancelled."""
        while True:
            try:
                await self.balance()
            except Exception as error:
                # Whatever it was, a killed server confuses the driver in many ways, and without its partitions a
                # service would perform nothing: begin again on a fresh connection.
                log.warning("buckets_lost", error=f"{type(error).__name__}: {error}", owned=len(self._owned))
                self._begin_again()
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def balance(self) -> None:
        """Take or give up partitions, so that the replicas alive have as many each."""
        connection = await self._connected()
        asked_at = time.monotonic()
        alive = await connection.fetchval(SQL["count_replicas"], _ALIVE)
        self._confirmed_at = asked_at
        self.shared = alive > 1
        share = math.ceil(PARTITIONS / max(1, alive))
        held = [partition for partition in self._owned if partition not in self._leaving]
        if len(held) > share:
            self._leaving.update(random.sample(held, len(held) - share))
            self.on_lost()
        await self._release(connection, [partition for partition in self._leaving if self._in_hand[partition] <= 0])
        if len(self._owned) < share:
            await self._take(connection, share - len(self._owned))

    async def close(self) -> None:
        """Let go of everything; what has an effect in hand is left as it is, for the next holder to be wary of."""
        self._leaving.update(self._owned)
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(2):
                await self._release(
                    connection, [partition for partition in self._owned if self._in_hand[partition] <= 0]
                )
        except Exception as error:
            log.warning("buckets_not_left_in_order", error=f"{type(error).__name__}: {error}")
        self._owned.clear()
        await connection.close(timeout=2)

    async def _release(self, connection: Connection, partitions: list[int]) -> None:
        """Say that nothing begun is left behind, then unlock: in between nothing of them is begun any more."""
        if not partitions:
            return
        await connection.execute(SQL["leave_buckets"], partitions)
        await connection.execute(SQL["unlock_buckets"], partitions)
        for partition in partitions:
            self._leaving.discard(partition)
            self._owned.pop(partition, None)

    def _begin_again(self) -> None:
        """Own nothing; cut the connection, for as long as its session lives it holds the locks against everybody."""
        self._own_nothing()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _own_nothing(self) -> None:
        self._owned.clear()
        self._leaving.clear()
        self.on_lost()

    async def _take(self, connection: Connection, count: int) -> None:
        free = [partition for partition in range(PARTITIONS) if partition not in self._owned]
        random.shuffle(free)
        got = [row[0] for row in await connection.fetch(SQL["lock_buckets"], free)]
        if got[count:]:
            await connection.execute(SQL["unlock_buckets"], got[count:])
        left_in_order = {row[0] for row in await connection.fetch(SQL["enter_buckets"], got[:count])}
        now = time.monotonic()
        for partition in got[:count]:
            in_order = partition in left_in_order
            self._tenures += 1
            self._owned[partition] = Tenure(self._tenures, now if in_order else now + _WAIT_SECONDS, in_order)

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None or self._connection.is_closed():
            self._own_nothing()
            self._connection = connection = await self._connect()
            # The driver hears of a server's end at once, the next balance only after its interval.
            connection.add_termination_listener(lambda _: self._on_ended(connection))
            await connection.execute(SQL["be_alive"], _ALIVE)
        return self._connection

    def _on_ended(self, connection: Connection) -> None:
        if connection is self._connection:
            self._own_nothing()
