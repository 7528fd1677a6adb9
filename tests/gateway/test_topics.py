"""In a topic the answer goes to that topic, and where there is none any more it goes where a player finds it."""

from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, ROUND, Desk, FakeApi, Make, person
from tests.gateway.sender_stage import attempt, failed, screen
from tests.gateway.test_buying import credited, opened
from tests.gateway.test_groups import GROUP
from tests.gateway.test_invoices import invoice
from tests.gateway.test_updates import screens

from actors.effects import Done
from actors.testing import decide
from contracts.gameplay import GameStarted, ShowPlayer
from contracts.payments import ShopShown, ShopView
from gateway.domain.effects import SendInvoice, ShowScreen
from gateway.domain.internal_commands import RecordInvoice, RecordScreen
from gateway.domain.invoice import Invoice
from gateway.handlers import actor
from gateway.telegram.sender import Sender

TOPIC = 77
PRIVATE = {"id": PLAYER, "type": "private", "first_name": "Anna"}
FORUM = {"id": GROUP, "type": "supergroup", "title": "Klasse", "is_forum": True}
CLASS = {"id": GROUP, "type": "supergroup", "title": "Klasse"}
GONE = [
    "Bad Request: message thread not found",
    "Bad Request: TOPIC_DELETED",
    "Bad Request: TOPIC_CLOSED",
]


def message(chat: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"message_id": 1, "date": 1, "chat": chat, "from": person("de"), "text": "/play", **more}


# -- where a message came from ------------------------------------------------------------------


async def test_a_command_in_a_topic_is_answered_there(desk: Desk) -> None:
    decision = await desk.update("message", message(PRIVATE, message_thread_id=TOPIC, is_topic_message=True))
    decision.only(ShowPlayer)
    assert decision.origins[-1] == f"m:{PLAYER}/{TOPIC}"
    (note,) = screens(await desk.update("message", message(FORUM, message_thread_id=TOPIC, is_topic_message=True)))
    assert (note.chat_id, note.thread_id) == (GROUP, TOPIC)


@pytest.mark.parametrize("chat", [CLASS, FORUM, PRIVATE])
@pytest.mark.parametrize(
    "thread",
    [{}, {"message_thread_id": TOPIC}, {"message_thread_id": 1, "is_topic_message": True}, {"is_topic_message": True}],
    ids=["none", "a thread of replies", "the general topic", "a topic without a number"],
)
async def test_what_is_no_topic_is_not_sent_back(desk: Desk, chat: dict[str, Any], thread: dict[str, Any]) -> None:
    await desk.update("message", message(chat, **thread))
    decision = await desk.update("message", message(chat, text="/help", **thread))
    assert [shown.thread_id for shown in screens(decision)] == [0]


async def test_a_tap_in_a_topic_keeps_it_all_the_way(desk: Desk, make: Make) -> None:
    below = {"message_id": 50, "date": 1, "chat": PRIVATE, "message_thread_id": TOPIC, "is_topic_message": True}
    tap = {"id": "q1", "from": person("de"), "data": "n:WORD_ORDER", "message": below}
    asked = await desk.update("callback_query", tap)
    assert asked.origins[-1:] == [f"m:{PLAYER}/{TOPIC}"]
    started = GameStarted(player_id=PLAYER, energy=make.energy(), round=make.round())
    (shown,) = screens(await desk.hear(started, origin=f"c:q1:{PLAYER}/{TOPIC}:50"))
    assert (shown.message_id, shown.thread_id) == (50, TOPIC)


async def test_what_is_asked_in_a_group_and_shown_in_private_has_no_topic(desk: Desk) -> None:
    event = ShopShown(player_id=PLAYER, view=ShopView.SHOP, offers=())
    (shown,) = screens(await desk.hear(event, origin=f"m:{GROUP}/{TOPIC}"))
    assert (shown.chat_id, shown.thread_id) == (PLAYER, 0)
    assert (await billed(desk, f"c:q:{GROUP}/{TOPIC}:5")).thread_id == 0


async def billed(desk: Desk, origin: str) -> SendInvoice:
    """The invoice that comes of a tap there."""
    (sent,) = [one for one in (await desk.hear(opened(), origin=origin)).effects if isinstance(one, SendInvoice)]
    return sent


async def test_invoice_and_receipt_stand_in_the_topic_of_the_button(desk: Desk) -> None:
    sent = await billed(desk, f"c:q:{PLAYER}/{TOPIC}:5")
    assert sent.thread_id == TOPIC
    kept = Invoice(purchase_id=sent.purchase_id)
    note = RecordInvoice(
        player_id=PLAYER, purchase_id=sent.purchase_id, message_id=101, sent_at=NOW, thread_id=sent.thread_id
    )
    await decide(actor, note, kept, now=NOW)
    receipt = await decide(actor, credited(), desk.chat, kept, desk.services, now=NOW)
    assert [shown.thread_id for shown in screens(receipt)] == [TOPIC]
    assert [shown.thread_id for shown in screens(await desk.hear(credited()))] == [0]


# -- on the way out -----------------------------------------------------------------------------


async def test_new_messages_name_their_topic_and_edits_do_not(sender: Sender, fake_api: FakeApi) -> None:
    await sender.show(screen(thread_id=TOPIC), attempt())
    await sender.show(screen(thread_id=TOPIC, message_id=50), attempt())
    await sender.send_invoice(invoice(thread_id=TOPIC), attempt())
    assert [(name, body.get("message_thread_id")) for name, body in fake_api.calls] == [
        ("sendMessage", TOPIC), ("editMessageText", None), ("sendInvoice", TOPIC),
    ]  # fmt: skip


async def test_an_edit_that_becomes_a_new_message_stays_in_its_topic(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(400, "Bad Request: message to edit not found")
    await sender.show(screen(thread_id=TOPIC, message_id=50), attempt())
    assert [body.get("message_thread_id") for _, body in fake_api.calls] == [None, TOPIC]


@pytest.mark.parametrize("description", GONE)
@pytest.mark.parametrize("message_id", [0, 50])
async def test_a_game_whose_topic_is_gone_goes_on_outside_of_it(
    sender: Sender, fake_api: FakeApi, description: str, message_id: int
) -> None:
    for _ in range(2 if message_id else 1):
        fake_api.reply(400, description)
    shown = screen(thread_id=TOPIC, message_id=message_id, round_id=ROUND)
    result = await sender.show(shown, attempt())
    assert isinstance(result, Done)
    assert [type(told) for told in result.messages] == [RecordScreen]
    assert fake_api.methods[-2:] == ["sendMessage", "sendMessage"]
    assert "message_thread_id" not in fake_api.calls[-1][1]


@pytest.mark.parametrize("description", GONE)
async def test_an_invoice_whose_topic_is_gone_comes_outside_of_it(
    sender: Sender, fake_api: FakeApi, description: str
) -> None:
    fake_api.reply(400, description)
    result = await sender.send_invoice(invoice(thread_id=TOPIC), attempt())
    assert isinstance(result, Done)
    (note,) = result.messages
    assert isinstance(note, RecordInvoice)
    assert (fake_api.methods, note.thread_id) == (["sendInvoice", "sendInvoice"], 0)


@pytest.mark.parametrize("description", GONE)
async def test_what_was_asked_in_a_groups_topic_that_is_gone_is_let_be(
    sender: Sender, fake_api: FakeApi, description: str
) -> None:
    fake_api.reply(400, description)
    result = failed(await sender.show(screen(chat_id=GROUP, thread_id=TOPIC), attempt()))
    assert (result.reason, result.messages, len(fake_api.calls)) == ("topic_gone", (), 1)


async def test_a_topic_that_is_refused_twice_is_not_asked_for_without_end(sender: Sender, fake_api: FakeApi) -> None:
    for _ in range(3):
        fake_api.reply(400, GONE[0])
    assert failed(await sender.show(screen(thread_id=TOPIC), attempt())).reason == "topic_gone"
    assert len(fake_api.calls) == 2


def test_an_effect_that_waited_over_a_restart_knows_its_topic_and_an_older_one_has_none() -> None:
    effect = screen(thread_id=TOPIC)
    written = msgspec.json.encode(effect)
    assert msgspec.json.decode(written, type=ShowScreen) == effect
    older = msgspec.json.encode({k: v for k, v in msgspec.json.decode(written).items() if k != "thread_id"})
    assert msgspec.json.decode(older, type=ShowScreen).thread_id == 0
