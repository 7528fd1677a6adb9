"""Invoices on their way to Telegram, and back out of the chat."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.gateway.conftest import NOW, PLAYER, FakeApi, Homes, nothing_heard

from actors.effects import Again, Attempt, Done, Failed
from gateway.domain.effects import RemoveMessage, SendInvoice, ShowScreen
from gateway.domain.internal_commands import RecordInvoice, RecordUnreachable
from gateway.telegram.boards import MessageRemover
from gateway.telegram.sender import Sender
from gateway.telegram.session import LeanSession
from gateway.telegram.watch import TapWatch

PURCHASE = UUID("019cb8f0-0000-7000-8000-00000000000a")


@pytest.fixture
def sender(session: LeanSession) -> Sender:
    async def never(query_id: str, language: str) -> None:
        raise AssertionError("nothing runs this watch")

    watch = TapWatch(never, nothing_heard)
    return Sender(session, pushes=None, rooms=Homes(), watch=watch, bot_username="starquiz_bot")  # type: ignore[arg-type]


def attempt(*, now: datetime = NOW, superseded: bool = False) -> Attempt:
    return Attempt(effect_id="e", number=1, ordering_key="l", created_at=NOW, now=now, superseded=superseded)


def invoice(**more: Any) -> SendInvoice:
    given: dict[str, Any] = {
        "player_id": PLAYER, "purchase_id": PURCHASE, "title": "10 energy", "description": "more", "payload": "sq1:0a",
        "amount": 10, "start_parameter": "shop_ENERGY_10", "expires_at": NOW + timedelta(minutes=30), **more,
    }  # fmt: skip
    return SendInvoice(**given)


async def test_an_invoice_is_one_price_in_stars_that_no_one_else_can_pay(sender: Sender, fake_api: FakeApi) -> None:
    result = await sender.send_invoice(invoice(), attempt())
    assert fake_api.calls == [
        (
            "sendInvoice",
            {
                "chat_id": PLAYER,
                "title": "10 energy",
                "description": "more",
                "payload": "sq1:0a",
                "provider_token": "",
                "currency": "XTR",
                "prices": [{"label": "10 energy", "amount": 10}],
                "start_parameter": "shop_ENERGY_10",
            },
        )
    ]
    assert isinstance(result, Done)
    assert result.messages == (RecordInvoice(player_id=PLAYER, purchase_id=PURCHASE, message_id=101, sent_at=NOW),)


async def test_an_invoice_that_cannot_be_paid_any_more_is_not_sent(sender: Sender, fake_api: FakeApi) -> None:
    result = await sender.send_invoice(invoice(expires_at=NOW), attempt())
    assert isinstance(result, Failed)
    assert (result.reason, fake_api.calls) == ("too_late", [])


async def test_many_taps_at_once_bring_one_message(sender: Sender, fake_api: FakeApi) -> None:
    one, other = invoice(), invoice(purchase_id=UUID(int=PURCHASE.int + 1))
    assert one.supersedes == invoice().supersedes != other.supersedes
    assert isinstance(await sender.send_invoice(one, attempt(superseded=True)), Done)
    assert fake_api.calls == []


async def test_an_invoice_waits_with_the_chats_other_messages(sender: Sender, fake_api: FakeApi) -> None:
    for _ in range(5):
        await sender.show(ShowScreen(player_id=PLAYER, chat_id=PLAYER, text="x"), attempt())
    result = await sender.send_invoice(invoice(), attempt())
    assert isinstance(result, Again)
    assert (result.pause, 0 < result.after_seconds <= 1) == ("lane", True)
    assert isinstance(await sender.send_invoice(invoice(), attempt(now=NOW + timedelta(seconds=1))), Done)
    assert fake_api.methods == ["sendMessage"] * 5 + ["sendInvoice"]


async def test_errors_of_telegram(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(429, "Too Many Requests: retry after 3", retry_after=3)
    limited = await sender.send_invoice(invoice(), attempt())
    assert isinstance(limited, Again)
    assert limited.after_seconds == 3
    fake_api.reply(403, "Forbidden: bot was blocked by the user")
    blocked = await sender.send_invoice(invoice(), attempt())
    assert isinstance(blocked, Failed)
    assert blocked.messages == (RecordUnreachable(player_id=PLAYER, at=NOW),)
    fake_api.reply(400, "Bad Request: STARS_INVOICE_INVALID")
    refused = await sender.send_invoice(invoice(), attempt())
    assert isinstance(refused, Failed)
    assert refused.reason == "refused"


async def test_a_message_is_taken_back_if_it_is_still_there(session: LeanSession, fake_api: FakeApi) -> None:
    effect, remover = RemoveMessage(player_id=PLAYER, message_id=77), MessageRemover(session)
    assert isinstance(await remover.remove(effect), Done)
    assert fake_api.calls == [("deleteMessage", {"chat_id": PLAYER, "message_id": 77})]
    fake_api.reply(400, "Bad Request: message to delete not found")
    assert isinstance(await remover.remove(effect), Done)
    assert len(fake_api.calls) == 2
    fake_api.reply(502, "Bad Gateway")
    assert isinstance(await remover.remove(effect), Again)


async def test_what_is_too_old_to_be_taken_back_loses_its_buttons(session: LeanSession, fake_api: FakeApi) -> None:
    fake_api.reply(400, "Bad Request: message can't be deleted for everyone")
    effect = RemoveMessage(player_id=PLAYER, message_id=77)
    assert isinstance(await MessageRemover(session).remove(effect), Done)
    bare = {"chat_id": PLAYER, "message_id": 77, "reply_markup": {"inline_keyboard": []}}
    assert fake_api.calls[1:] == [("editMessageReplyMarkup", bare)]
