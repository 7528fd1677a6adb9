"""getUpdates."""

import asyncio
from typing import Any

from telegram_stage import Stage


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [one["message"]["text"] for one in updates]


async def test_updates_stay_until_their_offset_confirms_them(stage: Stage) -> None:
    first = await stage.send(stage.anna, "/a")
    await stage.send(stage.anna, "/b")
    assert texts(await stage.updates(limit=1)) == ["/a"]
    assert texts(await stage.updates()) == ["/a", "/b"]
    assert texts(await stage.updates(offset=first["update_id"] + 1)) == ["/b"]
    assert texts(await stage.updates()) == ["/b"]
    assert (await stage.api("GET", "stats"))["updates"]["delivered"]["total"] == 1


async def test_a_negative_offset_keeps_the_last(stage: Stage) -> None:
    for text in ("/a", "/b", "/c"):
        await stage.send(stage.anna, text)
    assert texts(await stage.updates(offset=-1)) == ["/c"]
    assert texts(await stage.updates()) == ["/c"]


async def test_a_long_poll_ends_with_the_first_update(stage: Stage) -> None:
    polling = asyncio.create_task(stage.updates(timeout=30))
    await stage.send(stage.anna, "/a")
    async with asyncio.timeout(5):
        assert texts(await polling) == ["/a"]


async def test_a_newer_poll_takes_over(stage: Stage) -> None:
    older = asyncio.create_task(stage.refusal("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    newer = asyncio.create_task(stage.updates(timeout=30))
    async with asyncio.timeout(5):
        code, description = await older
        assert code == 409
        assert description.startswith("Conflict: terminated by other getUpdates request")
        await stage.send(stage.anna, "/a")
        assert texts(await newer) == ["/a"]


async def test_expired_updates_are_not_given(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    await stage.tap(stage.anna, message_id, "a:0", wait=False)
    await stage.send(stage.anna, "/a")
    stage.clock.advance(151)
    assert texts(await stage.updates()) == ["/a"]
    stage.clock.advance(24 * 3600)
    assert await stage.updates() == []
    assert (await stage.api("GET", "stats"))["updates"]["expired"] == {"total": 2, "callback_query": 1, "message": 1}
