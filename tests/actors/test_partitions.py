"""Partitions of effects: whatever a killed server does to the driver, a replica gets its share back."""

import asyncio
from typing import Any

import asyncpg
import pytest

from actors.effects import PARTITIONS
from actors.engine import partitions as module
from actors.engine.partitions import Partitions
from devstack.databases import Database


class Confusable(asyncpg.Connection):
    """A connection that fails on demand."""

    error: Exception | None = None

    async def fetchval(self, *arguments: Any, **named: Any) -> Any:
        if self.error is not None:
            raise self.error
        return await super().fetchval(*arguments, **named)


@pytest.mark.parametrize(
    "error",
    [asyncpg.InternalClientError("cannot switch to state 12"), asyncpg.InterfaceError("closed"), OSError("gone")],
    ids=lambda error: type(error).__name__,
)
async def test_a_confused_connection_is_cut_and_its_buckets_are_taken_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(module, "_INTERVAL_SECONDS", 0.02)
    made: list[Any] = []

    async def connect() -> Any:
        made.append(await asyncpg.connect(database.dsn("stage"), connection_class=Confusable))
        return made[-1]

    partitions = Partitions(connect)
    running = asyncio.create_task(partitions.run())
    try:
        await _until(lambda: len(partitions.owned()) == PARTITIONS)
        made[0].error = error
        await _until(lambda: len(made) == 2 and len(partitions.owned()) == PARTITIONS)
        # The first session would hold its locks against everybody for as long as it lives.
        assert made[0].is_closed()
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await partitions.close()


async def _until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - partitions tell nobody
            await asyncio.sleep(0.01)
