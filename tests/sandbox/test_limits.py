"""The Bot API's limits, at their border and beyond it: lengths, sizes, counts, ages."""

import struct
from collections.abc import Sequence
from typing import Any

import pytest
from stars_stage import FIELDS
from telegram_stage import Stage

from sandbox.entities.given import given_entities
from sandbox.entities.text import CAPTION_LENGTH_MAX, TEXT_LENGTH_MAX, formatted
from sandbox.errors import ApiError
from sandbox.world.files import PHOTO_BYTES_MAX, check_photo

ANNA = 5_000_000_001
BOLD = {"type": "bold", "offset": 0, "length": 1}
PARSE = "can't parse MessageEntity: "


def png(width: int, height: int, size: int = 64) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return head.ljust(size, b"\0")


def refusal(text: str, *, mode: str | None = "HTML", entities: Any = None, most: int = TEXT_LENGTH_MAX) -> str:
    """What Telegram says to a text; empty when it takes it."""
    try:
        formatted(text, mode, entities, most)
    except ApiError as refused:
        return refused.description.removeprefix("Bad Request: ")
    return ""


# -- texts and captions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 4096, ""),
        ("x" * 4097, "message is too long"),
        ("😀" * 2048, ""),
        ("😀" * 2048 + "x", "message is too long"),
        (f"<b>{'x' * 4096}</b>", ""),
        (f"<b>{'x' * 4097}</b>", "message is too long"),
        ("&lt;" * 4096, ""),
        ("&lt;" * 4097, "message is too long"),
        (" " * 9 + "x" * 4096 + "\n" * 9, ""),
        ("<b>x</b>" * 100, ""),
        ("<b>x</b>" * 101, "ENTITIES_TOO_LONG"),
        ("<b></b>" * 101, ""),
    ],
)
def test_a_text_is_measured_in_utf_16_after_its_markup_is_read(text: str, words: str) -> None:
    assert refusal(text) == words


@pytest.mark.parametrize(
    ("caption", "words"),
    [("x" * 1024, ""), ("x" * 1025, "message caption is too long"), ("<i>" + "😀" * 512 + "</i>", ""), ("", "")],
)
def test_a_caption_is_measured_likewise(caption: str, words: str) -> None:
    assert refusal(caption, most=CAPTION_LENGTH_MAX) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<script>a</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_markup_that_is_none(source: str, words: str) -> None:
    assert refusal(source) == f"can't parse entities: {words}"


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"offset": -1}, "receive an entity with incorrect offset -1"),
        ({"length": -1}, "receive an entity with incorrect length -1"),
        ({"offset": 100}, "entity begins after the end of the text at UTF-16 offset 100"),
        ({"length": 100}, "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100"),
        ({"type": "shout"}, PARSE + "Unsupported type specified"),
        ({"type": "text_link"}, PARSE + 'Can\'t find field "url"'),
        ({"type": "text_mention"}, PARSE + 'Can\'t find field "user"'),
        ({"type": "custom_emoji"}, PARSE + 'Can\'t find field "custom_emoji_id"'),
        ({"type": "custom_emoji", "custom_emoji_id": "x"}, PARSE + 'Field "custom_emoji_id" must be a valid Number'),
        ({"type": "text_link", "url": "not-a-url"}, "entity URL 'not-a-url' is invalid: Wrong HTTP URL"),
        ({"type": "text_link", "url": ""}, "entity URL '' is invalid: URL host is empty"),
    ],
)
def test_entities_that_are_wrong(entity: dict[str, Any], words: str) -> None:
    assert refusal("hello", mode=None, entities=[BOLD | entity]) == words


def test_entities_without_length_are_none_and_too_many_are_refused() -> None:
    assert given_entities([BOLD | {"length": 0}, BOLD], 5) == [BOLD]
    assert refusal("hello", mode=None, entities=[BOLD] * 100) == ""
    assert refusal("hello", mode=None, entities=[BOLD] * 101) == "ENTITIES_TOO_LONG"


# -- pictures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(5000, 5000), ""),
        (png(5001, 5000), "PHOTO_INVALID_DIMENSIONS"),
        (png(20, 400), ""),
        (png(20, 401), "PHOTO_INVALID_DIMENSIONS"),
        (png(0, 400), "PHOTO_INVALID_DIMENSIONS"),
        (png(10, 10, PHOTO_BYTES_MAX), ""),
        (
            png(10, 10, PHOTO_BYTES_MAX + 1),
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
        (b"%PDF-1.7", "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else f"{len(value)} bytes",
)
def test_pictures(data: bytes, words: str) -> None:
    if not words:
        check_photo(data)
        return
    with pytest.raises(ApiError) as refused:
        check_photo(data)
    assert refused.value.description == f"Bad Request: {words}"


# -- through the door -----------------------------------------------------------------------------------------


async def refused_all(stage: Stage, method: str, cases: Sequence[tuple[dict[str, Any], str]]) -> None:
    for fields, words in cases:
        assert await stage.refusal(method, **fields) == (400, f"Bad Request: {words}"), fields


async def test_texts_of_which_nothing_is_left(stage: Stage) -> None:
    message_id = await stage.question(ANNA)
    for method in ("sendMessage", "editMessageText"):
        place = {"chat_id": ANNA} | ({"message_id": message_id} if method.startswith("edit") else {})
        cases: list[tuple[dict[str, Any], str]] = [
            ({**place, "text": ""}, "message text is empty"),
            ({**place}, "message text is empty"),
            ({**place, "text": " \n "}, "text must be non-empty"),
            ({**place, "text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ]
        await refused_all(stage, method, cases)


async def test_answers_to_taps(stage: Stage) -> None:
    address = f"https://t.me/{stage.sandbox.settings.bot_username}?start="
    cases = [
        ({"text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ({"text": "😀" * 101}, "MESSAGE_TOO_LONG"),
        ({"url": "https://example.org"}, "URL_INVALID"),
        ({"url": address}, "URL_INVALID"),
        ({"url": address + "x" * 65}, "URL_INVALID"),
        ({"url": address + "ü"}, "URL_INVALID"),
    ]
    await refused_all(
        stage, "answerCallbackQuery", [({"callback_query_id": "1", **one}, words) for one, words in cases]
    )
    for fields in ({"text": "😀" * 100}, {"url": address + "x" * 64}):
        _, words = await stage.refusal("answerCallbackQuery", callback_query_id="1", **fields)
        assert "query is too old" in words


async def test_invoices(stage: Stage) -> None:
    await stage.send(ANNA)
    price = {"label": "a", "amount": 1}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"title": "😀" * 17}, "title is longer than 32 characters"),
        ({"description": "😀" * 128}, "description is longer than 255 characters"),
        ({"payload": "ä" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"prices": []}, "there must be at least one price"),
        ({"prices": [price, price]}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "a", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "a", "amount": 10**12}]}, "too big amount of the currency specified"),
        ({"provider_token": "x"}, "PAYMENT_PROVIDER_INVALID"),
        ({"photo_url": "ftp://e.org/x"}, "WEBDOCUMENT_URL_INVALID"),
        ({"photo_url": "e.org/x.jpg"}, "WEBDOCUMENT_URL_INVALID"),
        ({"start_parameter": "x" * 65}, "START_PARAM_INVALID"),
    ]
    await refused_all(stage, "sendInvoice", [({"chat_id": ANNA, **FIELDS, **one}, words) for one, words in cases])
    most = {"title": "😀" * 16, "description": "x" * 255, "payload": "ä" * 64, "photo_url": "https://e.org/x.jpg"}
    assert (await stage.call("sendInvoice", chat_id=ANNA, **FIELDS | most))["invoice"]["title"] == "😀" * 16


async def test_pictures_by_address(stage: Stage) -> None:
    await stage.send(ANNA)
    for address in ("http://", "https://nowhere", "https:///x.jpg"):
        await refused_all(stage, "sendPhoto", [({"chat_id": ANNA, "photo": address}, "wrong HTTP URL specified")])


async def test_a_command_s_description(stage: Stage) -> None:
    command = {"command": "play", "description": "😀" * 129}
    await refused_all(stage, "setMyCommands", [({"commands": [command]}, "BOT_COMMAND_DESCRIPTION_INVALID")])
    assert await stage.call("setMyCommands", commands=[command | {"description": "😀" * 128}])


async def test_messages_can_be_deleted_for_48_hours_and_edited_for_ever(stage: Stage) -> None:
    young, old = await stage.question(ANNA), await stage.question(ANNA)
    stage.clock.advance(48 * 3600 - 1)
    assert await stage.call("deleteMessage", chat_id=ANNA, message_id=young)
    stage.clock.advance(1)
    place = {"chat_id": ANNA, "message_id": old}
    await refused_all(stage, "deleteMessage", [(place, "message can't be deleted for everyone")])
    assert (await stage.call("editMessageText", **place, text="!"))["text"] == "!"
