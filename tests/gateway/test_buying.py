"""What payments says finds the tap, the chat and the invoice it belongs to."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from tests.gateway.conftest import NEXT_ROUND, NOW, PLAYER, Desk
from tests.gateway.test_updates import row, screens, toasts

from actors.testing import Decision, decide
from contracts.gameplay import Mode, StartGame, WelcomePlayer
from contracts.payments import (
    BuyRefusal,
    Currency,
    InvoiceOpened,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseFailed,
    PurchaseRefunded,
    PurchaseRefused,
    PurchasesShown,
    RecordInvoiceSent,
    RefundReason,
    ShopShown,
    ShopView,
)
from gateway.domain.effects import SCREEN_PRIORITY, AnswerTap, PushScreen, RemoveMessage, SendInvoice, ShowScreen
from gateway.domain.internal_commands import RecordInvoice
from gateway.domain.invoice import Invoice
from gateway.handlers import actor

TAP = f"c:q1:{PLAYER}:50"
COMMAND = f"m:{PLAYER}"
PURCHASE = UUID("019cb8f0-0000-7000-8000-00000000000a")


def opened(**more: Any) -> InvoiceOpened:
    given: dict[str, Any] = {"product": Product.ENERGY_10, "amount": 10, "currency": Currency.XTR, **more}
    return InvoiceOpened(
        player_id=PLAYER, purchase_id=PURCHASE, payload="sq1:0a", steps=(), expires_at=NOW + timedelta(minutes=30),
        **given,
    )  # fmt: skip


def credited(**more: Any) -> PurchaseCredited:
    return PurchaseCredited(
        player_id=PLAYER, purchase_id=PURCHASE, product=Product.ENERGY_10, amount=10, currency=Currency.XTR,
        provider=Provider.TELEGRAM, charge_id="c", credited_at=NOW, **more,
    )  # fmt: skip


async def hear(message: Any, *states: Any) -> Decision:
    """Run a handler that knows of no chat."""
    return await decide(actor, message, *states, now=NOW)


async def test_a_shelf_opens_in_place_from_a_button_and_anew_from_a_command(desk: Desk) -> None:
    event = ShopShown(player_id=PLAYER, view=ShopView.SHOP, offers=())
    (screen,) = (await desk.hear(event, origin=COMMAND)).effects
    assert isinstance(screen, ShowScreen)
    assert screen.message_id == 0
    toast, screen = (await desk.hear(event, origin=TAP)).effects
    assert isinstance(toast, AnswerTap)
    assert isinstance(screen, ShowScreen)
    assert screen.message_id == 50
    history = PurchasesShown(player_id=PLAYER, purchases=())
    assert len((await desk.hear(history, origin=COMMAND)).effects) == 1
    for nobody_asked in (event, history):
        assert (await desk.hear(nobody_asked)).effects == []


async def test_what_was_bought_is_shown_in_the_private_chat_also_when_a_group_asks(desk: Desk) -> None:
    history = PurchasesShown(player_id=PLAYER, purchases=())
    (screen,) = (await desk.hear(history, origin="m:-100200300")).effects
    assert isinstance(screen, ShowScreen)
    assert (screen.chat_id, screen.message_id) == (PLAYER, 0)
    toast, screen = (await desk.hear(history, origin="c:q1:-100200300:50")).effects
    assert isinstance(toast, AnswerTap)
    assert isinstance(screen, ShowScreen)
    assert (screen.chat_id, screen.message_id) == (PLAYER, 0)


async def test_an_invoice_is_a_message_below_the_screen_which_stays(desk: Desk) -> None:
    desk.chat.language = "en"
    desk.chat.show_round(NEXT_ROUND, 50)
    toast, invoice = (await desk.hear(opened(), origin=TAP)).wanted
    assert isinstance(toast.effect, AnswerTap)
    assert (toast.effect.query_id, bool(toast.effect.text)) == ("q1", True)
    assert invoice.effect == SendInvoice(
        player_id=PLAYER,
        purchase_id=PURCHASE,
        title="⚡ 10 energy",
        description="10 more ⚡ right away, and they never expire.",
        payload="sq1:0a",
        amount=10,
        start_parameter="shop_ENERGY_10",
        expires_at=NOW + timedelta(minutes=30),
    )
    assert (invoice.ordering_key, invoice.priority) == (f"chat:{PLAYER}", SCREEN_PRIORITY)
    assert (desk.chat.screen_round, desk.chat.screen_message_id) == (NEXT_ROUND, 50)


async def test_a_second_tap_brings_the_same_invoice_and_says_so(desk: Desk) -> None:
    first = await desk.hear(opened(), origin=TAP)
    second = await desk.hear(opened(again=True), origin=f"c:q2:{PLAYER}:50")
    assert first.effects[1] == second.effects[1]
    one, other = first.effects[0], second.effects[0]
    assert isinstance(one, AnswerTap)
    assert isinstance(other, AnswerTap)
    assert one.text != other.text


async def test_an_invoice_of_the_web_is_not_for_the_chat(desk: Desk) -> None:
    assert (await desk.hear(opened(currency=Currency.EUR, amount=199))).effects == []


async def test_a_delivered_invoice_is_told_of_and_takes_the_place_of_the_one_before() -> None:
    invoice = Invoice(purchase_id=PURCHASE)
    note = RecordInvoice(player_id=PLAYER, purchase_id=PURCHASE, message_id=101, sent_at=NOW)
    decision = await hear(note, invoice)
    assert decision.emitted == [RecordInvoiceSent(player_id=PLAYER, purchase_id=PURCHASE)]
    assert decision.effects == []
    again = RecordInvoice(player_id=PLAYER, purchase_id=PURCHASE, message_id=102, sent_at=NOW)
    decision = await hear(again, invoice)
    (gone,) = decision.wanted
    assert gone.effect == RemoveMessage(player_id=PLAYER, message_id=101)
    assert gone.ordering_key == f"chat:{PLAYER}"
    assert (invoice.message_id, invoice.sent_at) == (102, NOW)


async def test_an_invoice_that_lapsed_is_taken_out_of_the_chat_once() -> None:
    failed = PurchaseFailed(player_id=PLAYER, purchase_id=PURCHASE, product=Product.ENERGY_10, reason="lapsed")
    assert (await hear(failed)).effects == []
    invoice = Invoice(purchase_id=PURCHASE, message_id=101, sent_at=NOW)
    assert (await hear(failed, invoice)).effects == [RemoveMessage(player_id=PLAYER, message_id=101)]
    assert (await hear(failed, invoice)).effects == []


async def test_a_refusal_stands_below_the_screen_which_stays(desk: Desk) -> None:
    desk.chat.show_round(NEXT_ROUND, 50)
    refused = PurchaseRefused(player_id=PLAYER, product=Product.ENERGY_10, reason=BuyRefusal.NOT_ON_SALE)
    toast, screen = (await desk.hear(refused, origin=TAP)).effects
    assert isinstance(toast, AnswerTap)
    assert toast.text
    assert isinstance(screen, ShowScreen)
    assert (screen.message_id, screen.chat_id) == (0, PLAYER)
    assert desk.chat.screen_round == NEXT_ROUND
    assert (await desk.hear(refused)).effects == []


async def test_a_receipt_is_given_whoever_asked_and_keeps_its_place_in_the_chat(desk: Desk) -> None:
    for origin in ("", TAP, COMMAND):
        (wanted,) = (await desk.hear(credited(), origin=origin)).wanted
        assert isinstance(wanted.effect, ShowScreen)
        assert (wanted.effect.message_id, wanted.effect.chat_id) == (0, PLAYER)
        assert (wanted.ordering_key, wanted.priority) == (f"chat:{PLAYER}", SCREEN_PRIORITY)
    desk.chat.show_round(NEXT_ROUND, 50)
    (screen,) = (await desk.hear(credited())).effects
    assert isinstance(screen, ShowScreen)
    assert "👆" in screen.text
    assert (desk.chat.screen_round, desk.chat.screen_message_id) == (NEXT_ROUND, 50)


async def test_a_refund_is_told_of(desk: Desk) -> None:
    refund = PurchaseRefunded(
        player_id=PLAYER, purchase_id=PURCHASE, product=Product.ENERGY_10, amount=10, currency=Currency.XTR,
        charge_id="c", reason=RefundReason.OPERATOR, refunded_at=NOW, was_credited=True,
    )  # fmt: skip
    (screen,) = (await desk.hear(refund)).effects
    assert isinstance(screen, ShowScreen)
    assert not isinstance(screen, PushScreen)
    assert "⭐ 10" in screen.text


async def test_support_terms_and_privacy_are_answered_here(desk: Desk) -> None:
    desk.services = msgspec.structs.replace(desk.services, support_contact="@starquiz_help")
    for command, needed in (("paysupport", "@starquiz_help"), ("terms", "/paysupport"), ("privacy", "@starquiz_help")):
        decision = await desk.say(f"/{command}")
        (screen,) = screens(decision)
        assert needed in screen.text
        assert screen.keyboard
        assert not [message for message in decision.emitted if not isinstance(message, WelcomePlayer)]
    (tapped,) = screens(await desk.tap("su"))
    assert "@starquiz_help" in tapped.text


async def test_a_receipt_stays_when_the_game_goes_on_below_it(desk: Desk) -> None:
    await desk.say("/start")
    decision = await desk.tap("n:WORD_ORDER", message_id=50, query_id="q5")
    assert decision.only(StartGame).mode is Mode.WORD_ORDER
    assert decision.origins == [f"m:{PLAYER}"]
    assert [toast.query_id for toast in toasts(decision)] == ["q5"]


async def test_a_tap_on_buy_says_where_the_invoice_is_awaited(desk: Desk) -> None:
    await desk.say("/start")
    decision = await desk.tap("b:ENERGY_10:energy-ARTIKEL_SPRINT", message_id=50, query_id="q6")
    assert decision.origins == [f"c:q6:{PLAYER}:50@{round(desk.now.timestamp() * 1000)}"]
    assert (screens(decision), toasts(decision), row(decision).command) == ([], [], "tap:b")
