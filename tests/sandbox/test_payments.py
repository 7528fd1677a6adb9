"""A payment from the tap to the books: pre-checkout, charge, service message, update, wallet, balance."""

import asyncio

import pytest
from aiogram.exceptions import TelegramBadRequest
from stars_stage import Bot, asked, balance, bought, invoice, paid, pay, wallet
from telegram_stage import RefusedError, Stage, until


async def test_a_payment_goes_all_the_way(stage: Stage) -> None:
    message_id, bot = await invoice(stage, stage.anna), Bot(stage)
    outcome = await paid(stage, stage.anna, message_id, bot)
    await bot.take()
    assert (outcome["paid"], outcome["amount"]) == (True, 10)
    query, payment = bot.queries[0], bot.payments[0]
    assert (query.from_user.id, query.currency, query.total_amount) == (stage.anna, "XTR", 10)
    assert query.invoice_payload == payment.invoice_payload == "p:1:abc"
    assert payment.telegram_payment_charge_id == outcome["charge_id"]
    message = bot.raw[-1]["message"]
    assert (message["from"]["id"], message["chat"]["id"], message["message_id"]) == (
        stage.anna,
        stage.anna,
        outcome["message_id"],
    )
    assert (await wallet(stage, stage.anna), await balance(stage)) == (990, 10)
    asked_for = outcome["pre_checkout"]
    assert (asked_for["id"], asked_for["update_id"], asked_for["ok"]) == (query.id, bot.raw[0]["update_id"], True)
    assert outcome["update_id"] == bot.raw[-1]["update_id"]


async def test_the_chat_shows_the_paid_invoice_and_the_receipt(stage: Stage) -> None:
    outcome = await bought(stage, stage.anna)
    shown = await stage.messages(stage.anna)
    assert [one["invoice"]["paid"] for one in shown if "invoice" in one] == [True]
    assert shown[-1]["payment"] == {
        "kind": "paid",
        "amount": 10,
        "charge_id": outcome["charge_id"],
        "title": "10 Energie",
    }


async def test_a_paid_invoice_can_be_paid_again(stage: Stage) -> None:
    message_id, bot = await invoice(stage, stage.anna), Bot(stage)
    first = await paid(stage, stage.anna, message_id, bot)
    second = await paid(stage, stage.anna, message_id, bot)
    assert first["charge_id"] != second["charge_id"]
    charges = await stage.api("GET", "charges")
    assert [one["charge_id"] for one in charges] == [first["charge_id"], second["charge_id"]]
    assert {one["payload"] for one in charges} == {"p:1:abc"}
    assert await wallet(stage, stage.anna) == 980


async def test_a_refusal_shows_the_bots_words_and_moves_no_money(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    bot = Bot(stage, refusal="Ausverkauft")
    outcome = await paid(stage, stage.anna, message_id, bot)
    assert (outcome["paid"], outcome["reason"], outcome["error"]) == (False, "refused", "Ausverkauft")
    assert (await wallet(stage, stage.anna), await balance(stage)) == (1000, 0)
    assert await stage.api("GET", "charges") == []
    assert await stage.updates(offset=bot.raw[-1]["update_id"] + 1) == []


async def test_without_an_answer_in_ten_seconds_the_payment_fails(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    waiting = asyncio.create_task(pay(stage, stage.anna, message_id))
    query = await asked(stage)
    await until(lambda: stage.clock.naps == [10])
    stage.clock.advance(9.9)
    assert not waiting.done()
    stage.clock.advance(0.1)
    outcome = await waiting
    assert (outcome["paid"], outcome["reason"]) == (False, "no_answer")
    with pytest.raises(
        TelegramBadRequest, match="query is too old and response timeout expired or query ID is invalid"
    ):
        await stage.bot.answer_pre_checkout_query(query["id"], ok=True)
    assert (await wallet(stage, stage.anna), await balance(stage)) == (1000, 0)
    payments = (await stage.api("GET", "stats"))["payments"]
    assert (payments["no_answer"], payments["late_answers"], payments["paid"]) == (1, 1, 0)


async def test_a_query_is_answered_once(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    waiting = asyncio.create_task(pay(stage, stage.anna, message_id))
    query = await asked(stage)
    await stage.bot.answer_pre_checkout_query(query["id"], ok=True)
    assert (await waiting)["paid"]
    for unanswerable in (query["id"], "999"):
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await stage.bot.answer_pre_checkout_query(unanswerable, ok=True)


async def test_a_no_needs_a_reason(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    waiting = asyncio.create_task(pay(stage, stage.anna, message_id))
    query = await asked(stage)
    refused = await stage.refusal("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=False)
    assert refused == (400, 'Bad Request: parameter "error_message" is required')
    await stage.bot.answer_pre_checkout_query(query["id"], ok=False, error_message="Nein")
    assert (await waiting)["error"] == "Nein"


async def test_closing_the_sheet_tells_the_bot_nothing(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    outcome = await pay(stage, stage.anna, message_id, cancel=True)
    assert (outcome["paid"], outcome["reason"], outcome["pre_checkout"]) == (False, "cancelled", None)
    assert await stage.updates() == []


async def test_a_wallet_has_an_end(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    await stage.api("POST", f"players/{stage.anna}/wallet", {"stars": 9})
    outcome = await pay(stage, stage.anna, message_id)
    assert (outcome["paid"], outcome["reason"]) == (False, "balance_too_low")
    assert await stage.updates() == []
    assert await stage.api("POST", f"players/{stage.anna}/wallet", {"add": 1}) == {"stars": 10}
    assert (await paid(stage, stage.anna, message_id))["paid"]
    assert await wallet(stage, stage.anna) == 0


async def test_stars_promised_to_one_payment_cannot_pay_another(stage: Stage) -> None:
    first, second = await invoice(stage, stage.anna), await invoice(stage, stage.anna, payload="p:2")
    await stage.api("POST", f"players/{stage.anna}/wallet", {"stars": 15})
    waiting = asyncio.create_task(pay(stage, stage.anna, first))
    query = await asked(stage)
    assert (await pay(stage, stage.anna, second))["reason"] == "balance_too_low"
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", f"players/{stage.anna}/wallet", {"stars": 3})
    assert refused.value.status == 409
    await stage.bot.answer_pre_checkout_query(query["id"], ok=True)
    assert (await waiting)["paid"]
    assert await wallet(stage, stage.anna) == 5


async def test_a_payment_goes_on_when_nobody_waits_for_it(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    waiting = asyncio.create_task(pay(stage, stage.anna, message_id))
    query = await asked(stage)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await stage.bot.answer_pre_checkout_query(query["id"], ok=True)
    await until(lambda: len(stage.sandbox.world.stars.charges) == 1)


async def test_wallets_start_as_asked(start) -> None:
    stage = await start(start_stars=7)
    made = (await stage.api("POST", "players", {"first_name": "P", "count": 2, "stars": 5000}))["ids"]
    assert [await wallet(stage, one) for one in (stage.anna, *made)] == [7, 5000, 5000]
    listed = await stage.api("GET", "players")
    assert [one["stars"] for one in listed] == [7, 7, 5000, 5000]


@pytest.mark.parametrize("body", [{}, {"add": 1, "stars": 1}, {"add": -1}, {"stars": "much"}])
async def test_wrong_wallets_are_refused(stage: Stage, body: dict[str, object]) -> None:
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", f"players/{stage.anna}/wallet", body)
    assert refused.value.status == 400
    assert await wallet(stage, stage.anna) == 1000


async def test_a_blocked_bot_cannot_be_paid(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    await stage.api("POST", f"players/{stage.anna}/block")
    with pytest.raises(RefusedError) as refused:
        await pay(stage, stage.anna, message_id)
    assert refused.value.status == 409


async def test_charge_ids_look_like_telegrams_and_repeat_only_with_a_seed(start) -> None:
    async def first_id(**settings: object) -> str:
        return (await bought(stage := await start(**settings), stage.anna))["charge_id"]

    seeded, again, other = await first_id(seed=7), await first_id(seed=7), await first_id(seed=8)
    assert seeded == again != other
    assert await first_id() != await first_id()
    assert (seeded[:3], len(seeded)) == ("stx", 83)
    assert seeded.replace("-", "").replace("_", "").isalnum()


async def test_payments_by_the_stream(stage: Stage) -> None:
    message_id = await invoice(stage, stage.anna)
    async with stage.http.ws_connect("/sandbox/api/stream") as socket:
        await socket.send_json([{"pay": [stage.anna, message_id], "ref": 5}, {"pay": [stage.anna, 1], "ref": 6}])
        query = await asked(stage)
        await stage.bot.answer_pre_checkout_query(query["id"], ok=True)
        lines: list[dict[str, object]] = []
        async with asyncio.timeout(5):
            while not any(one["kind"] == "done" for one in lines):
                lines += await socket.receive_json()
    kinds = {str(one["kind"]): one for one in lines}
    assert kinds["error"]["ref"] == 6
    assert (kinds["checkout"]["pre_checkout_query_id"], kinds["checkout"]["ok"]) == (query["id"], True)
    done = kinds["done"]
    assert (done["ref"], done["paid"]) == (5, True)
    assert kinds["paid"]["charge_id"] == done["charge_id"]
