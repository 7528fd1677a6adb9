"""Jobs: what a schedule triggers. A job reads in pages and takes turns for what it finds."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, TypeVar

from asyncpg import Record

from actors.store import Connection
from contracts.message import Contract

R = TypeVar("R")


class Job(ABC):
    """A running job's means. It must be idempotent: it runs at least once a firing."""

    firing: str
    """The id of what triggered it: the same when that is heard again, another at the next firing."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """The current instant (UTC)."""

    @abstractmethod
    def resource(self, kind: type[R]) -> R:
        """Return what the composition root provided under this type; LookupError when it provided none."""

    @abstractmethod
    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Return a connection for set-based maintenance: `async with job.connection() as connection`."""

    @abstractmethod
    async def forget_inbox(self) -> int:
        """Delete inbox rows older than 30 days (DOMAIN §12), and tries: no stream keeps a message that long."""

    @abstractmethod
    async def take(self, messages: Sequence[Contract], *, idempotency_key: str | None = None) -> None:
        """Take turns for these messages in this process and wait for the commit.

        With `idempotency_key`, each message's id is made of it and the message's own key, so the inbox lets it take
        effect once for that name, however often the job runs. A message that fails is dead-lettered like any other.
        """

    async def pages(self, sql: str, *arguments: Any, size: int = 500) -> AsyncIterator[list[Any]]:
        """Yield the first column of a query in pages of `size`; it is the key that the pages go by, None at first."""
        async for rows in self.pages_of_rows(sql, *arguments, size=size):
            yield [row[0] for row in rows]

    async def pages_of_rows(
        self, sql: str, *arguments: Any, after: Sequence[Any] = (None,), size: int = 500
    ) -> AsyncIterator[Sequence[Record]]:
        """Yield the rows of a query in pages of `size`, by key: as many of its first columns as `after` has.

        The query's last parameters are the key to go on after (`after` at first) and the page's size; it must order by
        that key.
        """
        key = tuple(after)
        while True:
            async with self.connection() as connection:
                rows = await connection.fetch(sql, *arguments, *key, size)
            if rows:
                yield rows
            if len(rows) < size:
                return
            key = tuple(rows[-1][: len(key)])

    async def delete(self, sql: str, *arguments: Any, at_once: int = 5_000) -> int:
        """Run a delete whose last parameter is a limit until nothing is left for it; returns how many rows it took.

        In chunks, so that no transaction holds its locks for long.
        """
        total = 0
        while True:
            async with self.connection() as connection:
                outcome = await connection.execute(sql, *arguments, at_once)
            deleted = int(outcome.rpartition(" ")[2])
            total += deleted
            if deleted < at_once:
                return total
