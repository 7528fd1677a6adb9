"""How fast waiting commands are worked off: in turns by the real process, or one by one by a plain consumer."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import asyncpg
import uvloop
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.engine.delivery import from_stream
from actors.engine.publisher import Publisher
from actors.engine.rows import PendingDeletes
from actors.engine.turns import Turns
from bench.commands import Message, games
from bench.surroundings import Surroundings
from gameplay.app import SPEC, build

_PUBLISHED_AT_ONCE = 500
_PATIENCE_SECONDS = 60


async def publish(around: Surroundings, messages: Iterator[Message]) -> int:
    """Put messages into their stream; returns how many there were."""
    publisher = Publisher(around.nc, timeout_seconds=30)
    await publisher.start()
    count = 0
    while some := list(islice(messages, _PUBLISHED_AT_ONCE)):
        errors = [error for error in await publisher.publish(some) if error is not None]
        if errors:
            raise errors[0]
        count += len(some)
    return count


async def in_turns(around: Surroundings, players: Sequence[int], *, tag: str) -> float:
    """Return messages per second of one real gameplay process, from the first commit to the last acknowledgement."""
    count = await publish(around, games(players, tag=tag))
    program = around.program(f"gameplay-{tag}")
    await program.start()
    try:
        first, begun = await until_handled(around, tag, count // 10), time.perf_counter()
        await until_acknowledged(around, "GAMEPLAY_CMD", "gameplay")
        rate = (count - first) / (time.perf_counter() - begun)
    finally:
        await program.stop()
    await _check(around, tag, count)
    return rate


async def one_by_one(around: Surroundings, players: Sequence[int], *, tag: str, seconds: float) -> float:
    """Return messages per second of a plain consumer: fetch, one transaction, publish, acknowledge, the next.

    The same handlers, statements and publisher; only the batch is missing.
    """
    await publish(around, games(players, tag=tag))
    pool = await asyncpg.create_pool(around.database.dsn("gameplay"), min_size=1, max_size=2)
    publisher = Publisher(around.nc)
    await publisher.start()
    turns = Turns(SPEC.actor, pool=pool, clock=SystemClock(), resources=await resources(pool))
    subscription = await around.nc.jetstream().pull_subscribe_bind("gameplay", "GAMEPLAY_CMD")
    count, begun, tidy = 0, time.perf_counter(), PendingDeletes()
    while time.perf_counter() - begun < seconds:
        for msg in await subscription.fetch(100, timeout=5):
            taken = await turns.take([from_stream(msg)], tidy)
            await publisher.publish([(row.subject, row.headers, row.body) for row in taken.outbox])
            tidy = PendingDeletes(published_batches=list({row.batch for row in taken.outbox}))
            await msg.ack()
            count += 1
    rate = count / (time.perf_counter() - begun)
    await subscription.unsubscribe()
    await pool.close()
    return rate


async def resources(pool: "asyncpg.Pool[asyncpg.Record]") -> Mapping[type, Any]:
    """Return gameplay's resources as the service builds them."""
    from actors.engine.runtime import Dependencies
    from gameplay.settings import Settings

    settings = Settings(nats_url="", postgres_dsn=SecretStr("unused"))
    means = Dependencies(settings=settings, pool=pool, nc=None, publisher=None, asker=None, clock=SystemClock())  # type: ignore[arg-type]
    async with build(means) as built:
        return built.resources


async def until_handled(around: Surroundings, tag: str, count: int) -> int:
    """Wait until at least `count` messages of this tag, or caused by them, had their effect; returns how many had."""
    sql = f"select count(*) from {around.service}.inbox where id >= $1 and id < $2"
    last, moved = -1, time.monotonic()
    while (handled := await around.admin.fetchval(sql, f"{tag}:", f"{tag};")) < count:
        if handled != last:
            last, moved = handled, time.monotonic()
        elif time.monotonic() - moved > _PATIENCE_SECONDS:
            raise RuntimeError(f"{handled} of {count} messages had their effect, and no more for {_PATIENCE_SECONDS} s")
        await asyncio.sleep(0.05)
    return handled


async def until_acknowledged(around: Surroundings, stream: str, consumer: str) -> None:
    """Wait until nothing is left for a consumer."""
    while True:
        info = await around.nc.jetstream().consumer_info(stream, consumer)
        if not info.num_pending and not info.num_ack_pending:
            return
        await asyncio.sleep(0.01)


async def _check(around: Surroundings, tag: str, count: int) -> None:
    """Every command had its effect, or the figure means nothing: each answer completed its round."""
    handled = await until_handled(around, tag, 0)
    sql = "select count(*) from gameplay.dead_letters"
    if handled != count or await around.admin.fetchval(sql):
        raise AssertionError(f"{handled} of {count} commands had their effect")


def loop_factory() -> asyncio.AbstractEventLoop:
    """Return the event loop that the services use."""
    return uvloop.new_event_loop()
