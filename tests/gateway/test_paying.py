"""Buying through the gateway on real NATS and real Postgres, with a stand-in of payments behind it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from tests.gateway import counter
from tests.gateway.conftest import FakeApi, person
from tests.gateway.test_running import Town

from contracts.message import Contract
from contracts.payments import BuyProduct, CheckPreCheckout, Product, RecordInvoiceSent, RecordPayment, payload_of
from devstack.databases import Database
from gateway.telegram import precheckout

pytestmark = [pytest.mark.services("gateway", "stage")]
PAYLOAD = payload_of(counter.PURCHASE)


@pytest.fixture
async def town(database: Database, nats_server: Any, fake_api: FakeApi) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        town = Town(stack, database, nats_server, fake_api)
        await town.open()
        yield town


def query(number: str, payload: str = PAYLOAD) -> dict[str, Any]:
    return {"id": number, "from": person("en"), "currency": "XTR", "total_amount": 10, "invoice_payload": payload}


def heard(till: counter.Till, kind: type[Contract]) -> list[Any]:
    return [one for one in till.heard if isinstance(one, kind)]


async def test_a_purchase_from_tap_to_receipt(town: Town, wait_until: Callable[..., Any]) -> None:
    till = await town.open_counter()
    await town.start_gateway()
    api = town.api
    await town.tap("b:ENERGY_10:energy-WORD_ORDER", "q1")
    await wait_until(lambda: api.called("sendInvoice"), "the invoice", seconds=15)
    (invoice,) = api.called("sendInvoice")
    assert (invoice["payload"], invoice["prices"][0]["amount"]) == (PAYLOAD, 10)
    await wait_until(lambda: heard(till, RecordInvoiceSent), "the word that it was sent")
    await town.tap("b:ENERGY_10:energy-WORD_ORDER", "q2")
    await wait_until(lambda: api.called("deleteMessage"), "the first copy to go")
    assert [one["message_id"] for one in api.called("deleteMessage")] == [101]
    assert [one.surface for one in heard(till, BuyProduct)] == ["energy-WORD_ORDER"] * 2
    assert town.answers()["q1"] != town.answers()["q2"]

    await town.post("pre_checkout_query", query("pc1"))
    await wait_until(lambda: api.called("answerPreCheckoutQuery"), "the yes")
    assert api.called("answerPreCheckoutQuery") == [{"pre_checkout_query_id": "pc1", "ok": True}]
    money = {"currency": "XTR", "total_amount": 10, "invoice_payload": PAYLOAD, "telegram_payment_charge_id": "c1"}
    chat = {"id": 7, "type": "private", "first_name": "Anna"}
    paid = {"message_id": 9, "date": 1_772_000_000, "chat": chat, "from": person("de"), "successful_payment": money}
    await town.post("message", paid)
    await wait_until(lambda: api.called("sendMessage"), "the receipt")
    assert "⭐ 10" in api.called("sendMessage")[0]["text"]
    (recorded,) = heard(till, RecordPayment)
    assert (recorded.player_id, recorded.charge_id, recorded.payload) == (7, "c1", PAYLOAD)
    rows = await town.rows.fetch("select kind, command, status from updates where kind like '%pa%' or kind like 'pre%'")
    assert {tuple(row) for row in rows} == {
        ("pre_checkout_query", "pre_checkout", "handled"),
        ("payment", "paid", "handled"),
    }


async def test_payments_decides_who_may_pay(town: Town, wait_until: Callable[..., Any]) -> None:
    till = await town.open_counter()
    await town.start_gateway()
    await town.post("pre_checkout_query", query("pc1", payload="forged"), update_id=1)
    await town.post("pre_checkout_query", query("pc1", payload="forged"), update_id=1)
    await wait_until(lambda: town.api.called("answerPreCheckoutQuery"), "the no", seconds=15)
    (no,) = town.api.called("answerPreCheckoutQuery")
    assert (no["ok"], "/shop" in no["error_message"]) == (False, True)
    (question,) = heard(till, CheckPreCheckout)
    assert (question.player_id, question.query_id, question.payload) == (7, "pc1", "forged")
    info = await town.js.consumer_info("GATEWAY_PAYMENTS", "gateway_payments")
    assert info.delivered is not None
    assert info.delivered.consumer_seq == 1


async def test_a_stuck_payments_is_refused_in_time_and_holds_up_no_tap(
    town: Town, wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precheckout, "DECISION_SECONDS", 3.0)
    await town.start_gateway()
    for number in range(40):
        await town.post("pre_checkout_query", query(f"pc{number}"))
    started = time.monotonic()
    await town.tap("h", "q1")
    await wait_until(lambda: "q1" in town.answers(), "the tap's answer")
    assert time.monotonic() - started < 1.0
    assert town.api.called("answerPreCheckoutQuery") == []
    await wait_until(lambda: len(town.api.called("answerPreCheckoutQuery")) == 40, "forty refusals", seconds=10)
    assert time.monotonic() - started < 5.0
    answers = town.api.called("answerPreCheckoutQuery")
    assert {one["ok"] for one in answers} == {False}
    assert len({one["pre_checkout_query_id"] for one in answers}) == 40
    assert (await town.js.stream_info("PAYMENTS_MONEY")).state.messages == 40, "each was asked once"


async def test_the_product_of_a_forged_button_is_never_asked_for(town: Town, wait_until: Callable[..., Any]) -> None:
    await town.start_gateway()
    await town.tap("b:GOLD:shop", "q1")
    await wait_until(lambda: "q1" in town.answers(), "the toast", seconds=15)
    assert (await town.js.stream_info("PAYMENTS_CMD")).state.messages == 0
    await town.tap(f"b:{Product.ENERGY_10.value}:shop", "q2")
    deadline = time.monotonic() + 5
    while (await town.js.stream_info("PAYMENTS_CMD")).state.messages == 0:
        assert time.monotonic() < deadline, "waited 5 s for the command"
        await asyncio.sleep(0.01)
