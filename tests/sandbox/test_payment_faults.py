"""Payments that go wrong on purpose, and payments that a forger makes up."""

import asyncio
from typing import Any

import aiohttp
import pytest
from stars_stage import Bot, asked, balance, bought, invoice, paid, pay, wallet
from telegram_stage import Hook, RefusedError, Stage, until

PAID = "message.successful_payment"


def charge_ids(updates: list[dict[str, Any]]) -> list[str]:
    """Charge ids of the successful payments among these updates."""
    payments = [one["message"]["successful_payment"] for one in updates if "message" in one]
    return [one["telegram_payment_charge_id"] for one in payments]


async def test_a_payment_whose_update_never_comes(stage: Stage) -> None:
    await stage.faults({"on": "update", "kind": PAID, "do": "drop"})
    bot = Bot(stage)
    outcome = await paid(stage, stage.anna, await invoice(stage, stage.anna), bot)
    await stage.send(stage.anna, "/plain")
    await bot.take()
    assert outcome["paid"]
    assert bot.payments == []
    assert bot.raw[-1]["message"]["text"] == "/plain"
    assert (await stage.bot.get_star_transactions()).transactions[0].id == outcome["charge_id"]


@pytest.mark.parametrize(("do", "ids"), [("duplicate", 1), ("repeat", 2)])
async def test_a_payment_told_twice(stage: Stage, do: str, ids: int) -> None:
    await stage.faults({"on": "update", "kind": PAID, "do": do})
    outcome, bot = await bought(stage, stage.anna), Bot(stage)
    await bot.take()
    told = [one for one in bot.raw if "message" in one]
    assert charge_ids(told) == [outcome["charge_id"]] * 2
    assert len({one["update_id"] for one in told}) == ids
    assert told[0]["message"] == told[1]["message"]
    assert await balance(stage) == 10


async def test_the_second_telling_can_come_later(stage: Stage) -> None:
    await stage.faults({"on": "update", "kind": PAID, "do": "repeat", "delay_ms": 3000})
    outcome = await bought(stage, stage.anna)
    assert charge_ids(await stage.updates()) == [outcome["charge_id"]]
    await until(lambda: stage.clock.naps == [3])
    stage.clock.advance(3)
    await until(lambda: len(stage.sandbox.updates.pending) == 2)


async def test_a_payment_told_late(stage: Stage) -> None:
    await stage.faults({"on": "update", "kind": PAID, "do": "delay", "delay_ms": 60_000})
    outcome = await bought(stage, stage.anna)
    assert charge_ids(await stage.updates(timeout=0)) == []
    stage.clock.advance(60)
    await until(lambda: len(stage.sandbox.updates.pending) > 0)
    assert charge_ids(await stage.updates()) == [outcome["charge_id"]]


async def test_a_payment_told_a_day_late(stage: Stage, hook: Hook) -> None:
    await stage.faults({"on": "update", "kind": PAID, "do": "hold"})
    await stage.faults({"on": "payment", "do": "unasked"})
    outcome = await pay(stage, stage.anna, await invoice(stage, stage.anna))
    await stage.call("setWebhook", url=hook.url)
    stage.clock.advance(2 * 86_400)
    held = await stage.api("GET", "updates/held")
    assert [(one["update_id"], one["kind"]) for one in held] == [(outcome["update_id"], PAID)]
    assert await stage.api("POST", "updates/release", {"kind": "callback_query"}) == {"released": 0}
    released = await stage.api("POST", "updates/release", {"update_id": outcome["update_id"], "age_seconds": 86_400})
    assert released == {"released": 1}
    await hook.wait_for(1)
    assert charge_ids(hook.updates) == [outcome["charge_id"]]
    assert hook.updates[0]["message"]["date"] == int(outcome["at"]) - 86_400
    assert await stage.api("GET", "updates/held") == []


async def test_a_payment_without_pre_checkout(stage: Stage) -> None:
    await stage.faults({"on": "payment", "do": "unasked", "chat_id": stage.anna, "count": 1})
    outcome = await pay(stage, stage.anna, await invoice(stage, stage.anna))
    assert (outcome["paid"], outcome["pre_checkout"]) == (True, None)
    updates = await stage.updates()
    assert charge_ids(updates) == [outcome["charge_id"]]
    assert not any("pre_checkout_query" in one for one in updates)
    assert await wallet(stage, stage.anna) == 990
    shown = (await stage.api("GET", "faults"))["faults"][0]
    assert (shown["on"], shown["do"], shown["hits"], shown["chat_id"]) == ("payment", "unasked", 1, stage.anna)


async def test_a_payment_before_its_pre_checkout_is_answered(stage: Stage) -> None:
    await stage.faults({"on": "payment", "do": "early"}, {"on": "update", "kind": "pre_checkout_query", "do": "hold"})
    outcome = await pay(stage, stage.anna, await invoice(stage, stage.anna))
    assert outcome["paid"]
    assert charge_ids(await stage.updates()) == [outcome["charge_id"]]
    await stage.api("POST", "updates/release", {})
    query = await asked(stage)
    assert query["id"] == outcome["pre_checkout"]["id"]
    await stage.bot.answer_pre_checkout_query(query["id"], ok=False, error_message="zu spät")
    assert await balance(stage) == 10


@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_a_call_that_takes_effect_and_answers_an_error(stage: Stage, code: int) -> None:
    charge_id = (await bought(stage, stage.anna))["charge_id"]
    rule = {"on": "method", "method": "refundStarPayment", "do": f"{code}_after", "count": 1, "chat_id": stage.anna}
    await stage.faults(rule)
    refund: dict[str, Any] = {"user_id": stage.anna, "telegram_payment_charge_id": charge_id}
    assert (await stage.refusal("refundStarPayment", **refund))[0] == code
    assert await stage.refusal("refundStarPayment", **refund) == (400, "Bad Request: CHARGE_ALREADY_REFUNDED")
    assert await balance(stage) == 0


async def test_a_call_that_takes_effect_and_is_not_answered(stage: Stage) -> None:
    charge_id = (await bought(stage, stage.anna))["charge_id"]
    await stage.faults({"on": "method", "method": "refundStarPayment", "do": "timeout_after", "seconds": 0.01})
    with pytest.raises(aiohttp.ClientError):
        await stage.call("refundStarPayment", user_id=stage.anna, telegram_payment_charge_id=charge_id)
    assert (await stage.api("GET", "charges"))[0]["state"] == "refunded"


async def test_an_altered_invoice_reaches_the_bot_as_altered(stage: Stage) -> None:
    message_id, bot = await invoice(stage, stage.anna), Bot(stage)
    altered = {"payload": "p:1:forged", "amount": 1, "currency": "EUR"}
    outcome = await paid(stage, stage.anna, message_id, bot, **altered)
    await bot.take()
    query = bot.queries[0]
    assert (query.invoice_payload, query.total_amount, query.currency) == ("p:1:forged", 1, "EUR")
    assert (bot.payments[0].invoice_payload, outcome["amount"]) == ("p:1:forged", 1)
    assert await wallet(stage, stage.anna) == 999
    assert (await stage.messages(stage.anna))[0]["invoice"]["amount"] == 10


async def test_another_player_pays_a_forwarded_invoice(stage: Stage) -> None:
    open_bill = await invoice(stage, stage.anna, start_parameter="")
    bot = Bot(stage)
    outcome = await paid(stage, stage.anna, open_bill, bot, **{"as": stage.ben})
    assert outcome["paid"]
    assert bot.queries[0].from_user.id == stage.ben
    assert (await wallet(stage, stage.anna), await wallet(stage, stage.ben)) == (1000, 990)
    closed = await invoice(stage, stage.anna)
    with pytest.raises(RefusedError) as refused:
        await pay(stage, stage.anna, closed, **{"as": stage.ben})
    assert (refused.value.status, "start_parameter" in refused.value.body["error"]) == (409, True)
    assert (await paid(stage, stage.anna, closed, bot, force=True, **{"as": stage.ben}))["paid"]


async def test_a_forged_pre_checkout_shows_the_bots_answer(stage: Stage) -> None:
    body = {"player_id": stage.anna, "payload": "made up", "amount": 3}
    waiting = asyncio.create_task(stage.api("POST", "forge/pre_checkout_query", body))
    query = await asked(stage)
    assert (query["invoice_payload"], query["total_amount"], query["from"]["id"]) == ("made up", 3, stage.anna)
    await stage.bot.answer_pre_checkout_query(query["id"], ok=False, error_message="Nein")
    answer = await waiting
    assert (answer["pre_checkout_query_id"], answer["ok"], answer["error_message"]) == (query["id"], False, "Nein")
    assert await balance(stage) == 0


async def test_a_forged_pre_checkout_nobody_answers(stage: Stage) -> None:
    body = {"player_id": stage.anna, "payload": "made up", "amount": 3, "timeout": 2}
    waiting = asyncio.create_task(stage.api("POST", "forge/pre_checkout_query", body))
    await until(lambda: stage.clock.naps == [2])
    stage.clock.advance(2)
    assert (await waiting)["ok"] is None


async def test_a_forged_payment_is_in_no_book(stage: Stage) -> None:
    body = {"player_id": stage.anna, "payload": "made up", "amount": 500}
    made = await stage.api("POST", "forge/successful_payment", body)
    update = (await stage.updates())[0]
    assert (update["update_id"], charge_ids([update])) == (made["update_id"], [made["charge_id"]])
    assert update["message"]["successful_payment"]["total_amount"] == 500
    assert (await stage.api("GET", "charges"), await balance(stage)) == ([], 0)
    assert (await stage.bot.get_star_transactions()).transactions == []
    assert await stage.messages(stage.anna) == []


async def test_a_real_payment_replayed_under_another_update(stage: Stage) -> None:
    outcome = await bought(stage, stage.anna)
    made = await stage.api("POST", "forge/successful_payment", {"charge_id": outcome["charge_id"]})
    told = [one["message"]["successful_payment"] for one in await stage.updates() if "message" in one]
    assert made["update_id"] != outcome["update_id"]
    assert told[0] == told[1]
    foreign = {"charge_id": outcome["charge_id"], "player_id": stage.ben, "amount": 999}
    await stage.api("POST", "forge/successful_payment", foreign)
    last = (await stage.updates())[-1]["message"]
    assert (last["from"]["id"], last["successful_payment"]["total_amount"]) == (stage.ben, 999)
    assert last["successful_payment"]["telegram_payment_charge_id"] == outcome["charge_id"]
    assert await balance(stage) == 10


async def test_a_forged_refund(stage: Stage) -> None:
    outcome = await bought(stage, stage.anna)
    await stage.api("POST", "forge/refunded_payment", {"charge_id": outcome["charge_id"]})
    message = (await stage.updates())[-1]["message"]
    assert message["refunded_payment"]["telegram_payment_charge_id"] == outcome["charge_id"]
    assert await balance(stage) == 10


@pytest.mark.parametrize("missing", ["player_id", "payload", "amount"])
async def test_forging_needs_all_of_a_payment(stage: Stage, missing: str) -> None:
    body: dict[str, Any] = {"player_id": stage.anna, "payload": "x", "amount": 1}
    del body[missing]
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", "forge/successful_payment", body)
    assert (refused.value.status, refused.value.body["field"]) == (400, missing)


async def test_a_payment_fault_is_one_of_two(stage: Stage) -> None:
    with pytest.raises(RefusedError) as refused:
        await stage.faults({"on": "payment", "do": "drop"})
    assert refused.value.body["field"] == "faults[0].do"
