"""The pool of a service: nobody waits for a connection without a limit, and a transaction that stands still ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from actors.engine import connecting
from actors.engine.outage import is_outage


@pytest.fixture
async def two(stage: Any) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """A service's pool of two connections."""
    pool = await connecting.connect_postgres(stage.settings(pool_size_max=2), "stage")
    yield pool
    pool.terminate()


async def test_whoever_finds_the_pool_used_up_hears_of_an_outage(
    two: "asyncpg.Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "ACQUIRE_SECONDS_MAX", 0.05)
    held = [await two.acquire(), await two.acquire()]
    ways = (_acquired(two), two.fetch("select 1"), two.fetchval("select 1"), two.execute("select 1"))
    began = time.monotonic()
    for way in ways:
        with pytest.raises(TimeoutError) as caught:
            await asyncio.wait_for(way, 10)
        assert is_outage(caught.value)
    assert time.monotonic() - began < 5
    await two.release(held[0])
    assert await two.fetchval("select 1") == 1


async def _acquired(pool: "asyncpg.Pool[asyncpg.Record]") -> Any:
    return await pool.acquire()


async def test_a_transaction_that_stands_still_lets_go_of_its_rows(
    two: "asyncpg.Pool[asyncpg.Record]", stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await two.fetchval("show idle_in_transaction_session_timeout") == "20s"
    one = await connecting.connect_one(stage.settings())
    assert await one.fetchval("show idle_in_transaction_session_timeout") == "20s"
    await one.close()
    frozen = await two.acquire()
    await frozen.execute("set idle_in_transaction_session_timeout = '50ms'")
    await frozen.execute("begin; insert into accounts values ('ann', 1)")
    # The same row: this waits until the other's transaction is ended.
    await stage.connection.execute("insert into accounts values ('ann', 2)", timeout=10)
    assert await stage.balances() == {"ann": 2}
    # What the thawed process hears depends on how far the driver has read; whatever it is, nobody's message is blamed.
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await frozen.execute("select 1")
    assert is_outage(caught.value), repr(caught.value)
    assert await two.fetchval("select 1") == 1
