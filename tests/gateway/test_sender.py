"""The sender against a Bot API that refuses, stalls and disappears."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from tests.gateway.conftest import NOW, PLAYER, ROUND, FakeApi, Homes, Slots
from tests.gateway.sender_stage import again, attempt, failed, screen

from actors.effects import Done
from gateway.domain.effects import AnswerTap, AskWebhook, PushScreen
from gateway.domain.internal_commands import RecordHealth, RecordScreen, RecordUnreachable
from gateway.domain.screen import Button
from gateway.telegram.sender import Sender
from gateway.telegram.session import LeanSession, UnreachableError
from gateway.telegram.watch import TapWatch

COLOURED = ((Button(text="A", callback_data="a", style="danger"),),)


async def test_a_message_is_json_with_markup_and_keyboard(sender: Sender, fake_api: FakeApi) -> None:
    result = await sender.show(screen(), attempt())
    assert isinstance(result, Done)
    assert result.messages == ()
    assert fake_api.calls == [
        (
            "sendMessage",
            {
                "chat_id": PLAYER,
                "text": "<b>x</b>",
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
                "reply_markup": {
                    "inline_keyboard": [[{"text": "A", "callback_data": "a"}, {"text": "B", "url": "https://t.me/x"}]]
                },
            },
        )
    ]


async def test_the_id_of_a_new_game_message_comes_back(sender: Sender) -> None:
    result = await sender.show(screen(round_id=ROUND), attempt())
    assert isinstance(result, Done)
    assert result.messages == (RecordScreen(player_id=PLAYER, message_id=101, round_id=ROUND),)


async def test_an_edit_is_one_call(sender: Sender, fake_api: FakeApi) -> None:
    result = await sender.show(screen(message_id=50, round_id=ROUND), attempt())
    assert isinstance(result, Done)
    assert result.messages == ()
    assert [(name, body["message_id"]) for name, body in fake_api.calls] == [("editMessageText", 50)]


async def test_an_edit_that_changes_nothing_is_done(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(400, "Bad Request: message is not modified: specified new message content …")
    assert isinstance(await sender.show(screen(message_id=50), attempt()), Done)
    assert fake_api.methods == ["editMessageText"]


@pytest.mark.parametrize(
    "description", ["Bad Request: message to edit not found", "Bad Request: message can't be edited"]
)
async def test_what_cannot_be_edited_is_sent_anew(sender: Sender, fake_api: FakeApi, description: str) -> None:
    fake_api.reply(400, description)
    result = await sender.show(screen(message_id=50, round_id=ROUND), attempt())
    assert isinstance(result, Done)
    assert [type(message) for message in result.messages] == [RecordScreen]
    assert fake_api.methods == ["editMessageText", "sendMessage"]
    assert "message_id" not in fake_api.calls[1][1]


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
    ],
)
async def test_unreachable_players_are_marked(sender: Sender, fake_api: FakeApi, code: int, description: str) -> None:
    for perform in (sender.show(screen(), attempt()), sender.push(PushScreen(player_id=PLAYER, text="x"), attempt())):
        fake_api.reply(code, description)
        result = failed(await perform)
        assert result.reason == "unreachable"
        assert result.messages == (RecordUnreachable(player_id=PLAYER, at=NOW),)


async def test_who_never_opened_the_private_chat_has_not_left_it(sender: Sender, fake_api: FakeApi) -> None:
    for perform in (sender.show(screen(), attempt()), sender.push(PushScreen(player_id=PLAYER, text="x"), attempt())):
        fake_api.reply(403, "Forbidden: bot can't initiate conversation with a user")
        result = failed(await perform)
        assert (result.reason, result.messages) == ("unreachable", ())


async def test_a_screen_that_telegram_cannot_read_fails_for_good(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(400, "Bad Request: can't parse entities")
    assert failed(await sender.show(screen(), attempt())).reason == "refused"


async def test_a_refused_token_pauses_everything(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(401, "Unauthorized")
    assert again(await sender.show(screen(), attempt())).pause == "all"


async def test_errors_of_telegrams_own_are_retried(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(502, "Bad Gateway")
    assert again(await sender.show(screen(), attempt())).after_seconds > 0


async def test_no_connection_loses_nothing(slots: Slots, watch: TapWatch) -> None:
    from aiogram.client.telegram import TelegramAPIServer

    nowhere = LeanSession("42:TEST", TelegramAPIServer.from_base("http://127.0.0.1:9"))
    sender = Sender(nowhere, pushes=slots, rooms=Homes(), watch=watch, bot_username="b")  # type: ignore[arg-type]
    again(await sender.show(screen(), attempt()))
    again(await sender.push(PushScreen(player_id=PLAYER, text="x"), attempt()))
    again(await sender.answer_tap(AnswerTap(query_id="q"), attempt()))
    result = await sender.ask_webhook(AskWebhook(taps=1, unanswered=0), attempt())
    assert isinstance(result, Done)
    (note,) = result.messages
    assert isinstance(note, RecordHealth)
    assert "getWebhookInfo" in note.last_error
    with pytest.raises(UnreachableError):
        await nowhere.call("getMe", AnswerTap(query_id="q"))
    await nowhere.close()


async def test_a_tap_is_answered_with_its_toast(sender: Sender, fake_api: FakeApi) -> None:
    await sender.answer_tap(AnswerTap(query_id="q", text="hi", alert=True), attempt())
    await sender.answer_tap(AnswerTap(query_id="q"), attempt())
    assert fake_api.calls == [
        ("answerCallbackQuery", {"callback_query_id": "q", "text": "hi", "show_alert": True}),
        ("answerCallbackQuery", {"callback_query_id": "q"}),
    ]


def _taps(bound: str) -> float:
    """How many taps were answered within a bound, by the metric."""
    return REGISTRY.get_sample_value("gateway_tap_seconds_bucket", {"le": bound}) or 0


async def test_how_long_a_taps_answer_took_is_measured_from_the_tap(sender: Sender, fake_api: FakeApi) -> None:
    tap = AnswerTap(query_id="q", tapped_at=NOW - timedelta(seconds=0.8))
    before = [_taps("0.5"), _taps("1.0"), _taps("+Inf")]
    fake_api.reply(429, "Too Many Requests", retry_after=1)
    again(await sender.answer_tap(tap, attempt()))
    assert [_taps("0.5"), _taps("1.0"), _taps("+Inf")] == before  # not answered yet
    await sender.answer_tap(tap, attempt())
    assert [_taps("0.5"), _taps("1.0"), _taps("+Inf")] == [before[0], before[1] + 1, before[2] + 1]
    await sender.answer_tap(tap, attempt(now=NOW + timedelta(seconds=200), age=151))  # too late for any answer
    assert (_taps("150.0"), _taps("+Inf")) == (before[2] + 1, before[2] + 2)


async def test_the_watch_hears_of_an_answered_tap(sender: Sender, watch: TapWatch) -> None:
    watch.expect("q", "de", "tg:1")
    watch.expect("other", "de", "tg:2")
    await sender.answer_tap(AnswerTap(query_id="q"), attempt())
    assert list(watch._waiting) == ["other"]


async def test_a_tap_that_telegram_forgot_is_done(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert isinstance(await sender.answer_tap(AnswerTap(query_id="q"), attempt()), Done)
    assert failed(await sender.answer_tap(AnswerTap(query_id="q"), attempt(age=151))).reason == "too_late"
    assert len(fake_api.calls) == 1


async def test_a_text_that_is_too_long_is_cut_without_markup(sender: Sender, fake_api: FakeApi) -> None:
    await sender.show(screen(text="<b>" + "x" * 5000 + "</b>"), attempt())
    body = fake_api.calls[0][1]
    assert len(body["text"]) == 4096
    assert "parse_mode" not in body


async def test_the_webhooks_state_is_read(sender: Sender, fake_api: FakeApi) -> None:
    recent = int(NOW.timestamp()) - 60
    fake_api.answer(
        {"url": "x", "pending_update_count": 12, "last_error_date": recent, "last_error_message": "Connection refused"}
    )
    result = await sender.ask_webhook(AskWebhook(taps=9, unanswered=2), attempt())
    assert isinstance(result, Done)
    assert result.messages == (
        RecordHealth(bot="starquiz_bot", pending=12, taps=9, unanswered=2, last_error="Connection refused"),
    )
    fake_api.answer(
        {"url": "x", "pending_update_count": 0, "last_error_date": recent - 600, "last_error_message": "old"}
    )
    result = await sender.ask_webhook(AskWebhook(taps=9, unanswered=2), attempt())
    assert isinstance(result, Done)
    assert isinstance(result.messages[0], RecordHealth)
    assert result.messages[0].last_error == ""


@pytest.mark.parametrize("kind", ["message", "edit", "push"])
async def test_buttons_that_a_server_does_not_know_keep_no_screen_back(
    kind: str, sender: Sender, fake_api: FakeApi
) -> None:
    fake_api.reply(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
    if kind == "push":
        result = await sender.push(PushScreen(player_id=PLAYER, text="x", keyboard=COLOURED), attempt())
    else:
        edited = 50 if kind == "edit" else 0
        result = await sender.show(screen(message_id=edited, keyboard=COLOURED), attempt())
    assert isinstance(result, Done)
    assert len(fake_api.calls) == 2
