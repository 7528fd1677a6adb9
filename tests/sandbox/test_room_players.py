"""Players in groups: who is in there, taps below a group's messages, the command menu, letting the bot in."""

import asyncio
import json
from typing import Any

import pytest
from room_stage import last, room
from telegram_stage import KEYBOARD, RefusedError, Stage


async def question(stage: Stage, group: int, **more: Any) -> int:
    """The bot's message with buttons in a room → its id."""
    return (await stage.call("sendMessage", chat_id=group, text="?", reply_markup=KEYBOARD, **more))["message_id"]


async def seen(stage: Stage, group: int) -> dict[str, Any]:
    return next(one for one in await stage.api("GET", "rooms") if one["id"] == group)


async def test_a_tap_in_a_topic_names_its_chat_its_topic_and_who_tapped(stage: Stage) -> None:
    forum = await room(stage, forum=True)
    thread = (await stage.api("POST", f"rooms/{forum}/topics", {"name": "Verben"}))["thread_id"]
    message_id = await question(stage, forum, message_thread_id=thread)
    body = {"player_id": stage.ben, "message_id": message_id, "data": "a:1"}
    tapping = asyncio.create_task(stage.api("POST", f"rooms/{forum}/tap", body))
    query = (await stage.updates(offset=-1, timeout=5))[-1]
    while "callback_query" not in query:
        query = (await stage.updates(offset=query["update_id"] + 1, timeout=5))[-1]
    query = query["callback_query"]
    below = query["message"]
    assert (query["from"]["id"], query["data"], query["chat_instance"]) == (stage.ben, "a:1", str(forum))
    assert below["chat"] == {"id": forum, "title": "Klasse", "type": "supergroup", "is_forum": True}
    assert (below["message_id"], below["message_thread_id"], below["is_topic_message"]) == (message_id, thread, True)
    assert below["from"]["is_bot"]
    await stage.call("answerCallbackQuery", callback_query_id=query["id"], text="Richtig!")
    assert (await tapping)["text"] == "Richtig!"


async def test_only_buttons_that_are_there_can_be_tapped(stage: Stage) -> None:
    group = await room(stage)
    message_id = await question(stage, group)
    tap = {"player_id": stage.anna, "message_id": message_id, "data": "a:9", "wait": False}
    for body, status in ((tap, 400), (tap | {"message_id": 77}, 404), (tap | {"player_id": 1}, 404)):
        with pytest.raises(RefusedError) as refused:
            await stage.api("POST", f"rooms/{group}/tap", body)
        assert refused.value.status == status
    assert await stage.updates() == []
    await stage.api("POST", f"rooms/{group}/tap", tap | {"message_id": 77, "force": True})
    gone = (await last(stage))["callback_query"]["message"]
    assert (gone["chat"]["id"], gone["date"]) == (group, 0)


async def test_a_player_who_blocked_the_bot_can_still_tap_in_a_group(stage: Stage) -> None:
    group = await room(stage)
    message_id = await question(stage, group)
    await stage.api("POST", f"players/{stage.anna}/block")
    body = {"player_id": stage.anna, "message_id": message_id, "data": "a:0", "wait": False}
    await stage.api("POST", f"rooms/{group}/tap", body)
    assert (await last(stage))["callback_query"]["from"]["id"] == stage.anna


async def test_who_comes_is_told_of_and_who_writes_or_taps_is_in(stage: Stage) -> None:
    group = await room(stage)
    assert (await seen(stage, group))["members"] == []
    await stage.api("POST", f"rooms/{group}/join", {"player_id": stage.anna})
    assert [one["id"] for one in (await last(stage))["message"]["new_chat_members"]] == [stage.anna]
    channel = await room(stage, "channel")
    assert await stage.api("POST", f"rooms/{channel}/join", {"player_id": stage.anna}) == {"update_id": None}
    with pytest.raises(RefusedError) as twice:
        await stage.api("POST", f"rooms/{group}/join", {"player_id": stage.anna})
    assert twice.value.status == 409
    await stage.api("POST", f"rooms/{group}/send", {"text": "/play", "player_id": stage.ben})
    await stage.api("POST", f"rooms/{group}/send", {"text": "/play", "as": "channel"})
    assert (await seen(stage, group))["members"] == [stage.anna, stage.ben]
    (_, told, by_channel) = await stage.api("GET", f"rooms/{group}/messages")
    assert told["sender"] == {"id": stage.ben, "name": "Ben"}
    assert told["entities"] == [{"type": "bot_command", "offset": 0, "length": 5}]
    assert by_channel["sender"]["name"] == "Deutsch lernen"


async def test_topics_have_names(stage: Stage) -> None:
    forum = await room(stage, forum=True)
    thread = (await stage.api("POST", f"rooms/{forum}/topics", {"name": "Verben"}))["thread_id"]
    assert (await seen(stage, forum))["topics"] == [{"thread_id": thread, "name": "Verben", "open": True}]
    closed = await stage.api("POST", f"rooms/{forum}/topics/{thread}/close")
    assert closed == {"topics": [{"thread_id": thread, "name": "Verben", "open": False}]}


async def test_the_bot_is_let_in_again(stage: Stage) -> None:
    group = await room(stage)
    assert (await stage.api("POST", f"rooms/{group}/admit")) == {"update_id": None}
    await stage.api("POST", f"rooms/{group}/kick")
    await stage.api("POST", f"rooms/{group}/admit", {"player_id": stage.ben})
    change = (await last(stage))["my_chat_member"]
    assert (change["from"]["id"], change["new_chat_member"]["status"]) == (stage.ben, "member")
    await stage.call("sendMessage", chat_id=group, text="x")


async def test_the_command_menu_of_a_group(stage: Stage) -> None:
    group = await room(stage)

    async def menu() -> list[str]:
        return [one["command"] for one in await stage.api("GET", f"rooms/{group}/commands?player={stage.anna}")]

    scopes = (None, {"type": "all_group_chats"}, {"type": "chat", "chat_id": group})
    private = {"type": "all_private_chats"}
    await stage.call("setMyCommands", commands=[{"command": "alone", "description": "x"}], scope=private)
    assert await menu() == []
    for number, scope in enumerate(scopes):
        named = {"scope": scope} if scope else {}
        await stage.call("setMyCommands", commands=[{"command": f"c{number}", "description": "x"}], **named)
        assert await menu() == [f"c{number}"]


async def test_the_page_follows_rooms(stage: Stage) -> None:
    old = await room(stage, forum=True)
    await stage.api("POST", f"rooms/{old}/send", {"text": "Hallo", "player_id": stage.ben})
    async with stage.http.get("/sandbox/page/events?players=1") as feed:

        async def lines() -> list[dict[str, Any]]:
            while not (line := await feed.content.readline()).startswith(b"data: "):
                pass
            return json.loads(line[6:])

        (hello,) = await lines()
        assert [(one["id"], one["members"], len(one["messages"])) for one in hello["rooms"]] == [(old, [stage.ben], 1)]
        new = await room(stage, "group")
        assert [(one["kind"], one["extra"]["id"]) for one in await lines()] == [("room", new)]
        thread = (await stage.api("POST", f"rooms/{old}/topics", {"name": "Verben"}))["thread_id"]
        changed, told = await lines()
        assert (changed["extra"]["topics"][0]["name"], told["message"]["thread_id"]) == ("Verben", thread)
        message_id = await question(stage, old, message_thread_id=thread)
        assert [one["message"]["thread_id"] for one in await lines()] == [thread]
        body = {"player_id": stage.ben, "message_id": message_id, "data": "a:0", "wait": False}
        query = (await stage.api("POST", f"rooms/{old}/tap", body))["callback_query_id"]
        (tapped,) = await lines()
        assert (tapped["chat_id"], tapped["extra"]["player_id"]) == (old, stage.ben)
        await stage.call("answerCallbackQuery", callback_query_id=query, text="Ja")
        (answered,) = await lines()
        assert (answered["chat_id"], answered["extra"]["player_id"], answered["extra"]["text"]) == (
            old,
            stage.ben,
            "Ja",
        )
