"""aiogram, the client the bot uses, against the sandbox."""

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram_stage import Stage

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x20\x08\x02\x00\x00\x00"
MARKUP = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Weiter", callback_data="next", style="primary")],
        [InlineKeyboardButton(text="Einladen", url="https://t.me/starquiz_bot?start=ref_ABC234")],
    ]
)


async def test_the_bot_knows_itself(stage: Stage) -> None:
    me = await stage.bot.get_me()
    assert (me.id, me.username, me.is_bot) == (1, "starquiz_bot", True)


async def test_a_message_comes_back_as_it_is_in_the_chat(stage: Stage) -> None:
    await stage.send(stage.anna)
    sent = await stage.bot.send_message(
        stage.anna,
        "<b>Hallo 😀</b> <i>Anna</i>",
        parse_mode="HTML",
        reply_markup=MARKUP,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(message_id=(await stage.messages(stage.anna))[0]["message_id"]),
    )
    assert sent.text == "Hallo 😀 Anna"
    assert [(one.type, one.offset, one.length) for one in sent.entities or []] == [("bold", 0, 8), ("italic", 9, 4)]
    assert sent.reply_markup is not None
    assert sent.reply_markup.model_dump() == MARKUP.model_dump()
    assert sent.reply_to_message is not None
    shown = (await stage.messages(stage.anna))[-1]
    assert shown["message_id"] == sent.message_id
    assert shown["buttons"][0] == [{"text": "Weiter", "data": "next", "url": None, "style": "primary"}]
    assert shown["buttons"][1][0]["url"] == "https://t.me/starquiz_bot?start=ref_ABC234"
    assert not shown["edited"]


async def test_message_ids_rise_in_a_chat(stage: Stage) -> None:
    first = await stage.send(stage.anna)
    second = await stage.bot.send_message(stage.anna, "eins")
    third = await stage.bot.send_message(stage.anna, "zwei")
    assert first["message_id"] < second.message_id < third.message_id


async def test_an_edit_changes_text_and_keyboard_and_says_when(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    stage.clock.advance(7)
    edited = await stage.bot.edit_message_text("neu", chat_id=stage.anna, message_id=message_id)
    assert not isinstance(edited, bool)
    assert edited.edit_date == edited.date.timestamp() + 7
    assert edited.reply_markup is None
    with_keys = await stage.bot.edit_message_reply_markup(
        chat_id=stage.anna, message_id=message_id, reply_markup=MARKUP
    )
    assert not isinstance(with_keys, bool)
    assert (with_keys.text, with_keys.reply_markup is not None) == ("neu", True)
    assert (await stage.messages(stage.anna))[-1]["edited"]


async def test_a_picture_by_upload_by_file_id_and_by_address(stage: Stage) -> None:
    await stage.send(stage.anna)
    uploaded = await stage.bot.send_photo(
        stage.anna, BufferedInputFile(PNG, "a.png"), caption="<b>Bild</b>", parse_mode="HTML"
    )
    assert uploaded.photo is not None
    assert uploaded.caption == "Bild"
    assert (uploaded.photo[0].width, uploaded.photo[0].height, uploaded.photo[0].file_size) == (64, 32, len(PNG))
    again = await stage.bot.send_photo(stage.anna, uploaded.photo[0].file_id)
    assert again.photo is not None
    assert again.photo[0].file_unique_id == uploaded.photo[0].file_unique_id
    await stage.bot.send_photo(stage.anna, "https://example.org/x.jpg")
    shown = await stage.messages(stage.anna)
    assert shown[-1]["photo"]["url"] == "https://example.org/x.jpg"
    async with stage.http.get(shown[1]["photo"]["url"]) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", PNG)
    edited = await stage.bot.edit_message_caption(chat_id=stage.anna, message_id=uploaded.message_id, caption="neu")
    assert not isinstance(edited, bool)
    assert edited.caption == "neu"


async def test_command_menus_per_language_and_scope(stage: Stage) -> None:
    await stage.bot.set_my_commands([BotCommand(command="play", description="Play")])
    await stage.bot.set_my_commands([BotCommand(command="play", description="Spielen")], language_code="de")
    await stage.bot.set_my_commands(
        [BotCommand(command="help", description="Hi")], BotCommandScopeAllPrivateChats(), "fr"
    )
    assert [one.description for one in await stage.bot.get_my_commands(language_code="de")] == ["Spielen"]
    assert await stage.bot.get_my_commands(language_code="fr") == []
    assert (await stage.api("GET", f"players/{stage.anna}/commands"))[0]["description"] == "Spielen"
    assert (await stage.api("GET", f"players/{stage.ben}/commands"))[0]["description"] == "Play"
    await stage.bot.delete_my_commands(language_code="de")
    assert (await stage.api("GET", f"players/{stage.anna}/commands"))[0]["description"] == "Play"


async def test_descriptions_per_language(stage: Stage) -> None:
    await stage.bot.set_my_description("Learn", None)
    await stage.bot.set_my_description("Lerne", "de")
    assert (await stage.bot.get_my_description("de")).description == "Lerne"
    assert (await stage.bot.get_my_description("it")).description == "Learn"
    assert (await stage.bot.get_my_name()).name == "Starquiz"


async def test_delete_and_chat(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    assert await stage.bot.delete_message(stage.anna, message_id)
    assert await stage.messages(stage.anna) == []
    assert (await stage.bot.get_chat(stage.anna)).first_name == "Anna"
    assert await stage.bot.send_chat_action(stage.anna, "typing")


async def test_errors_arrive_as_aiograms_own(stage: Stage) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await stage.bot.send_message(stage.ben, "hi")
    await stage.send(stage.ben)
    await stage.api("POST", f"players/{stage.ben}/block")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await stage.bot.send_message(stage.ben, "hi")
    await stage.faults({"on": "method", "method": "getMe", "do": "429", "retry_after": 3})
    with pytest.raises(TelegramRetryAfter) as limited:
        await stage.bot.get_me()
    assert limited.value.retry_after == 3


async def test_a_wrong_token_is_unauthorized(stage: Stage) -> None:
    async with stage.http.post("/bot2:other/getMe") as answer:
        assert (answer.status, await answer.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )
