"""Effects: after the commit, in order within a queue, results through the turn, by any number of replicas."""

import json
from typing import Any

import pytest
from stage.language import RingLater


def _ring(account: str, seconds: float = 0, priority: int = 0) -> Any:
    return RingLater(account=account, seconds=seconds, priority=priority)


async def test_effects_of_a_lane_are_performed_in_order_and_their_results_take_effect(stage: Any) -> None:
    await stage.start()
    await stage.send(_ring("ann"), "m1")
    await stage.until(lambda: _bells(stage, 3))
    await stage.until(stage.settled)
    numbers = [row[0] for row in await stage.connection.fetch("select number from bells order by at")]
    assert numbers == [0, 1, 2]
    assert await stage.balances() == {"ann": 3_000}


async def test_an_effect_that_is_put_off_holds_back_its_lane_and_no_other(stage: Any) -> None:
    service = await stage.start()
    bell = next(iter(service.engine.resources.values()))
    bell.refuse["slow"] = 1_000
    await stage.send(_ring("slow"), "m1")
    await stage.send(_ring("quick"), "m2")
    await stage.until(lambda: _bells(stage, 3))
    await stage.until(lambda: _refused(bell, 5))
    bell.refuse.clear()
    await stage.until(lambda: _bells(stage, 6))
    rows = await stage.connection.fetch("select lane, number from bells order by at")
    assert [row[1] for row in rows if row[0] == "slow"] == [0, 1, 2]
    assert [row[0] for row in rows[:3]] == ["quick"] * 3


async def test_an_effect_that_keeps_failing_is_put_aside_and_can_be_performed_again(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner.ATTEMPTS_MAX", 2)
    service = await stage.start()
    bell = next(iter(service.engine.resources.values()))
    bell.broken.add("ann")
    await stage.send(_ring("ann"), "m1")
    letters = await stage.until(lambda: _letters(stage, 3))
    assert {letter["type_name"] for letter in letters} == {"effect.Ring"}
    await stage.until(stage.settled)
    bell.broken.clear()
    request = {"request_id": "again"}
    answer = await stage.nc.request("admin.stage.dead_letter.replay.eve", json.dumps(request).encode(), timeout=10)
    assert json.loads(answer.data)["failed"] == {}
    await stage.until(lambda: _bells(stage, 3))
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 3_000}


async def test_a_broadcast_never_stands_in_the_way_of_an_answer(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.effect_runner._HELD_MAX", 3)
    service = await stage.start()
    bell = next(iter(service.engine.resources.values()))
    bell.refuse = {f"bulk{number}": 1_000 for number in range(10)}
    for number in range(10):
        await stage.send(_ring(f"bulk{number}", priority=9), f"b{number}")
    await stage.until(lambda: _waiting(stage, 30))
    await stage.send(_ring("ann"), "m1")
    await stage.until(lambda: _bells(stage, 3), seconds=3)
    bell.refuse.clear()
    await stage.until(lambda: _bells(stage, 33))


async def test_two_replicas_share_the_lanes_and_keep_their_order(stage: Any) -> None:
    await stage.start(replica="one")
    await stage.start(replica="two")
    await stage.until(lambda: _alive(stage, 2))
    for number in range(40):
        await stage.send(_ring(f"lane{number}"), f"m{number}")
    await stage.until(lambda: _bells(stage, 120))
    await stage.until(stage.settled)
    rows = await stage.connection.fetch("select lane, number, replica from bells order by at")
    for number in range(40):
        assert [row[1] for row in rows if row[0] == f"lane{number}"] == [0, 1, 2]
    assert {row[2] for row in rows} == {"one", "two"}


async def test_a_timer_fires_once_and_the_same_name_replaces(stage: Any) -> None:
    await stage.start()
    await stage.send(_ring("ann", seconds=3600), "m1")
    await stage.until(stage.settled)
    await stage.send(_ring("ann", seconds=1), "m2")
    await stage.until(lambda: _bells(stage, 3), seconds=10)
    info = await stage.js.stream_info("STAGE_TIMER", subjects_filter="stage.timer.ring-ann")
    assert not info.state.subjects


async def _refused(bell: Any, times: int) -> bool:
    return bell.refuse["slow"] <= 1_000 - times


async def _bells(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from bells") == count


async def _letters(stage: Any, count: int) -> Any:
    rows = await stage.connection.fetch("select * from dead_letters")
    return rows if len(rows) == count else None


async def _waiting(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from effects") == count


async def _alive(stage: Any, count: int) -> bool:
    owners = await stage.connection.fetchval(
        "select count(distinct pid) from pg_locks where locktype = 'advisory' and objid < 64 and granted"
    )
    return owners == count
