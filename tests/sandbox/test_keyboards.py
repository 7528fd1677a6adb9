"""Keyboards as Telegram takes them, refuses them and shows them: actions, labels, colours, sizes."""

import json
from typing import Any

import pytest
from telegram_stage import KEYBOARD, Stage

from sandbox.errors import ApiError
from sandbox.schema.compile import METHODS_FILE
from sandbox.schema.keyboard import keyboard_check

ANNA = 5_000_000_001
PARSE = "can't parse inline keyboard button: "
TEXT_BUTTON = PARSE + "Text buttons are unallowed in the inline keyboard"


check = keyboard_check(frozenset(json.loads(METHODS_FILE.read_text())["button_fields"]))


def keys(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


TAP = {"text": "a", "callback_data": "a"}
REFUSED = [
    (keys(text="a", callback_data=""), TEXT_BUTTON),
    (keys(text="a", url=""), TEXT_BUTTON),
    (keys(text="a"), TEXT_BUTTON),
    (keys(text="a", style="success"), TEXT_BUTTON),
    (keys(text="a", pay=False), TEXT_BUTTON),
    (keys(text="a", callback_data="ä" * 33), "BUTTON_DATA_INVALID"),
    (keys(text="a", callback_data="x" * 65), "BUTTON_DATA_INVALID"),
    (keys(text="a", callback_data=7), PARSE + 'Field "callback_data" must be of type String'),
    (keys(callback_data="a"), PARSE + 'Can\'t find field "text"'),
    (keys(text=7, callback_data="a"), PARSE + 'Field "text" must be of type String'),
    (keys(text=" ", callback_data="a"), "REPLY_MARKUP_INVALID"),
    (keys(text="", callback_data="a"), "REPLY_MARKUP_INVALID"),
    (keys(text="a", callback_data="a", url="https://example.org"), PARSE + "one action expected"),
    (keys(text="a", callback_data="a", disabled={}), PARSE + "one action expected"),
    (keys(text="a", callback_data="a", colour="red"), PARSE + 'unknown field "colour"'),
    (keys(text="a", callback_data="a", style="pink"), PARSE + "invalid button style specified"),
    (keys(text="a", callback_data="a", style="link"), PARSE + "invalid button style specified"),
    (keys(text="a", callback_data="a", style="disabled"), PARSE + "invalid button style specified"),
    (keys(text="a", callback_data="a", style=""), PARSE + "invalid button style specified"),
    (keys(text="a", url="http://localhost:8080/x"), "button URL 'http://localhost:8080/x' is invalid: Wrong HTTP URL"),
    (keys(text="a", url="not-a-url"), "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"),
    (keys(text="a", url="https://e.org/a b"), "Wrong HTTP URL"),
    (
        keys(text="a", url="ftp://e.org"),
        "inline keyboard button URL 'ftp://e.org' is invalid: Unsupported URL protocol",
    ),
    (keys(text="a", url="javascript://e.org/x"), "Unsupported URL protocol"),
    (keys(text="a", web_app={"url": "http://e.org"}), "Web App URL 'http://e.org' is invalid: Only HTTPS links are"),
    (keys(text="a", copy_text="x"), PARSE + 'Field "copy_text" must be of type Object'),
    (keys(text="a", copy_text={}), PARSE + 'Can\'t find field "text"'),
    (keys(text="a", copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
    (keys(text="a", copy_text={"text": "x" * 257}), "BUTTON_COPY_TEXT_INVALID"),
    (keys(text="a", copy_text={"text": "😀" * 129}), "BUTTON_COPY_TEXT_INVALID"),
    (keys(text="a", disabled=True), PARSE + 'Field "disabled" must be of type Object'),
    (keys(text="a", callback_game={}), "BUTTON_TYPE_INVALID"),
    (keys(text="a", login_url={"url": "https://e.org"}), "BOT_DOMAIN_INVALID"),
    ({"inline_keyboard": [["a"]]}, PARSE + "Inline keyboard button must be an Object"),
    ({"inline_keyboard": [TAP]}, "array of arrays of buttons expected"),
    ({"inline_keyboard": [[TAP] * 9]}, "REPLY_MARKUP_TOO_LONG"),
    ({"inline_keyboard": [[TAP]] * 101}, "REPLY_MARKUP_TOO_LONG"),
    ({"inline_keyboard": "x"}, 'field "inline_keyboard" must be of type Array'),
    ({"keys": []}, "inline_keyboard"),
    ("[", "can't parse reply keyboard markup JSON object"),
]
TAKEN = [
    keys(text="a", callback_data="ä" * 32),
    keys(text="a", callback_data="a", url=""),
    keys(text="a", copy_text={"text": "😀" * 128}),
    keys(text="a", disabled={}, style="danger"),
    keys(text="a", url="tg://user?id=1"),
    keys(text="a", url="t.me/x"),
    keys(text="a", web_app={"url": "https://e.org"}),
    {"inline_keyboard": [[TAP] * 8] * 12},
    {"inline_keyboard": []},
]


@pytest.mark.parametrize(("markup", "words"), REFUSED)
def test_keyboards_that_are_refused(markup: Any, words: str) -> None:
    with pytest.raises(ApiError) as refused:
        check("reply_markup", markup)
    assert refused.value.code == 400
    assert words in refused.value.description
    if words.startswith(PARSE):
        assert refused.value.description == f"Bad Request: {words}"


@pytest.mark.parametrize("markup", TAKEN)
def test_keyboards_at_the_limits_are_taken(markup: Any) -> None:
    assert check("reply_markup", markup)["inline_keyboard"] is not None


@pytest.mark.parametrize("style", ["primary", "success", "danger"])
async def test_colours_copies_and_disabled_buttons_are_kept(stage: Stage, style: str) -> None:
    await stage.send(ANNA)
    row = [
        {"text": "a", "disabled": {}, "style": style},
        {"text": "b", "copy_text": {"text": "https://t.me/x"}},
    ]
    sent = await stage.call("sendMessage", chat_id=ANNA, text="?", reply_markup={"inline_keyboard": [row]})
    assert sent["reply_markup"] == {"inline_keyboard": [row]}
    (shown,) = (await stage.messages(ANNA))[-1]["buttons"]
    assert [(one.get("style"), one.get("disabled"), one.get("copy_text")) for one in shown] == [
        (style, True, None),
        (None, None, "https://t.me/x"),
    ]


async def test_a_refused_keyboard_leaves_the_message_as_it_was(stage: Stage) -> None:
    message_id = await stage.question(ANNA)
    edit = {"chat_id": ANNA, "message_id": message_id, "reply_markup": keys(text="a", callback_data="a", style="pink")}
    code, words = await stage.refusal("editMessageReplyMarkup", **edit)
    assert (code, words) == (400, f"Bad Request: {PARSE}invalid button style specified")
    (row,) = (await stage.messages(ANNA))[-1]["buttons"]
    assert [button["data"] for button in row] == [one["callback_data"] for one in KEYBOARD["inline_keyboard"][0]]
