"""Turns of two replicas that decide on the same rows at the same instant, made to happen every time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import asyncpg

_WAITING = """select count(*) from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database() and usename = current_user"""

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


async def at_once(pool: Pool, held: str, *turns: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Begin the turns, all of them under way before the first one may write; returns what they return.

    `held` is a query that locks the rows. Whoever locks them before deciding decides after the one before, and sees
    what that one decided; whoever does not has decided by the time that the rows come free.
    """
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(held)
            begun = [asyncio.ensure_future(turn()) for turn in turns]
            await _until_waiting(pool, begun)
        return await asyncio.gather(*begun)


async def _until_waiting(pool: Pool, turns: "Sequence[asyncio.Future[Any]]") -> None:
    async with asyncio.timeout(30):
        while await pool.fetchval(_WAITING) < len(turns):
            assert not any(turn.done() for turn in turns), "one did not wait for the rows"
            await asyncio.sleep(0.005)
