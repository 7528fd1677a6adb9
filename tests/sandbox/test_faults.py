"""Faults on demand, and Telegram's flood limits."""

import asyncio
from typing import Any

import aiohttp
import pytest
from telegram_stage import RefusedError, Stage, until


async def incoming(stage: Stage) -> list[str]:
    return [one["message"]["text"] for one in await stage.updates()]


async def say(stage: Stage, *texts: str) -> None:
    for text in texts:
        await stage.send(stage.anna, text)


async def test_updates_dropped(stage: Stage) -> None:
    await stage.faults({"on": "update", "kind": "message", "do": "drop", "count": 1})
    await say(stage, "/a", "/b")
    assert await incoming(stage) == ["/b"]
    shown = await stage.api("GET", "faults")
    assert (shown["faults"][0]["hits"], shown["faults"][0]["count"]) == (1, 1)


async def test_updates_doubled_have_one_id(stage: Stage) -> None:
    await stage.faults({"on": "update", "do": "duplicate", "count": 1})
    await say(stage, "/a", "/b")
    updates = await stage.updates()
    assert [one["message"]["text"] for one in updates] == ["/a", "/a", "/b"]
    assert updates[0]["update_id"] == updates[1]["update_id"]


async def test_updates_swapped(stage: Stage) -> None:
    await stage.faults({"on": "update", "do": "reorder", "count": 1})
    await say(stage, "/a", "/b", "/c")
    assert await incoming(stage) == ["/b", "/a", "/c"]


async def test_a_held_back_update_is_not_held_for_ever(stage: Stage) -> None:
    await stage.faults({"on": "update", "do": "reorder", "count": 1})
    await say(stage, "/a")
    assert await incoming(stage) == []
    stage.clock.advance(1)
    await until(lambda: len(stage.sandbox.updates.pending) == 1)


async def test_updates_delayed(stage: Stage) -> None:
    await stage.faults({"on": "update", "do": "delay", "delay_ms": 1500, "count": 1})
    await say(stage, "/a", "/b")
    await until(lambda: stage.clock.naps == [1.5])
    assert await incoming(stage) == ["/b"]
    stage.clock.advance(1.5)
    await until(lambda: len(stage.sandbox.updates.pending) == 2)
    assert await incoming(stage) == ["/b", "/a"]


METHOD_FAULTS = [
    ({"do": "429", "retry_after": 5}, 429, "Too Many Requests: retry after 5"),
    ({"do": "500"}, 500, "Internal Server Error"),
    ({"do": "502"}, 502, "Bad Gateway"),
    ({"do": "blocked"}, 403, "Forbidden: bot was blocked by the user"),
]


@pytest.mark.parametrize(("rule", "code", "description"), METHOD_FAULTS)
async def test_methods_refused(stage: Stage, rule: dict[str, Any], code: int, description: str) -> None:
    await stage.send(stage.anna)
    await stage.faults({"on": "method", "method": "sendMessage", "count": 1, **rule})
    assert await stage.refusal("sendMessage", chat_id=stage.anna, text="x") == (code, description)
    assert len(await stage.messages(stage.anna)) == 1
    await stage.call("sendMessage", chat_id=stage.anna, text="x")


async def test_a_429_says_how_long(stage: Stage) -> None:
    await stage.faults({"on": "method", "do": "429", "retry_after": 5})
    status, answer = await stage.raw("getMe")
    assert (status, answer["parameters"]) == (429, {"retry_after": 5})


@pytest.mark.parametrize(("do", "messages"), [("timeout", 1), ("timeout_after", 2)])
async def test_no_answer_before_or_after_the_effect(stage: Stage, do: str, messages: int) -> None:
    await stage.send(stage.anna)
    await stage.faults({"on": "method", "method": "sendMessage", "do": do, "seconds": 0.01})
    with pytest.raises(aiohttp.ClientError):
        await stage.call("sendMessage", chat_id=stage.anna, text="x")
    assert len(await stage.messages(stage.anna)) == messages


async def test_a_time_out_without_seconds_never_answers(stage: Stage) -> None:
    await stage.faults({"on": "method", "method": "getMe", "do": "timeout"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stage.call("getMe"), 0.1)


async def test_a_fault_can_be_for_one_chat(stage: Stage) -> None:
    await stage.send(stage.anna)
    await stage.send(stage.ben)
    await stage.faults({"on": "method", "method": "sendMessage", "do": "blocked", "chat_id": stage.ben})
    await stage.call("sendMessage", chat_id=stage.anna, text="x")
    assert (await stage.refusal("sendMessage", chat_id=stage.ben, text="x"))[0] == 403


async def test_a_seed_makes_faults_repeatable(stage: Stage) -> None:
    async def drawn() -> list[bool]:
        await stage.faults({"on": "method", "method": "getMe", "do": "500", "probability": 0.5}, seed=11, clear=True)
        return [(await stage.raw("getMe"))[0] == 500 for _ in range(40)]

    first = await drawn()
    assert first == await drawn()
    assert 5 < sum(first) < 35


async def test_faults_can_be_cleared(stage: Stage) -> None:
    await stage.faults({"on": "method", "do": "500"}, flood_limits=True)
    assert await stage.api("DELETE", "faults") == {"faults": [], "flood_limits": False}
    await stage.call("getMe")


WRONG = [
    ({"on": "moon"}, "faults[0].on"),
    ({"on": "update", "do": "explode"}, "faults[0].do"),
    ({"on": "update", "do": "delay"}, "faults[0].delay_ms"),
    ({"on": "update", "do": "drop", "probability": 2}, "faults[0].probability"),
    ({"on": "update", "do": "drop", "retry_after": 2}, "faults[0].retry_after"),
    ({"on": "method", "do": "500", "method": "sendMassage"}, "faults[0].method"),
]


@pytest.mark.parametrize(("rule", "field"), WRONG)
async def test_wrong_rules_are_refused_by_field(stage: Stage, rule: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        await stage.faults({"on": "update", "do": "drop"}, rule)
    assert (refused.value.status, refused.value.body["field"]) == (400, field.replace("[0]", "[1]"))
    assert refused.value.body["remedy"]
    assert (await stage.api("GET", "faults"))["faults"] == []


async def test_flood_limits_per_chat_and_over_all(stage: Stage) -> None:
    ids = (await stage.api("POST", "players", {"first_name": "P", "count": 40, "started": True}))["ids"]
    await stage.faults(flood_limits=True)
    answers = [(await stage.raw("sendMessage", chat_id=ids[0], text="x"))[0] for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    stage.clock.advance(1)
    assert (await stage.raw("sendMessage", chat_id=ids[0], text="x"))[0] == 200
    stage.clock.advance(10)
    answers = [(await stage.raw("sendMessage", chat_id=one, text="x"))[0] for one in ids]
    assert (answers.count(200), answers.count(429)) == (30, 10)
    message_id = (await stage.messages(ids[0]))[-1]["message_id"]
    await stage.call("editMessageText", chat_id=ids[0], message_id=message_id, text="edits are free")
