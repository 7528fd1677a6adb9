"""What the Bot API refuses, in Telegram's words."""

import subprocess
import sys
from typing import Any

import pytest
from telegram_stage import KEYBOARD, Stage

from sandbox.bot_api.registry import Registry
from sandbox.methods_from_aiogram import Reader, known_methods
from sandbox.schema.compile import Compiler

ANNA = 5_000_000_001


REFUSED = [
    ("sendMessage", {"text": "x"}, 400, "Bad Request: chat_id is empty"),
    ("sendMessage", {"chat_id": ANNA}, 400, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": ANNA, "text": "  \n"}, 400, "Bad Request: text must be non-empty"),
    ("sendMessage", {"chat_id": ANNA, "text": "x" * 4097}, 400, "Bad Request: message is too long"),
    ("sendMessage", {"chat_id": ANNA, "text": "😀" * 2049}, 400, "Bad Request: message is too long"),
    ("sendMessage", {"chat_id": 77, "text": "x"}, 400, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": "@channel", "text": "x"}, 400, "Bad Request: chat not found"),
    (
        "sendMessage",
        {"chat_id": ANNA, "text": "x", "parse": "HTML"},
        400,
        'unknown parameter "parse" of method sendMessage',
    ),
    ("sendMessage", {"chat_id": ANNA, "text": ["x"]}, 400, 'invalid value of parameter "text": string expected'),
    ("sendMessage", {"chat_id": ANNA, "text": "\ud83d"}, 400, "Bad Request: strings must be encoded in UTF-8"),
    ("sendMessage", {"chat_id": ANNA, "text": "x", "protect_content": "maybe"}, 400, "boolean expected"),
    ("sendMessage", {"chat_id": ANNA, "text": "x", "parse_mode": "Markdown"}, 400, "unsupported parse_mode"),
    (
        "sendMessage",
        {"chat_id": ANNA, "text": "x", "reply_parameters": {"message_id": 1}},
        400,
        "message to be replied not",
    ),
    ("sendMessage", {"chat_id": ANNA, "text": "x", "reply_parameters": {"id": 1}}, 400, 'unknown field "id"'),
    (
        "sendMessage",
        {"chat_id": ANNA, "text": "x", "link_preview_options": "{"},
        400,
        "can't parse link_preview_options JSON",
    ),
    (
        "sendMessage",
        {"chat_id": ANNA, "text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        400,
        "ends after the end of the text at UTF-16 offset 2",
    ),
    ("sendPhoto", {"chat_id": ANNA, "photo": "nothing"}, 400, "wrong remote file identifier"),
    (
        "sendPhoto",
        {"chat_id": ANNA, "photo": "https://e.org/x", "caption": "x" * 1025},
        400,
        "message caption is too long",
    ),
    ("editMessageText", {"chat_id": ANNA, "message_id": 1, "text": "x"}, 400, "Bad Request: message to edit not found"),
    ("editMessageText", {"chat_id": ANNA, "text": "x"}, 400, "Bad Request: message identifier is not specified"),
    ("deleteMessage", {"chat_id": ANNA, "message_id": 1}, 400, "Bad Request: message to delete not found"),
    ("sendChatAction", {"chat_id": ANNA, "action": "dance"}, 400, "wrong parameter action in request"),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, 400, "MESSAGE_TOO_LONG"),
    (
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        400,
        "query is too old and response timeout expired or query ID is",
    ),
    ("answerCallbackQuery", {"callback_query_id": "1", "url": "https://example.org"}, 400, "URL_INVALID"),
    ("setMyCommands", {"commands": [{"command": "Play", "description": "x"}]}, 400, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "play", "description": ""}]}, 400, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": f"c{n}", "description": "x"} for n in range(101)]}, 400, "TOO_MUCH"),
    ("setMyCommands", {"commands": [{"command": "play"}]}, 400, 'field "description" of parameter "commands[0]"'),
    (
        "setMyCommands",
        {"commands": [], "scope": {"type": "moon"}},
        400,
        'field "type" of parameter "scope" must be one of',
    ),
    ("setWebhook", {"url": "ftp://example.org"}, 400, "bad webhook"),
    (
        "setWebhook",
        {"url": "http://example.org", "secret_token": "a b"},
        400,
        "secret token contains unallowed characters",
    ),
    ("setWebhook", {"url": "http://example.org", "max_connections": 101}, 400, "max_connections"),
    ("sendDice", {"chat_id": ANNA}, 501, "Not Implemented: this sandbox lacks the method sendDice"),
    ("sendNothing", {}, 404, "Not Found"),
]


@pytest.mark.parametrize(("method", "parameters", "code", "words"), REFUSED)
async def test_refusals(stage: Stage, method: str, parameters: dict[str, Any], code: int, words: str) -> None:
    stage.sandbox.world.chats[ANNA].player.started = True
    status, description = await stage.refusal(method, **parameters)
    assert status == code
    assert words in description
    assert await stage.messages(ANNA) == []


async def test_the_limits_themselves_are_allowed(stage: Stage) -> None:
    await stage.send(ANNA)
    sent = await stage.call("sendMessage", chat_id=ANNA, text="x" * 4096)
    assert len(sent["text"]) == 4096
    parsed = await stage.call("sendMessage", chat_id=ANNA, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert parsed["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_the_same_content_is_not_modified(stage: Stage) -> None:
    message_id = await stage.question(ANNA)
    edit = {"chat_id": ANNA, "message_id": message_id, "text": "?", "reply_markup": KEYBOARD}
    status, description = await stage.refusal("editMessageText", **edit)
    assert status == 400
    assert description.startswith(
        "Bad Request: message is not modified: specified new message content and reply markup"
    )
    await stage.call("editMessageText", **{**edit, "text": "!"})


async def test_the_players_own_message_cannot_be_edited(stage: Stage) -> None:
    sent = await stage.send(ANNA)
    edit = {"chat_id": ANNA, "message_id": sent["message_id"], "text": "x"}
    assert await stage.refusal("editMessageText", **edit) == (400, "Bad Request: message can't be edited")


async def test_text_and_caption_are_edited_by_their_own_methods(stage: Stage) -> None:
    text_id = await stage.question(ANNA)
    photo_id = (await stage.call("sendPhoto", chat_id=ANNA, photo="https://e.org/x.png"))["message_id"]
    edit = {"chat_id": ANNA, "message_id": photo_id, "text": "x"}
    assert (await stage.refusal("editMessageText", **edit))[1].endswith("there is no text in the message to edit")
    edit = {"chat_id": ANNA, "message_id": text_id, "caption": "x"}
    assert (await stage.refusal("editMessageCaption", **edit))[1].endswith("there is no caption in the message to edit")


async def test_who_is_gone_cannot_be_written_to(stage: Stage) -> None:
    message_id = await stage.question(ANNA)
    await stage.api("POST", f"players/{ANNA}/deactivate")
    send = {"chat_id": ANNA, "text": "x"}
    assert await stage.refusal("sendMessage", **send) == (403, "Forbidden: user is deactivated")
    assert await stage.refusal("editMessageText", message_id=message_id, **send) == (
        403,
        "Forbidden: user is deactivated",
    )


async def test_bodies_come_as_json_form_query_and_multipart(stage: Stage) -> None:
    await stage.send(ANNA)
    path = f"/bot{stage.sandbox.settings.bot_token}/sendMessage"
    text = "ä + ü & 100% = 😀"
    async with stage.http.post(path, data={"chat_id": str(ANNA), "text": text}) as answer:
        assert (await answer.json())["result"]["text"] == text
    async with stage.http.get(path, params={"chat_id": str(ANNA), "text": text}) as answer:
        assert (await answer.json())["result"]["text"] == text
    async with stage.http.post(path.upper().replace("BOT", "bot").replace("SANDBOX", "sandbox"), json={}) as answer:
        assert (await answer.json())["description"] == "Bad Request: chat_id is empty"
    for body in (b"{", b"[]"):
        async with stage.http.post(path, data=body, headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == 400
    async with stage.http.post(
        path, data=b"text=%ff", headers={"Content-Type": "application/x-www-form-urlencoded"}
    ) as answer:
        assert (await answer.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


def test_the_list_of_methods_is_current() -> None:
    # In a process of its own: whoever imported aiogram before in this one may have postponed building its models.
    command = [sys.executable, "-m", "sandbox.methods_from_aiogram", "check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_every_method_telegram_has_could_be_checked() -> None:
    reader = Reader()
    models = known_methods()
    methods = {name: reader.fields(model) for name, model in models.items()}
    compiler = Compiler(reader.objects, frozenset())
    assert len(methods) > 150
    for name, fields in methods.items():
        assert set(compiler.method(name, fields).parameters) == set(models[name].model_fields)


def test_what_is_lacking_is_known_by_name() -> None:
    registry = Registry()
    assert registry.lacking["senddice"] == "sendDice"
    assert not registry.lacking.keys() & registry.methods.keys()
