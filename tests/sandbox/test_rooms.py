"""Groups, channels and topics, as the bot meets them."""

import pytest
from room_stage import last, room
from telegram_stage import RefusedError, Stage


@pytest.mark.parametrize(
    ("voice", "sender", "by_chat"),
    [("player", None, False), ("anonymous", 1087968824, True), ("channel", 136817688, True), ("linked", 777000, True)],
)
async def test_whoever_writes_in_a_group(stage: Stage, voice: str, sender: int | None, by_chat: bool) -> None:
    group = await room(stage)
    await stage.api("POST", f"rooms/{group}/send", {"text": "/play", "as": voice, "player_id": stage.ben})
    message = (await last(stage))["message"]
    assert (message["from"]["id"], "sender_chat" in message) == (sender or stage.ben, by_chat)
    assert message["chat"] == {"id": group, "title": "Klasse", "type": "supergroup"}
    assert message.get("is_automatic_forward", False) is (voice == "linked")


async def test_a_channels_post_has_no_user(stage: Stage) -> None:
    channel = await room(stage, "channel")
    await stage.api("POST", f"rooms/{channel}/send", {"text": "/play"})
    post = (await last(stage))["channel_post"]
    assert ("from" in post, post["sender_chat"]["id"]) == (False, channel)


async def test_a_topic_is_written_to_while_it_is_open(stage: Stage) -> None:
    forum = await room(stage, forum=True)
    stage.sandbox.world.chats[stage.anna].player.started = True
    for chat, path in ((forum, f"rooms/{forum}"), (stage.anna, f"players/{stage.anna}")):
        thread = (await stage.api("POST", f"{path}/topics", {"name": "Verben"}))["thread_id"]
        assert (await last(stage))["message"]["forum_topic_created"]["name"] == "Verben"
        sent = await stage.call("sendMessage", chat_id=chat, text="x", message_thread_id=thread)
        assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
        await stage.api("POST", f"{path}/topics/{thread}/close")
        refused = await stage.refusal("sendMessage", chat_id=chat, text="x", message_thread_id=thread)
        assert refused == (400, "Bad Request: TOPIC_CLOSED")


async def test_what_is_no_topic_is_refused(stage: Stage) -> None:
    forum = await room(stage, forum=True)
    thread = (await stage.api("POST", f"rooms/{forum}/topics", {"name": "Verben"}))["thread_id"]
    gone = await stage.call("sendMessage", chat_id=forum, text="x", message_thread_id=thread)
    with pytest.raises(RefusedError):
        await stage.api("POST", f"rooms/{forum}/topics/5000/delete")
    await stage.api("POST", f"rooms/{forum}/topics/{thread}/delete")
    for chat, number in ((forum, thread), (forum, 1), (await room(stage), 5)):
        refused = await stage.refusal("sendMessage", chat_id=chat, text="x", message_thread_id=number)
        assert refused == (400, "Bad Request: message thread not found")
    edited = await stage.refusal("editMessageText", chat_id=forum, message_id=gone["message_id"], text="y")
    assert edited == (400, "Bad Request: message to edit not found")
    await stage.api("POST", f"rooms/{forum}/send", {"text": "/play", "thread_id": 9, "topic": False})
    message = (await last(stage))["message"]
    assert (message["message_thread_id"], "is_topic_message" in message) == (9, False)


async def test_a_group_that_became_a_supergroup_refuses_its_old_id_and_names_the_new_one(stage: Stage) -> None:
    group = await room(stage, "group")
    await stage.call("sendMessage", chat_id=group, text="x")
    home = (await stage.api("POST", f"rooms/{group}/migrate"))["id"]
    told = [one["message"] for one in (await stage.updates())[-2:]]
    assert [(one["chat"]["id"], one.get("migrate_to_chat_id"), one.get("migrate_from_chat_id")) for one in told] == [
        (group, home, None), (home, None, group),
    ]  # fmt: skip
    status, answer = await stage.raw("sendMessage", chat_id=group, text="x")
    assert (status, answer["parameters"]) == (400, {"migrate_to_chat_id": home})
    await stage.call("sendMessage", chat_id=home, text="x")
    with pytest.raises(RefusedError):
        await stage.api("POST", f"rooms/{group}/migrate")


async def test_a_bot_that_was_thrown_out_or_muted_is_refused(stage: Stage) -> None:
    group = await room(stage)
    await stage.api("POST", f"rooms/{group}/mute", {"muted": True})
    refused = await stage.refusal("sendMessage", chat_id=group, text="x")
    assert refused == (400, "Bad Request: not enough rights to send text messages to the chat")
    await stage.api("POST", f"rooms/{group}/kick")
    assert (await last(stage))["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    refused = await stage.refusal("sendMessage", chat_id=group, text="x")
    assert refused == (403, "Forbidden: bot was kicked from the supergroup chat")
    assert [(one["id"], one["kicked"]) for one in await stage.api("GET", "rooms")] == [(group, True)]
