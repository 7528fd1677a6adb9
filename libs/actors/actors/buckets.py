"""Which buckets of lanes this replica serves: session advisory locks, shared fairly among the replicas alive."""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from actors.effects import BUCKETS
from actors.store import Connection

_ALIVE = 1000
"""Object id of the shared lock that every live replica holds; the buckets are 0 to BUCKETS - 1."""
_INTERVAL_SECONDS = 0.5

log = structlog.get_logger()


class Buckets:
    """The buckets held by this replica. They are let go only when nothing of them is in hand."""

    def __init__(self, connect: Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]) -> None:
        """Hold locks on a connection of its own, made by `connect`."""
        self._connect = connect
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._owned: set[int] = set()
        self._leaving: set[int] = set()
        self._in_hand: Counter[int] = Counter()
        self.shared = False
        """True while another replica is alive."""

    def owns(self, bucket: int) -> bool:
        """Whether new effects of this bucket are ours to take."""
        return bucket in self._owned and bucket not in self._leaving

    def owned(self) -> list[int]:
        """Return the buckets whose effects are ours to take."""
        return sorted(self._owned - self._leaving)

    def hold(self, bucket: int) -> None:
        """An effect of this bucket is in hand."""
        self._in_hand[bucket] += 1

    def let_go(self, bucket: int) -> None:
        """An effect of this bucket is over and deleted."""
        self._in_hand[bucket] -= 1

    async def run(self) -> None:
        """Keep a fair share until cancelled."""
        while True:
            try:
                await self.balance()
            except Exception as error:
                # Whatever it was, a killed server confuses the driver in many ways, and a service without its buckets
                # would perform nothing: begin again on a fresh connection.
                log.warning("buckets_lost", error=f"{type(error).__name__}: {error}", owned=len(self._owned))
                self._begin_again()
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def balance(self) -> None:
        """Take or give up buckets, so that the replicas alive have as many each."""
        connection = await self._connected()
        alive = await connection.fetchval(
            "select count(distinct pid) from pg_locks where locktype = 'advisory' and granted"
            " and classid = hashtext(current_schema())::oid and objid = $1 and objsubid = 2"
            " and database = (select oid from pg_database where datname = current_database())",
            _ALIVE,
        )
        self.shared = alive > 1
        share = math.ceil(BUCKETS / max(1, alive))
        surplus = len(self._owned) - len(self._leaving) - share
        if surplus > 0:
            self._leaving.update(random.sample(self.owned(), surplus))
        for bucket in [b for b in self._leaving if self._in_hand[b] <= 0]:
            await connection.execute("select pg_advisory_unlock(hashtext(current_schema()), $1)", bucket)
            self._leaving.discard(bucket)
            self._owned.discard(bucket)
        if len(self._owned) < share:
            await self._take(connection, share - len(self._owned))

    async def close(self) -> None:
        """Let go of everything."""
        self._owned.clear()
        if self._connection is not None:
            await self._connection.close(timeout=2)

    def _begin_again(self) -> None:
        """Own nothing; cut the connection, for as long as its session lives it holds the locks against everybody."""
        self._owned.clear()
        self._leaving.clear()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _take(self, connection: Connection, count: int) -> None:
        free = [bucket for bucket in range(BUCKETS) if bucket not in self._owned]
        random.shuffle(free)
        rows = await connection.fetch(
            "select bucket from unnest($1::int[]) as t (bucket)"
            " where pg_try_advisory_lock(hashtext(current_schema()), bucket)",
            free,
        )
        got = [row[0] for row in rows]
        for bucket in got[count:]:
            await connection.execute("select pg_advisory_unlock(hashtext(current_schema()), $1)", bucket)
        self._owned.update(got[:count])

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None or self._connection.is_closed():
            self._owned.clear()
            self._leaving.clear()
            self._connection = await self._connect()
            await self._connection.execute(f"select pg_advisory_lock_shared(hashtext(current_schema()), {_ALIVE})")
        return self._connection
