"""Effects that turns hand over and the table gives too: each is taken once, in its queue's order, and none is stuck."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from stage.language import Deposit
from stage.outside import Call
from stage.world import World

from actors.effects import Again, Attempt, Done, EffectResult
from actors.engine.tables import SQL


@pytest.fixture
async def world(stage: Any) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stage, stack)


async def test_effects_are_handed_over_while_messages_of_earlier_turns_are_still_being_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.turn_loop._FINISHING_MAX", 1)
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ALONE_SECONDS", 60)
    engine = await world.start()
    stuck = asyncio.Event()

    async def publish(_: Any) -> None:
        await stuck.wait()

    for loop in engine.loops.values():
        monkeypatch.setattr(loop, "_publish", publish)
    world.outside.number_of_results = 0
    await world.stage.send(Deposit(account="kim", amount=1), "one")
    await world.called("kim", 0)
    await world.stage.send(Deposit(account="ann", amount=1), "two")
    await world.called("ann", 0)
    stuck.set()


async def test_what_a_sweep_found_before_it_failed_is_performed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.wrote(1)
    monkeypatch.setitem(SQL, "postponed_shares", "select 1/0, $1::smallint[], $2::timestamptz")
    await world.start()
    await world.called("kim", 1)
    await world.wrote(2)
    await world.called("kim", 1, 2)


async def test_a_database_that_was_slow_once_keeps_the_table_waiting_for_seconds_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._REST_FACTOR", 10_000)
    await world.wrote(1)
    await world.start()
    await world.called("kim", 1)
    await world.wrote(2)
    await world.called("kim", 1, 2)


async def test_what_a_kind_that_is_no_more_came_to_is_heard_and_holds_up_nobody(world: World) -> None:
    written = json.dumps(
        [{"envelope": {"id": "r", "type_name": "stage.evt.rang", "time": "2026-03-04T12:00:00Z"},
          "message": {"account": "kim", "number": 7}}]
    )  # fmt: skip
    old = "now() - interval '16 min'"
    await world.wrote(1, kind="'Fax'", result=f"'{written}'", created_at=old, due_at=old)
    await world.wrote(2, "ann")
    await world.start()
    await world.called("ann", 2)
    await world.stage.until(world.stage.settled)
    assert (await world.stage.balances())["kim"] == 1_000


@pytest.mark.parametrize("where", ["the same process", "another process"])
async def test_a_lane_that_is_put_off_is_held_back_whatever_the_priority(world: World, where: str) -> None:
    async def later(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=60) if call.account == "kim" else Done()

    world.outside.answer = later
    if where == "the same process":
        await world.wrote(1, priority="9")
    else:
        await world.wrote(1, priority="9", due_at="now() + interval '1 min'")
    engine = await world.start()
    if where == "the same process":
        await world.called("kim", 1)

    async def is_known() -> bool:
        return "kim" in engine._performer._reader._held_back

    await world.stage.until(is_known)
    calls = world.outside.called("kim")
    await world.stage.send(Deposit(account="kim", amount=1), "kim")
    await world.stage.send(Deposit(account="ann", amount=1), "ann")
    await world.called("ann", 0)

    async def is_left() -> bool:
        return await world.stage.connection.fetchval("select count(*) from effects where lane = 'kim'") == 2

    await world.stage.until(is_left)
    assert world.outside.called("kim") == calls
