"""Rows of the bot's list that no payment made, the affiliate programme, and Stars to the billionth."""

from typing import Any

import pytest
from aiogram.types import TransactionPartnerTelegramApi, TransactionPartnerUser
from stars_stage import bought, wallet
from telegram_stage import RefusedError, Stage


async def stars(stage: Stage) -> tuple[int, int | None]:
    """The bot's balance, by its own method."""
    found = await stage.bot.get_my_star_balance()
    return found.amount, found.nanostar_amount


@pytest.mark.parametrize("gross", [False, True])
async def test_an_affiliate_gets_its_part_of_a_payment_and_gives_it_back(stage: Stage, gross: bool) -> None:
    asked = {"per_mille": 50, "gross": gross}
    assert await stage.api("POST", "stars/programme", asked) == asked
    charge_id = (await bought(stage, stage.anna))["charge_id"]
    assert (await stars(stage), await wallet(stage, stage.anna)) == ((9, 500_000_000), 990)
    await stage.bot.refund_star_payment(stage.anna, charge_id)
    assert (await stars(stage), await wallet(stage, stage.anna)) == ((0, None), 1000)
    rows = (await stage.bot.get_star_transactions()).transactions
    assert [(one.amount, one.nanostar_amount) for one in rows] == [(10, None) if gross else (9, 500_000_000)] * 2
    for row, sign in zip(rows, (1, -1), strict=True):
        partner = row.source or row.receiver
        assert isinstance(partner, TransactionPartnerUser)
        assert partner.affiliate is not None
        told = partner.affiliate
        assert (told.commission_per_mille, told.amount, told.nanostar_amount) == (50, 0, sign * 500_000_000)


async def test_the_programme_ends_and_what_it_brought_stays(stage: Stage) -> None:
    await stage.api("POST", "stars/programme", {"per_mille": 100})
    first = (await bought(stage, stage.anna))["charge_id"]
    await stage.api("POST", "stars/programme", {"per_mille": 0})
    await bought(stage, stage.ben)
    assert await stars(stage) == (19, None)
    await stage.bot.refund_star_payment(stage.anna, first)
    assert await stars(stage) == (10, None)


async def test_anything_may_move_the_balance_with_a_row_that_says_so(stage: Stage) -> None:
    fee = {"type": "telegram_api", "request_count": 31}
    unknown = {"type": "star_lottery", "prize": [1]}
    first = await stage.api("POST", "stars/rows", {"way": "in", "partner": unknown, "amount": 5})
    await stage.api("POST", "stars/rows", {"way": "out", "partner": fee, "nanostar_amount": 100_000_000, "id": "fee"})
    assert await stars(stage) == (4, 900_000_000)
    raw: list[dict[str, Any]] = (await stage.call("getStarTransactions"))["transactions"]
    assert (raw[0]["id"], raw[0]["source"], raw[0]["amount"]) == (first["id"], unknown, 5)
    (row,) = (await stage.bot.get_star_transactions(offset=1)).transactions
    assert isinstance(row.receiver, TransactionPartnerTelegramApi)
    assert (row.id, row.amount, row.nanostar_amount, row.receiver.request_count) == ("fee", 0, 100_000_000, 31)
    assert (await stage.api("GET", "stars"))["nanostars"] == 900_000_000


async def test_a_withdrawal_may_fail(stage: Stage) -> None:
    partner = {"type": "fragment", "withdrawal_state": {"type": "pending"}}
    await bought(stage, stage.anna)
    made = await stage.api("POST", "stars/rows", {"way": "out", "partner": partner, "amount": 7})
    assert await stars(stage) == (3, None)
    await stage.api("POST", f"stars/rows/{made['id']}/fail")
    assert await stars(stage) == (10, None)
    for name, status in ((made["id"], 409), ("nothing", 404)):
        with pytest.raises(RefusedError) as refused:
            await stage.api("POST", f"stars/rows/{name}/fail")
        assert refused.value.status == status


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("rows", {"way": "in", "partner": {}}, "amount"),
        ("rows", {"way": "up", "partner": {}, "amount": 1}, "way"),
        ("rows", {"way": "in", "partner": 5, "amount": 1}, "partner"),
        ("programme", {"per_mille": 1000}, "per_mille"),
    ],
)
async def test_a_refusal_names_the_field(stage: Stage, path: str, body: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", f"stars/{path}", body)
    assert (refused.value.status, refused.value.body["field"]) == (400, field)
