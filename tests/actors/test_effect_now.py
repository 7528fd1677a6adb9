"""What is performed is what the table and the locks say now, not what they said when it was read."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from stage.language import Deposit
from stage.outside import Call, Outside, build, service

from actors.clock import SystemClock
from actors.effects import Attempt, Done, EffectResult
from actors.engine.runtime import running
from actors.engine.tables import SQL


class World:
    """One replica of the toy service, and what it calls."""

    def __init__(self, stage: Any, stack: AsyncExitStack) -> None:
        self.stage = stage
        self.outside = Outside()
        self._stack = stack

    async def start(self) -> Any:
        context = running(service(self.outside), self.stage.settings(), build, clock=SystemClock())
        return (await self._stack.enter_async_context(context)).engine

    def calls(self) -> int:
        return len(self.outside.called("kim"))


@pytest.fixture
async def world(stage: Any) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stage, stack)


async def test_what_is_deleted_while_the_table_is_read_is_not_performed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ALONE_SECONDS", 3_600)  # it is read when the test says so
    ends = asyncio.Event()

    async def wait(call: Call, attempt: Attempt) -> EffectResult:
        await ends.wait()
        return Done()

    world.outside.answer = wait
    performer = (await world.start())._performer
    await world.stage.send(Deposit(account="kim", amount=1), "m1")

    async def begun() -> bool:
        await performer._poll()
        return world.calls() == 1

    await world.stage.until(begun)
    pool = performer._reader._pool

    async def forgotten() -> bool:
        return len(performer._queues) == 0

    class Slow:
        """What is read was read before the effect was over, and arrives after its row is deleted."""

        async def fetch(self, sql: str, *arguments: Any) -> Any:
            rows = await pool.fetch(sql, *arguments)
            if sql == SQL["waiting_effects"]:
                assert len(rows) == 1
                ends.set()
                await world.stage.until(forgotten)
            return rows

    monkeypatch.setattr(performer._reader, "_pool", Slow())
    await performer._poll()
    assert (len(performer._queues), world.calls()) == (0, 1)


async def test_no_call_is_begun_while_nobody_confirms_the_lock(world: World) -> None:
    engine = await world.start()
    partitions = engine._partitions
    balance, hangs, answers = partitions.balance, asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        hangs.set()
        await answers.wait()
        await balance()

    partitions.balance = hang
    await hangs.wait()
    partitions._confirmed_at = -math.inf
    await world.stage.send(Deposit(account="kim", amount=1), "m1")

    async def in_hand() -> bool:
        return len(engine._performer._queues) == 1

    await world.stage.until(in_hand)
    for _ in range(20):
        await asyncio.sleep(0)
    assert world.calls() == 0
    answers.set()

    async def called() -> bool:
        return world.calls() == 1

    await world.stage.until(called)
