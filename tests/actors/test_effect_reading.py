"""What is read from the table: what is due, and nothing that cannot be read is in the way."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
from stage.language import Deposit, Rang
from stage.outside import Call
from stage.world import World

from actors.effects import Again, Attempt, Done, EffectResult
from actors.engine.tables import SQL


@pytest.fixture
async def world(stage: Any) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stage, stack)


async def test_what_cannot_be_read_is_put_aside_and_its_lane_goes_on(world: World) -> None:
    await world.wrote(1, body='\'{"account":"kim"}\'')
    await world.wrote(2, body="convert_to('{\"more\":' || repeat('[', 5000), 'utf8')")
    await world.wrote(3, body=r"'\xff00'::bytea")
    await world.wrote(4, envelope="'no envelope'")
    await world.wrote(5, result="'no result'")
    await world.wrote(6)
    await world.start()
    await world.called("kim", 6)
    letters = await world.letters(5)
    assert [letter["message_id"] for letter in letters] == [f"effect:0-{batch}-0" for batch in range(1, 6)]
    assert [letter["error"].split(":")[0] for letter in letters] == [
        "ValidationError", "RecursionError", "DecodeError", "DecodeError", "DecodeError"
    ]  # fmt: skip
    await world.stage.until(world.stage.settled)


async def test_a_kind_that_this_build_does_not_know_is_left_to_a_newer_one_for_a_while(world: World) -> None:
    await world.wrote(1, kind="'Fax'")
    await world.wrote(2, kind="'Fax'", created_at="now() - interval '16 min'", due_at="now() - interval '16 min'")
    await world.wrote(3)
    engine = await world.start()
    await world.called("kim", 3)
    (letter,) = await world.letters(1)
    assert (letter["message_id"], letter["type_name"]) == ("effect:0-2-0", "effect.Fax")

    async def only_the_young_one() -> bool:
        return [row[0] for row in await world.stage.connection.fetch("select batch from effects")] == [1]

    await world.stage.until(only_the_young_one)
    assert not any(engine._partitions._in_hand.values())


async def test_effects_that_are_put_off_hide_none_that_is_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ROWS_MAX", 5)
    for number in range(12):
        await world.wrote(1 + number, f"late{number}", due_at="now() + interval '10 min'")
    await world.wrote(20, "now")
    await world.start()
    await world.called("now", 20)
    assert len(world.outside.calls) == 1


async def test_effects_that_are_in_memory_hide_none_that_is_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ROWS_MAX", 3)
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ALONE_SECONDS", 0.05)

    async def wait(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=20) if call.account.startswith("slow") else Done()

    world.outside.answer = wait
    for number in range(8):
        await world.wrote(1 + number, f"slow{number}")
    await world.start()
    await world.called("slow7", 8)
    await world.wrote(20, "now")
    await world.called("now", 20)


@pytest.mark.parametrize(
    "result",
    [None, "done", Done("no message"), Done(None)],  # pyright: ignore[reportArgumentType]
    ids=["None", "text", "Done(text)", "Done(None)"],
)
async def test_a_result_that_is_none_is_put_aside_without_a_second_call(world: World, result: Any) -> None:
    async def first(call: Call, attempt: Attempt) -> Any:
        return result if call.number == 0 else Done()

    world.outside.answer = first
    await world.start()
    await world.stage.send(Deposit(account="kim", amount=2), "d1")
    await world.called("kim", 0, 1)
    (letter,) = await world.letters(1)
    assert letter["error"].startswith("UnusableResultError: the handler of Call returned")
    await world.stage.until(world.stage.settled)


async def test_a_handler_is_told_how_many_wait_behind_its_effect(world: World) -> None:
    await world.start()
    await world.stage.send(Deposit(account="kim", amount=3), "d1")
    await world.called("kim", 0, 1, 2)
    assert [attempt.behind for attempt in world.outside.attempts] == [2, 1, 0]


async def test_a_lane_goes_on_when_giving_up_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.effect_runner.ATTEMPTS_MAX", 1)
    monkeypatch.setattr("actors.engine.effect_runner._AFTER_A_BUG_SECONDS", 0.05)
    failures = [RuntimeError("a bug"), RuntimeError("a bug")]

    async def fail(call: Call, attempt: Attempt) -> EffectResult:
        if call.number == 0:
            raise ConnectionError
        return Done()

    world.outside.answer = fail
    engine = await world.start()
    give_up = engine._performer._give_up

    def broken(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        give_up(*arguments)

    engine._performer._give_up = broken
    await world.stage.send(Deposit(account="kim", amount=2), "d1")
    await world.called("kim", 0, 0, 1)
    await world.letters(1)


async def test_a_clock_that_was_set_back_keeps_nothing_waiting(world: World) -> None:
    """Written an hour ago by a clock that was an hour ahead; one of them was put off then."""
    ahead = "now() + interval '1 hour'"
    await world.wrote(1, created_at=ahead, due_at=ahead)
    await world.wrote(2, created_at=ahead, due_at="now() + interval '70 min'")
    await world.start()
    await world.called("kim", 1, 2)


async def test_a_share_that_is_full_keeps_the_order_of_its_lanes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._HELD_MAX", 4)
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ROWS_MAX", 3)
    go = asyncio.Event()

    async def wait(call: Call, attempt: Attempt) -> EffectResult:
        await go.wait()
        return Done()

    world.outside.answer = wait
    await world.start()
    for number in range(5):
        await world.stage.send(Deposit(account="kim", amount=3), f"d{number}")
        await world.stage.send(Deposit(account="ann", amount=3), f"e{number}")
    go.set()
    await world.called("kim", *[0, 1, 2] * 5)
    await world.called("ann", *[0, 1, 2] * 5)
    await world.stage.until(world.stage.settled)


async def test_a_poll_reads_by_its_indexes_and_writing_an_effect_costs_no_second_one(world: World) -> None:
    connection = world.stage.connection
    fill = (
        "insert into effects (priority, batch, position, bucket, lane, kind, body, envelope, created_at, due_at)"
        " select 1, n, 0, n % 64, 'chat:' || n % 500, 'Call', '', '', now(), {} from generate_series({}) as n"
    )
    await connection.execute(fill.format("now()", "1, 5000"))
    assert await connection.fetchval("select pg_relation_size('effects_postponed')") <= 8192
    await connection.execute(fill.format("now() + interval '1 hour'", "5001, 5200"))
    owner = await asyncpg.connect(world.stage.database.owner_dsn())
    await owner.execute("vacuum analyze effects")
    await owner.close()
    arguments = "array[1,2,3]::smallint[], now(), 100, -32768, 32767, -32768, -1, 0, array['Call'], now()"
    await connection.execute(f"set plan_cache_mode = force_generic_plan; prepare poll as {SQL['waiting_effects']}")
    rows = await connection.fetch(f"explain execute poll({arguments})")
    plan = "\n".join(row[0] for row in rows)
    assert "effects_pkey" in plan, plan
    assert "effects_postponed" in plan, plan
    assert "Sort" not in plan, plan
    assert "Seq Scan" not in plan, plan


async def test_a_result_of_another_build_waits_and_holds_up_nobody(world: World) -> None:
    """It was written down by a newer build that was rolled back."""
    unknown = [
        {"envelope": {"id": "r", "type_name": "stage.evt.hummed", "time": "2026-03-04T12:00:00Z"}, "message": {}}
    ]
    known = Rang(account="ann", number=1)
    heard = [
        {"envelope": {"id": "q", "type_name": "stage.evt.rang", "time": "2026-03-04T12:00:00Z"},
         "message": {"account": known.account, "number": 1}}
    ]  # fmt: skip
    await world.wrote(1, result=f"convert_to('{json.dumps(unknown)}', 'utf8')")
    await world.wrote(2)
    await world.wrote(3, "ann", result=f"convert_to('{json.dumps(heard)}', 'utf8')")
    await world.start()
    await world.called("kim", 2)

    async def balance() -> Any:
        return (await world.stage.balances()).get("ann") == 1_000

    await world.stage.until(balance)
    assert world.outside.called("ann") == []
    assert await world.stage.connection.fetchval("select count(*) from dead_letters") == 0
