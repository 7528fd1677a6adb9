"""The bot's books: transactions, balance, refunds, chargebacks, and the list of charges they are compared with."""

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import TransactionPartnerUser
from stars_stage import Bot, balance, bought, wallet
from telegram_stage import RefusedError, Stage


async def test_transactions_are_in_order_and_say_which_way(stage: Stage) -> None:
    first = await bought(stage, stage.anna)
    stage.clock.advance(60)
    second = await bought(stage, stage.ben)
    await stage.bot.refund_star_payment(stage.anna, first["charge_id"])
    rows = (await stage.bot.get_star_transactions()).transactions
    ids = [first["charge_id"], second["charge_id"], first["charge_id"]]
    assert [(one.id, one.amount) for one in rows] == [(charge_id, 10) for charge_id in ids]
    assert [one.source is not None for one in rows] == [True, True, False]
    assert [one.receiver is not None for one in rows] == [False, False, True]
    partner = rows[2].receiver
    assert isinstance(partner, TransactionPartnerUser)
    assert (partner.user.id, partner.transaction_type, partner.invoice_payload) == (
        stage.anna,
        "invoice_payment",
        "p:1:abc",
    )
    assert (rows[1].date - rows[0].date).total_seconds() == 60


async def test_transactions_come_in_pages(stage: Stage) -> None:
    for _ in range(3):
        await bought(stage, stage.anna)
    whole = (await stage.bot.get_star_transactions()).transactions
    pages = [(await stage.bot.get_star_transactions(offset=at, limit=2)).transactions for at in (0, 2, 3)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert [one.id for page in pages for one in page] == [one.id for one in whole]
    assert len((await stage.bot.get_star_transactions(limit=0)).transactions) == 1


async def test_a_refund_comes_back_whole(stage: Stage) -> None:
    outcome, bot = await bought(stage, stage.anna), Bot(stage)
    await bot.take()
    assert await stage.bot.refund_star_payment(stage.anna, outcome["charge_id"]) is True
    assert (await wallet(stage, stage.anna), await balance(stage)) == (1000, 0)
    await bot.take()
    update = bot.updates[-1]
    assert update.message is not None
    assert update.message.refunded_payment is not None
    assert update.message.refunded_payment.telegram_payment_charge_id == outcome["charge_id"]
    assert update.message.refunded_payment.invoice_payload == "p:1:abc"
    assert (await stage.messages(stage.anna))[-1]["payment"]["kind"] == "refunded"


async def test_a_refund_message_is_from_the_bot_as_in_telegram(stage: Stage) -> None:
    outcome, bot = await bought(stage, stage.anna), Bot(stage)
    await stage.bot.refund_star_payment(stage.anna, outcome["charge_id"])
    await bot.take()
    message = bot.raw[-1]["message"]
    assert (message["from"]["id"], message["chat"]["id"]) == (stage.sandbox.settings.bot_id, stage.anna)


async def test_refunds_that_telegram_refuses(stage: Stage) -> None:
    charge_id = (await bought(stage, stage.anna))["charge_id"]
    for user_id, given, reason in (
        (stage.anna, "stxNothing", "CHARGE_NOT_FOUND"),
        (stage.ben, charge_id, "CHARGE_NOT_FOUND"),
        (12345, charge_id, "USER_ID_INVALID"),
    ):
        with pytest.raises(TelegramBadRequest, match=reason):
            await stage.bot.refund_star_payment(user_id, given)
    refused = await stage.refusal("refundStarPayment", user_id=stage.anna, telegram_payment_charge_id="")
    assert refused == (400, "Bad Request: CHARGE_ID_EMPTY")
    assert await balance(stage) == 10
    await stage.bot.refund_star_payment(stage.anna, charge_id)
    with pytest.raises(TelegramBadRequest, match="CHARGE_ALREADY_REFUNDED"):
        await stage.bot.refund_star_payment(stage.anna, charge_id)
    assert await balance(stage) == 0
    assert len((await stage.bot.get_star_transactions()).transactions) == 2


async def test_a_chargeback_lowers_the_balance_and_says_nothing(stage: Stage) -> None:
    charge_id = (await bought(stage, stage.anna))["charge_id"]
    last = (await stage.updates())[-1]["update_id"]
    answer = await stage.api("POST", f"charges/{charge_id}/chargeback")
    assert (answer["state"], answer["charged_back_at"]) == ("charged_back", stage.clock.now())
    assert await balance(stage) == 0
    assert len((await stage.bot.get_star_transactions()).transactions) == 1
    assert await stage.updates(offset=last + 1) == []
    assert await wallet(stage, stage.anna) == 990
    with pytest.raises(TelegramBadRequest, match="CHARGE_ALREADY_REFUNDED"):
        await stage.bot.refund_star_payment(stage.anna, charge_id)


async def test_support_refunds_like_the_bot(stage: Stage) -> None:
    outcome, bot = await bought(stage, stage.anna), Bot(stage)
    answer = await stage.api("POST", f"charges/{outcome['charge_id']}/refund")
    await bot.take()
    assert bot.raw[-1]["update_id"] == answer["update_id"]
    assert bot.raw[-1]["message"]["refunded_payment"]["telegram_payment_charge_id"] == outcome["charge_id"]
    assert await balance(stage) == 0
    for act in ("refund", "chargeback"):
        with pytest.raises(RefusedError) as refused:
            await stage.api("POST", f"charges/{outcome['charge_id']}/{act}")
        assert (refused.value.status, "refunded already" in refused.value.body["error"]) == (409, True)
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", "charges/stxNothing/refund")
    assert refused.value.status == 404


async def test_every_charge_is_listed_with_its_state(stage: Stage) -> None:
    ids = [(await bought(stage, player))["charge_id"] for player in (stage.anna, stage.ben, stage.anna)]
    await stage.bot.refund_star_payment(stage.anna, ids[0])
    await stage.api("POST", f"charges/{ids[1]}/chargeback")
    listed = await stage.api("GET", "charges")
    assert [(one["charge_id"], one["state"]) for one in listed] == list(
        zip(ids, ("refunded", "charged_back", "paid"), strict=True)
    )
    assert [one["charge_id"] for one in await stage.api("GET", f"charges?player={stage.anna}")] == [ids[0], ids[2]]
    assert [one["charge_id"] for one in await stage.api("GET", "charges?offset=1&limit=1")] == [ids[1]]
    assert await stage.api("GET", "stars") == {
        "balance": 10,
        "charges": 3,
        "paid": 1,
        "refunded": 1,
        "charged_back": 1,
        "transactions": 4,
    }
    payments = (await stage.api("GET", "stats"))["payments"]
    assert (payments["asked"], payments["ok"], payments["paid"]) == (3, 3, 3)
    assert (payments["refunded"], payments["charged_back"]) == (1, 1)
