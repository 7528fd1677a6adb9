"""Albums, service messages and unknown fields reach the bot as Telegram sends them."""

import pytest
from telegram_stage import RefusedError, Stage


async def test_an_album_is_an_update_a_picture_under_one_id(stage: Stage) -> None:
    made = await stage.api("POST", f"players/{stage.anna}/album", {"count": 3, "caption": "/play", "captioned": 2})
    got = [one["message"] for one in await stage.updates()]
    assert {one["media_group_id"] for one in got} == {made["media_group_id"]}
    assert [one["message_id"] for one in got] == [one["message_id"] for one in made["messages"]]
    assert [one.get("caption") for one in got] == [None, "/play", None]
    assert got[1]["caption_entities"][0]["type"] == "bot_command"
    assert all("text" not in one and one["photo"] for one in got)
    other = await stage.api("POST", f"players/{stage.anna}/album", {"count": 2})
    assert other["media_group_id"] != made["media_group_id"]


@pytest.mark.parametrize(("what", "field"), [
    ("pin", "pinned_message"), ("timer", "message_auto_delete_timer_changed"), ("wallpaper", "chat_background_set"),
    ("topic", "forum_topic_created"), ("boost", "boost_added"), ("access", "write_access_allowed"),
    ("video_chat", "video_chat_started"),
])  # fmt: skip
async def test_a_service_message_tells_what_was_done_and_has_no_text(stage: Stage, what: str, field: str) -> None:
    await stage.send(stage.anna, "hallo")
    await stage.api("POST", f"players/{stage.anna}/service", {"what": what})
    told = (await stage.updates())[-1]["message"]
    assert field in told
    assert "text" not in told
    assert told["from"]["id"] == told["chat"]["id"] == stage.anna


async def test_any_fields_are_sent_as_they_are(stage: Stage) -> None:
    fields = {"text": "/play", "forward_origin": {"type": "hidden_user", "date": 1}, "aura": {"colour": None}}
    made = await stage.api("POST", f"players/{stage.anna}/message", {"fields": fields})
    (update,) = await stage.updates()
    assert {name: update["message"][name] for name in fields} == fields
    assert update["message"]["message_id"] == made["message_id"]
    (shown,) = await stage.messages(stage.anna)
    assert (shown["text"], shown["fields"]) == ("/play", sorted(fields))


@pytest.mark.parametrize(("path", "body", "field"), [
    ("album", {"count": 1}, "count"), ("album", {"count": 11}, "count"),
    ("album", {"count": 3, "captioned": 4}, "captioned"), ("service", {"what": "dance"}, "what"),
    ("message", {"fields": 5}, "fields"), ("message", {}, "fields"),
])  # fmt: skip
async def test_what_telegram_never_sends_is_refused(stage: Stage, path: str, body: object, field: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        await stage.api("POST", f"players/{stage.anna}/{path}", body)
    assert (refusal.value.status, refusal.value.body["field"]) == (400, field)
