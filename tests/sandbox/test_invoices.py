"""sendInvoice and createInvoiceLink: what is taken, what is refused, and what the chat shows."""

from typing import Any

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from stars_stage import FIELDS, PRICES, invoice, pay
from telegram_stage import RefusedError, Stage

PAY = {"text": "Kaufen ⭐10", "pay": True}
TERMS = {"text": "Bedingungen", "callback_data": "terms"}


async def test_an_invoice_as_the_bot_and_the_chat_see_it(stage: Stage) -> None:
    await stage.send(stage.anna)
    sent = await stage.bot.send_invoice(
        stage.anna,
        title="10 Energie",
        description="Sofort 10 Energie mehr",
        payload="p:1:abc",
        provider_token="",
        currency="XTR",
        prices=PRICES,
        start_parameter="shop",
    )
    assert sent.invoice is not None
    assert (sent.invoice.currency, sent.invoice.total_amount, sent.invoice.start_parameter) == ("XTR", 10, "shop")
    assert sent.reply_markup is not None
    assert [(one.text, one.pay) for one in sent.reply_markup.inline_keyboard[0]] == [("Pay ⭐10", True)]
    assert "p:1:abc" not in sent.model_dump_json()
    shown = (await stage.messages(stage.anna))[-1]
    assert shown["invoice"] == {
        "title": "10 Energie",
        "description": "Sofort 10 Energie mehr",
        "amount": 10,
        "currency": "XTR",
        "paid": False,
        "start_parameter": "shop",
    }
    assert shown["buttons"] == [[{"text": "Pay ⭐10", "data": None, "url": None, "pay": True}]]


async def test_a_keyboard_of_ones_own_starts_with_the_pay_button(stage: Stage) -> None:
    await stage.send(stage.anna)
    markup = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="Kaufen ⭐10", pay=True)],
            [InlineKeyboardButton(text="Bedingungen", callback_data="terms")],
        ],
    )
    sent = await stage.bot.send_invoice(
        stage.anna, title="x", description="y", payload="z", currency="XTR", prices=PRICES, reply_markup=markup
    )
    assert sent.reply_markup is not None
    assert sent.reply_markup.model_dump() == markup.model_dump()
    wrong = {"inline_keyboard": [[TERMS], [PAY]]}
    refused = await stage.refusal("sendInvoice", chat_id=stage.anna, reply_markup=wrong, **FIELDS)
    assert refused == (400, "Bad Request: REPLY_MARKUP_BUY_EMPTY")
    doubled = {"inline_keyboard": [[PAY, PAY]]}
    refused = await stage.refusal("sendInvoice", chat_id=stage.anna, reply_markup=doubled, **FIELDS)
    assert refused == (400, "Bad Request: BUTTON_TYPE_INVALID")


async def test_a_pay_button_belongs_to_an_invoice(stage: Stage) -> None:
    await stage.send(stage.anna)
    markup = {"inline_keyboard": [[PAY]]}
    refused = await stage.refusal("sendMessage", chat_id=stage.anna, text="x", reply_markup=markup)
    assert refused == (400, "Bad Request: BUTTON_TYPE_INVALID")


async def test_an_invoices_keyboard_can_change_but_not_lose_its_pay_button(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    target: dict[str, Any] = {"chat_id": stage.anna, "message_id": message_id}
    markup = {"inline_keyboard": [[PAY], [TERMS]]}
    await stage.call("editMessageReplyMarkup", reply_markup=markup, **target)
    assert [row[0]["text"] for row in (await stage.messages(stage.anna))[-1]["buttons"]] == [
        "Kaufen ⭐10",
        "Bedingungen",
    ]
    only_terms = {"inline_keyboard": [[TERMS]]}
    refused = await stage.refusal("editMessageReplyMarkup", reply_markup=only_terms, **target)
    assert refused == (400, "Bad Request: REPLY_MARKUP_BUY_EMPTY")
    refused = await stage.refusal("editMessageText", text="x", **target)
    assert refused == (400, "Bad Request: there is no text in the message to edit")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"currency": "EUR"}, "PAYMENT_PROVIDER_INVALID"),
    ({"provider_token": "123:TEST:abc"}, "PAYMENT_PROVIDER_INVALID"),
    ({"prices": []}, "there must be at least one price"),
    ({"prices": [{"label": "a", "amount": 1}, {"label": "b", "amount": 1}]}, "STARS_INVOICE_INVALID"),
    ({"prices": [{"label": "a", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
    ({"max_tip_amount": 5}, "STARS_INVOICE_INVALID"),
    ({"payload": "ä" * 65}, "INVOICE_PAYLOAD_INVALID"),
    ({"payload": ""}, 'parameter "payload" is required'),
    ({"title": "x" * 33}, "title is longer than 32 characters"),
    ({"title": " "}, 'parameter "title" is required'),
    ({"description": "x" * 256}, "description is longer than 255 characters"),
    ({"start_parameter": "no spaces"}, "START_PARAM_INVALID"),
]


@pytest.mark.parametrize(("changed", "reason"), WRONG)
async def test_wrong_invoices_are_refused_by_both_methods(stage: Stage, changed: dict[str, Any], reason: str) -> None:
    await stage.send(stage.anna)
    fields = {**FIELDS, **changed}
    expected = (400, f"Bad Request: {reason}")
    assert await stage.refusal("sendInvoice", chat_id=stage.anna, **fields) == expected
    assert [one["from"] for one in await stage.messages(stage.anna)] == ["player"]
    if "start_parameter" not in changed:
        assert await stage.refusal("createInvoiceLink", **fields) == expected


async def test_the_longest_that_is_allowed_is_taken(stage: Stage) -> None:
    await stage.send(stage.anna)
    fields = {**FIELDS, "title": "x" * 32, "description": "y" * 255, "payload": "ä" * 64}
    assert (await stage.call("sendInvoice", chat_id=stage.anna, **fields))["invoice"]["title"] == "x" * 32


async def test_invoices_need_an_open_chat(stage: Stage) -> None:
    refused = await stage.refusal("sendInvoice", chat_id=stage.ben, **FIELDS)
    assert refused == (400, "Bad Request: chat not found")


async def test_a_link_can_be_paid_by_anybody(stage: Stage) -> None:
    link = await stage.bot.create_invoice_link(
        title="Abo", description="30 Tage", payload="sub", currency="XTR", prices=PRICES, subscription_period=2_592_000
    )
    assert link.startswith("https://t.me/$")
    await stage.faults({"on": "payment", "do": "unasked"})
    outcome = await stage.api("POST", f"players/{stage.ben}/pay", {"link": link})
    assert outcome["paid"]
    payment = (await stage.updates())[0]["message"]["successful_payment"]
    assert (payment["is_recurring"], payment["is_first_recurring"]) == (True, True)
    assert payment["subscription_expiration_date"] == int(stage.clock.now()) + 2_592_000


async def test_subscriptions_have_their_own_limits(stage: Stage) -> None:
    refused = await stage.refusal("createInvoiceLink", subscription_period=86_400, **FIELDS)
    assert refused == (400, "Bad Request: SUBSCRIPTION_PERIOD_INVALID")
    dear = {**FIELDS, "prices": [{"label": "x", "amount": 10_001}]}
    refused = await stage.refusal("createInvoiceLink", subscription_period=2_592_000, **dear)
    assert refused == (400, "Bad Request: STARS_INVOICE_INVALID")


async def test_only_invoices_can_be_paid(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    with pytest.raises(RefusedError) as refused:
        await pay(stage, stage.anna, message_id)
    assert (refused.value.status, "is no invoice" in refused.value.body["error"]) == (400, True)
    with pytest.raises(RefusedError) as refused:
        await pay(stage, stage.anna, message_id + 1)
    assert refused.value.status == 404
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", f"players/{stage.anna}/pay", {"link": "https://t.me/$nothing"})
    assert refused.value.status == 404
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", f"players/{stage.anna}/pay", {})
    assert (refused.value.status, refused.value.body["field"]) == (400, "message_id")
