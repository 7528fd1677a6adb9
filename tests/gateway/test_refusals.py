"""What is no effect's own fault costs none of them, and what a stranger's error says does no harm where it is kept."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from tests.gateway.conftest import NOW, PLAYER, ROUND, TOKEN, FakeApi, Homes
from tests.gateway.sender_stage import again, attempt, screen

from gateway.domain.effects import AnswerTap, AskWebhook, CloseBoard, PushScreen, RemoveMessage, SendInvoice
from gateway.telegram.boards import BoardCloser, MessageRemover
from gateway.telegram.sender import Sender
from gateway.telegram.session import LeanSession

SECRET = TOKEN.partition(":")[2]
EFFECTS: dict[str, Callable[[Sender, LeanSession], Any]] = {
    "a screen": lambda sender, _: sender.show(screen(), attempt()),
    "an edit": lambda sender, _: sender.show(screen(message_id=50), attempt()),
    "a push": lambda sender, _: sender.push(PushScreen(player_id=PLAYER, text="x"), attempt()),
    "a toast": lambda sender, _: sender.answer_tap(AnswerTap(query_id="q"), attempt()),
    "an invoice": lambda sender, _: sender.send_invoice(invoice(), attempt()),
    "a message to take back": lambda _, session: MessageRemover(session).remove(
        RemoveMessage(player_id=PLAYER, message_id=5)
    ),
    "a board to close": lambda _, session: BoardCloser(session).close(
        CloseBoard(player_id=PLAYER, message_id=5, keyboard=()), attempt()
    ),
}


def invoice() -> SendInvoice:
    return SendInvoice(
        player_id=PLAYER, purchase_id=ROUND, title="t", description="d", payload="p", amount=1,
        start_parameter="s", expires_at=NOW.replace(year=2030),
    )  # fmt: skip


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize(
    ("code", "description"),
    [(401, "Unauthorized"), (404, "Not Found"), (404, "Not Found: method not found"), (400, "Logged out")],
)
async def test_a_wrong_address_or_token_pauses_everything_and_costs_nothing(
    kind: str, code: int, description: str, sender: Sender, session: LeanSession, fake_api: FakeApi
) -> None:
    fake_api.reply(code, description)
    with capture_logs() as logged:
        result = again(await EFFECTS[kind](sender, session))
    assert (result.pause, result.after_seconds) == ("all", 30.0)
    assert [(line["event"], line["code"]) for line in logged] == [("bot_api_denied", code)]


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize("code", [429, 500, 502, 599])
async def test_an_outage_costs_nothing(
    kind: str, code: int, sender: Sender, session: LeanSession, fake_api: FakeApi
) -> None:
    fake_api.reply(code, "Later")
    again(await EFFECTS[kind](sender, session))


async def test_the_token_that_an_error_quotes_is_kept_nowhere(
    sender: Sender, session: LeanSession, fake_api: FakeApi
) -> None:
    said = [f"no route to /bot{TOKEN}/sendMessage", f"no route to /bot{TOKEN.replace(':', '%3A')}/x"]
    for description in said:
        fake_api.reply(404, description)
        with capture_logs() as logged:
            await sender.show(screen(), attempt())
        assert SECRET not in str(logged)
        assert "no route to /bot42" in str(logged)
        fake_api.reply(404, description)
        health: Any = await sender.ask_webhook(AskWebhook(taps=0, unanswered=0), attempt())
        assert SECRET not in health.messages[0].last_error
        fake_api.reply(400, description)
        with pytest.raises(TelegramAPIError, match="no route to /bot42") as raised:
            await Bot(TOKEN, session=session).delete_webhook()
        assert SECRET not in str(raised.value)


async def test_an_error_as_long_as_a_book_is_cut(session: LeanSession, fake_api: FakeApi) -> None:
    fake_api.reply(400, "x" * 100_000)
    assert len((await session.call("getMe", AnswerTap(query_id="q"))).description) <= 300


async def test_what_telegram_says_of_our_webhook_is_cut_and_has_no_token(sender: Sender, fake_api: FakeApi) -> None:
    now = int(NOW.timestamp())
    said = f"{TOKEN} " + "x" * 100_000
    fake_api.answer({"url": "x", "pending_update_count": 0, "last_error_date": now, "last_error_message": said})
    health: Any = await sender.ask_webhook(AskWebhook(taps=0, unanswered=0), attempt())
    assert SECRET not in health.messages[0].last_error
    assert 0 < len(health.messages[0].last_error) <= 300


@pytest.mark.parametrize(
    "result",
    [
        {}, {"url": "x"}, {"pending_update_count": 0}, {"url": "x", "pending_update_count": -1}, True, [], {"a": "b"},
        {"url": "x", "pending_update_count": 0, "last_error_date": 10**12},
    ],
)  # fmt: skip
async def test_an_odd_state_of_the_delivery_is_a_finding(sender: Sender, fake_api: FakeApi, result: Any) -> None:
    fake_api.answer(result)
    health: Any = await sender.ask_webhook(AskWebhook(taps=0, unanswered=0), attempt())
    assert health.messages[0].last_error.startswith("getWebhookInfo: ")


async def test_whatever_code_is_answered_the_metric_has_few(session: LeanSession, fake_api: FakeApi) -> None:
    for code in range(500, 900):
        fake_api.reply(code, "x")
        await session.call("getChat", AnswerTap(query_id="q"))
    found = {
        sample.labels["code"]
        for family in REGISTRY.collect()
        if family.name == "gateway_api_calls"
        for sample in family.samples
        if sample.labels["method"] == "getChat"
    }
    assert {"500", "502", "other"} <= found
    assert len(found) < 10


@pytest.mark.parametrize(
    "away",
    [
        OSError("refused"),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("died"),
        asyncpg.InterfaceError("connection is closed"),
    ],
)
async def test_a_database_that_is_away_is_no_try_of_an_effect(
    away: Exception, sender: Sender, homes: Homes, slots: Any, fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> Any:
        raise away

    monkeypatch.setattr(homes, "home", fail)
    monkeypatch.setattr(slots, "take", fail)
    assert again(await sender.show(screen(chat_id=-5), attempt())).pause == "lane"
    assert again(await sender.push(PushScreen(player_id=PLAYER, text="x"), attempt())).pause == "all"
    assert fake_api.calls == []


async def test_a_statement_that_is_wrong_is_one(sender: Sender, homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> Any:
        raise asyncpg.UndefinedTableError("no such table")

    monkeypatch.setattr(homes, "home", fail)
    with pytest.raises(asyncpg.UndefinedTableError):
        await sender.show(screen(chat_id=-5), attempt())
