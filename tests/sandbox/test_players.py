"""Players and their chats through the JSON API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram_stage import HandClock, RefusedError, Stage

from sandbox.app import assemble
from sandbox.settings import Settings
from sandbox.world.state import FIRST_DEMO_PLAYER_ID


async def test_two_people_are_there_from_the_start(stage: Stage) -> None:
    players = await stage.api("GET", "players")
    assert [(one["first_name"], one["language_code"]) for one in players] == [("Anna", "de"), ("Ben", "en")]
    assert all(one["id"] > 2**32 for one in players)


async def test_players_are_made(stage: Stage) -> None:
    one = await stage.api("POST", "players", {"first_name": "Clara", "language_code": "de"})
    many = await stage.api("POST", "players", {"first_name": "P", "count": 3, "started": True})
    assert len({one["id"], *many["ids"]}) == 4
    assert [shown["first_name"] for shown in await stage.api("GET", "players?offset=2")] == [
        "Clara",
        "P 1",
        "P 2",
        "P 3",
    ]
    await stage.call("sendMessage", chat_id=many["ids"][0], text="started")


async def test_what_a_player_writes_reaches_the_bot(stage: Stage) -> None:
    sent = await stage.send(stage.anna, "/start ref_ABC234")
    [update] = await stage.updates()
    message = update["message"]
    assert (update["update_id"], message["message_id"]) == (sent["update_id"], sent["message_id"])
    assert message["from"] == {"id": stage.anna, "first_name": "Anna", "is_bot": False, "language_code": "de"}
    assert message["chat"] == {"id": stage.anna, "first_name": "Anna", "type": "private"}
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        ("https://t.me/starquiz_bot?start=duel_1", "/start duel_1"),
        ("t.me/Starquiz_Bot", "/start"),
        ("https://t.me/other_bot?start=duel_1", "https://t.me/other_bot?start=duel_1"),
    ],
)
async def test_deep_links(stage: Stage, text: str, arrives: str) -> None:
    await stage.send(stage.anna, text)
    assert (await stage.updates())[0]["message"]["text"] == arrives


async def test_a_chat_is_followed_by_revision(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    seen = (await stage.messages(stage.anna))[-1]["rev"]
    assert await stage.messages(stage.anna, f"since={seen}") == []
    waiting = asyncio.create_task(stage.messages(stage.anna, f"since={seen}&wait=5"))
    await stage.call("editMessageText", chat_id=stage.anna, message_id=message_id, text="neu")
    async with asyncio.timeout(3):
        [changed] = await waiting
    assert (changed["text"], changed["edited"]) == ("neu", True)
    await stage.call("deleteMessage", chat_id=stage.anna, message_id=message_id)
    [gone] = await stage.messages(stage.anna, f"since={changed['rev']}")
    assert (gone["message_id"], gone["deleted"]) == (message_id, True)


async def test_after_shows_new_messages(stage: Stage) -> None:
    sent = await stage.send(stage.anna)
    waiting = asyncio.create_task(stage.messages(stage.anna, f"after={sent['message_id']}&wait=5"))
    await stage.send(stage.ben)
    await stage.call("sendMessage", chat_id=stage.anna, text="Hallo")
    async with asyncio.timeout(3):
        assert [one["text"] for one in await waiting] == ["Hallo"]


async def test_only_the_newest_messages_are_kept(start: Callable[..., Awaitable[Stage]]) -> None:
    stage = await start(keep_messages=3)
    for number in range(6):
        await stage.send(stage.anna, f"/{number}")
    assert [one["text"] for one in await stage.messages(stage.anna)] == ["/3", "/4", "/5"]


async def test_blocking_and_unblocking_is_told_to_the_bot(stage: Stage) -> None:
    await stage.send(stage.anna)
    blocked = await stage.api("POST", f"players/{stage.anna}/block")
    assert (await stage.api("POST", f"players/{stage.anna}/block"))["update_id"] is None
    await stage.api("POST", f"players/{stage.anna}/unblock")
    _, left, back = await stage.updates()
    assert left["update_id"] == blocked["update_id"]
    assert (
        left["my_chat_member"]["old_chat_member"]["status"],
        left["my_chat_member"]["new_chat_member"]["status"],
    ) == ("member", "kicked")
    assert back["my_chat_member"]["new_chat_member"]["status"] == "member"
    await stage.call("sendMessage", chat_id=stage.anna, text="x")


WRONG: list[tuple[str, Any, int, str]] = [
    ("players", {}, 400, "first_name"),
    ("players", {"first_name": ""}, 400, "first_name"),
    ("players", {"first_name": "A", "language_code": "Deutsch!"}, 400, "language_code"),
    ("players", {"first_name": "A", "name": "B"}, 400, "name"),
    ("players/5000000001/send", {}, 400, "text"),
    ("players/5000000001/send", {"text": " "}, 400, "text"),
    ("players/5000000001/send", {"text": "x" * 4097}, 400, "text"),
    ("players/5000000001/tap", {"message_id": "1", "data": "a"}, 400, "message_id"),
    ("players/5000000001/tap", {"message_id": 1}, 400, "data"),
    ("players/5000000001/tap", {"message_id": 1, "data": "a", "wait": "no"}, 400, "wait"),
    ("players/5000000001/tap", [1], 400, "(body)"),
]


@pytest.mark.parametrize(("path", "body", "status", "field"), WRONG)
async def test_refusals_name_the_field_and_the_remedy(
    stage: Stage, path: str, body: Any, status: int, field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", path, body)
    assert (refused.value.status, refused.value.body["field"]) == (status, field)
    assert refused.value.body["remedy"]


async def test_unknown_players_and_bad_queries(stage: Stage) -> None:
    with pytest.raises(RefusedError) as unknown:
        await stage.send(7)
    assert (unknown.value.status, unknown.value.body["error"]) == (404, "there is no player 7")
    with pytest.raises(RefusedError) as query:
        await stage.messages(stage.anna, "after=x")
    assert query.value.body["field"] == "after"


async def test_raw_updates_go_out_as_they_are(stage: Stage) -> None:
    made = await stage.api("POST", "updates", {"message": {"from": {"id": 3}, "text": 5}})
    again = await stage.api("POST", "updates", {"update_id": "seven", "nonsense": None})
    assert again == {"update_id": "seven", "kind": "nonsense"}
    first, second = await stage.updates()
    assert first == {"update_id": made["update_id"], "message": {"from": {"id": 3}, "text": 5}}
    assert second == {"update_id": "seven", "nonsense": None}


async def test_stats_can_start_anew(stage: Stage) -> None:
    await stage.send(stage.anna)
    await stage.call("getMe")
    stats = await stage.api("GET", "stats")
    assert stats["updates"]["made"] == {"total": 1, "message": 1}
    assert stats["methods"]["getMe"] == {"ok": 1}
    assert stats["pending_updates"] == 1
    await stage.api("DELETE", "stats")
    assert (await stage.api("GET", "stats"))["updates"] == {}


def test_after_a_restart_only_the_demo_players_are_the_same() -> None:
    clock = HandClock()
    before = assemble(Settings(), clock).world
    clock.advance(1)
    after = assemble(Settings(), clock).world
    assert list(before.chats) == list(after.chats)
    added = [world.add_player("Clara", "de").id for world in (before, after)]
    messages = [world.chats[FIRST_DEMO_PLAYER_ID].next_id() for world in (before, after)]
    assert added[0] < added[1]
    assert messages[0] < messages[1]
