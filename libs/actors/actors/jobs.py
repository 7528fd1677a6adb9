"""Jobs: what a schedule triggers. A job reads in pages and takes turns for what it finds."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from actors.clock import Clock
from actors.delivery import Delivery, local
from actors.ground import SQL, batch_at
from actors.store import Connection
from contracts.envelope import first_envelope
from contracts.message import Contract, shape_of

INBOX_KEPT = timedelta(days=30)
SENT_KEPT = timedelta(hours=72)

R = TypeVar("R")


class Job:
    """A running job's means. It must be idempotent: it runs at least once a firing."""

    def __init__(
        self,
        *,
        service: str,
        clock: Clock,
        acquire: Callable[[], AbstractAsyncContextManager[Connection]],
        take: Callable[[Sequence[Delivery]], Awaitable[None]],
        resources: Mapping[type, Any] | None = None,
        firing: str = "",
    ) -> None:
        """Hand a job the clock, the database, the service's turns and its resources."""
        self.firing = firing or f"job:{uuid.uuid4().hex}"
        """The id of what triggered it: the same when that is heard again, another at the next firing."""
        self._service = service
        self._resources = resources or {}
        self._clock = clock
        self._acquire = acquire
        self._take = take

    @property
    def now(self) -> datetime:
        """The current instant (UTC)."""
        return self._clock.now()

    def resource(self, kind: type[R]) -> R:
        """Return what the composition root provided under this type; LookupError when it provided none."""
        try:
            return self._resources[kind]
        except KeyError:
            raise LookupError(f"{self._service}: a job needs {kind.__name__}, which nobody provided") from None

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Return a connection for set-based maintenance: `async with job.connection() as connection`."""
        return self._acquire()

    async def pages(self, sql: str, *arguments: Any, size: int = 500) -> AsyncIterator[list[Any]]:
        """Yield the first column of a query in pages of `size`, by key.

        The query's last two parameters are the key to go on after (None at first) and the page's size;
        it must order by that key.
        """
        after: Any = None
        while True:
            async with self._acquire() as connection:
                rows = await connection.fetch(sql, *arguments, after, size)
            if not rows:
                return
            keys = [row[0] for row in rows]
            after = keys[-1]
            yield keys
            if len(keys) < size:
                return

    async def delete(self, sql: str, *arguments: Any, at_once: int = 5_000) -> int:
        """Run a delete whose last parameter is a limit until nothing is left for it; returns how many rows it took.

        In chunks, so that no transaction holds its locks for long.
        """
        total = 0
        while True:
            async with self._acquire() as connection:
                outcome = await connection.execute(sql, *arguments, at_once)
            deleted = int(outcome.rpartition(" ")[2])
            total += deleted
            if deleted < at_once:
                return total

    async def forget_inbox(self) -> int:
        """Delete inbox rows older than 30 days (DOMAIN §12), and tries: no stream keeps a message that long."""
        await self.delete(SQL["delete_old_tries"], self.now - INBOX_KEPT)
        await self.delete(SQL["delete_old_firings"], self.now - INBOX_KEPT)
        await self.delete(SQL["delete_old_sent"], batch_at((self.now - SENT_KEPT).timestamp()))
        return await self.delete(SQL["delete_old_inbox"], self.now - INBOX_KEPT)

    async def take(self, messages: Sequence[Contract], *, once_per: str | None = None) -> None:
        """Take turns for these messages in this process and wait for the commit.

        With `once_per`, each message's id is made of it and the message's key, so the inbox lets it take effect once
        for that name, however often the job runs. A message that fails is dead-lettered like any other.
        """
        await self._take([self._delivery(message, once_per) for message in messages])

    def _delivery(self, message: Contract, once_per: str | None) -> Delivery:
        shape = shape_of(type(message))
        key = ".".join(str(getattr(message, field)) for field in shape.fields)
        identifier = f"{once_per}:{shape.name}:{key}" if once_per else f"job:{uuid.uuid4().hex}"
        return local(message, first_envelope(message, identifier=identifier, time=self.now, source=self._service))
