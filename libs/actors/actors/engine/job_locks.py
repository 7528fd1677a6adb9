"""Which jobs this process may run: a session advisory lock each, all on one connection of their own.

Outside the pool, for a job needs connections while it runs: if each held one of the pool for its lock, the jobs of
one full hour would hold them all and wait for ever for one more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

_WATCH_SECONDS = 2.0
_LOCK_SECONDS_MAX = 15.0
_TRY = "select pg_try_advisory_lock(hashtext(current_schema()), hashtext($1))"
_UNLOCK = "select pg_advisory_unlock(hashtext(current_schema()), hashtext($1))"

log = structlog.get_logger()


class JobLocks:
    """The locks of this process's jobs. Losing their connection loses them all, and each holder is told at once."""

    def __init__(self, connect: Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]) -> None:
        """Hold the locks on a connection made by `connect` when the first is asked for."""
        self._connect = connect
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._mutex = asyncio.Lock()
        self._held: dict[str, asyncio.Future[None]] = {}

    async def take(self, name: str) -> "asyncio.Future[None] | None":
        """Take a job's lock; returns None when it runs already, here or elsewhere.

        What is returned is done when the lock is lost: then another replica may run the job. Raises what Postgres
        raises, and TimeoutError.
        """
        async with asyncio.timeout(_LOCK_SECONDS_MAX), self._mutex:
            if name in self._held:
                return None  # a session may take its own lock again: Postgres would not say no
            if not await self._ask(_TRY, name):
                return None
            lost = self._held[name] = asyncio.get_running_loop().create_future()
            return lost

    async def let_go(self, name: str, lost: "asyncio.Future[None]") -> None:
        """Give back what `take` returned; when that fails, the connection is cut, and all of its locks are free.

        One that was lost may be another run's by now, and stays.
        """
        async with self._mutex:
            if self._held.get(name) is lost:
                del self._held[name]
                try:
                    await self._ask(_UNLOCK, name)
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    log.warning("job_lock_not_given_back", job=name, error=f"{type(error).__name__}: {error}")

    async def run(self) -> None:
        """See to it, until cancelled, that a connection that died unnoticed is noticed while a job runs."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            async with self._mutex:
                if self._held:
                    try:
                        await self._ask("select $1", "here")
                    except Exception as error:
                        log.warning("job_locks_lost", jobs=sorted(self._held), error=f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """End the connection, and with it every lock held by it."""
        self._lose()

    async def _ask(self, sql: str, name: str) -> Any:
        try:
            if self._connection is None or self._connection.is_closed():
                self._lose()
                self._connection = await self._connect()
                self._connection.add_termination_listener(self._terminated)
            return await self._connection.fetchval(sql, name)
        except BaseException:
            # What was being done is not known to have been done: another session begins with nothing.
            self._lose()
            raise

    def _terminated(self, connection: object) -> None:
        if connection is self._connection:
            self._lose()

    def _lose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            connection.terminate()
        for lost in self._held.values():
            if not lost.done():
                lost.set_result(None)
        self._held.clear()
