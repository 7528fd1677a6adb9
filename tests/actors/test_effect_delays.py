"""Effects that are put off: for how long at most, in the order of their queue, and across a restart."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from stage.language import Deposit
from stage.outside import Call
from stage.world import World

from actors.effects import AGAIN_SECONDS_MIN, Again, Attempt, Done, EffectResult, asked_seconds


@pytest.fixture
async def world(stage: Any) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stage, stack)


@pytest.mark.parametrize("where", ["the table", "a turn"])
async def test_what_is_put_off_holds_back_its_lane_after_a_restart_too(world: World, where: str) -> None:
    """Whether what is behind it was found in the table or handed over by a turn of the new process."""
    await world.wrote(1, due_at="now() + interval '1 hour'")
    if where == "the table":
        await world.wrote(2)
    await world.start()
    if where == "a turn":
        await world.stage.send(Deposit(account="kim", amount=1), "d1")
    await world.stage.send(Deposit(account="other", amount=1), "d2")
    await world.called("other", 0)
    await world.wrote(3, "read")
    await world.called("read", 3)
    assert world.outside.called("kim") == []
    await world.stage.connection.execute("update effects set due_at = now() where batch = 1")
    await world.called("kim", 1, 2 if where == "the table" else 0)
    await world.stage.until(world.stage.settled)


async def test_a_lane_put_off_for_long_waits_in_the_table_and_goes_on_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._WRITTEN_DOWN_FROM_SECONDS", 0.5)
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ALONE_SECONDS", 0.05)

    async def once_later(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=1.0) if len(world.outside.calls) == 1 else Done()

    world.outside.answer = once_later
    engine = await world.start()
    await world.stage.send(Deposit(account="kim", amount=3), "d1")
    await world.called("kim", 0)

    async def nothing_in_memory() -> bool:
        return not any(engine._partitions._in_hand.values())

    await world.stage.until(nothing_in_memory, seconds=0.9)
    await world.stage.send(Deposit(account="kim", amount=1), "d2")
    await world.called("kim", 0, 0, 1, 2, 0)
    assert [attempt.number for attempt in world.outside.attempts] == [1] * 5


async def test_a_lane_goes_on_when_what_is_put_off_cannot_be_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._WRITTEN_DOWN_FROM_SECONDS", 0.1)
    owner = await asyncpg.connect(world.stage.database.owner_dsn())
    await owner.execute(
        "create function cut() returns trigger language plpgsql as $$ begin"
        " raise exception 'the database system is shutting down' using errcode = '57P03'; end $$;"
        "create trigger cut before update on effects for each row execute function cut()"
    )

    async def once_later(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=0.3) if len(world.outside.calls) == 1 else Done()

    world.outside.answer = once_later
    await world.start()
    await world.stage.send(Deposit(account="kim", amount=2), "d1")
    await world.called("kim", 0, 0, 1)
    await owner.close()


async def test_a_lane_goes_on_whatever_its_handler_asks_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.effect_runner.ATTEMPTS_MAX", 1)

    async def nonsense(call: Call, attempt: Attempt) -> Any:
        return Again(after_seconds="soon") if call.number == 0 else Done()  # pyright: ignore[reportArgumentType]

    world.outside.answer = nonsense
    await world.start()
    await world.stage.send(Deposit(account="kim", amount=2), "d1")
    await world.called("kim", 0, 1)
    await world.letters(1)


@pytest.mark.parametrize("seconds", [-5.0, 0.0, float("-inf")])
async def test_a_wrong_number_of_seconds_does_not_have_a_call_go_round_and_round(world: World, seconds: float) -> None:
    async def soon(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=seconds) if len(world.outside.calls) < 3 else Done()

    world.outside.answer = soon
    engine = await world.start()
    assert engine is not None
    await world.stage.send(Deposit(account="kim", amount=1), "d1")
    await world.called("kim", 0, 0, 0)
    first, second, third = (attempt.now for attempt in world.outside.attempts)
    assert min(second - first, third - second) >= timedelta(seconds=AGAIN_SECONDS_MIN)


@pytest.mark.parametrize("seconds", [1e9, 1e15, float("inf"), 10**400])
async def test_a_wrong_number_of_seconds_does_not_put_a_call_off_for_years(world: World, seconds: float) -> None:
    async def late(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=seconds)

    world.outside.answer = late
    await world.start()
    await world.stage.send(Deposit(account="kim", amount=1), "d1")
    await world.called("kim", 0)

    async def hours() -> list[float]:
        rows = "select extract(epoch from due_at - created_at) / 3600 from effects where due_at > created_at"
        return [float(row[0]) for row in await world.stage.connection.fetch(rows)]

    async def is_put_off() -> bool:
        return bool(await hours())

    await world.stage.until(is_put_off)
    assert [round(one, 1) for one in await hours()] == [1.0]


@pytest.mark.parametrize(
    ("said", "seconds"), [(None, 7.5), (-5, 1.0), (0, 1.0), (40, 40.0), (10**9, 3600.0), (10**400, 3600.0)]
)
def test_what_an_answer_asks_us_to_wait_is_a_second_to_an_hour(said: int | None, seconds: float) -> None:
    assert asked_seconds(said, otherwise=7.5) == seconds
