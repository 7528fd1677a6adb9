"""Telegram Premium as a gift of the bot's: its price, its row, its refusals, and answers that get lost."""

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import TransactionPartnerUser
from telegram_stage import Stage


async def earned(stage: Stage, stars: int) -> None:
    """The bot has so many Stars more."""
    await stage.api("POST", "stars/rows", {"way": "in", "partner": {"type": "other"}, "amount": stars})


async def gifts(stage: Stage) -> list[tuple[int, int]]:
    """Whom the bot gave how many months."""
    return [(one["player_id"], one["months"]) for one in await stage.api("GET", "stars/gifts")]


@pytest.mark.parametrize(("months", "price"), [(3, 1000), (6, 1500), (12, 2500)])
async def test_a_gift_costs_its_price_and_has_a_row(stage: Stage, months: int, price: int) -> None:
    await earned(stage, 3000)
    assert await stage.bot.gift_premium_subscription(stage.anna, months, price, text="Danke!")
    assert (await stage.bot.get_my_star_balance()).amount == 3000 - price
    row = (await stage.bot.get_star_transactions()).transactions[-1]
    assert isinstance(row.receiver, TransactionPartnerUser)
    assert (row.amount, row.source, row.receiver.transaction_type) == (price, None, "premium_purchase")
    assert (row.receiver.user.id, row.receiver.premium_subscription_duration) == (stage.anna, months)
    (gift,) = await stage.api("GET", "stars/gifts")
    assert gift == {"id": row.id, "player_id": stage.anna, "months": months, "stars": price, "text": "Danke!"}


@pytest.mark.parametrize(
    ("months", "price", "user", "text", "words"),
    [
        (3, 1500, 0, "", "Wrong purchase price specified"),
        (4, 1000, 0, "", "Wrong purchase price specified"),
        (12, 2500, 0, "", "BALANCE_TOO_LOW"),
        (3, 1000, 42, "", "user not found"),
        (3, 1000, 0, "x" * 129, "too long"),
    ],
)
async def test_what_is_refused_moves_nothing(
    stage: Stage, months: int, price: int, user: int, text: str, words: str
) -> None:
    await earned(stage, 2499)
    with pytest.raises(TelegramBadRequest, match=words):
        await stage.bot.gift_premium_subscription(user or stage.anna, months, price, text=text)
    assert ((await stage.bot.get_my_star_balance()).amount, await gifts(stage)) == (2499, [])


@pytest.mark.parametrize("do", ["timeout_after", "raw_after", "502_after"])
async def test_an_answer_may_get_lost_after_it_took_effect(stage: Stage, do: str) -> None:
    await earned(stage, 1000)
    fault = {"on": "method", "method": "giftPremiumSubscription", "do": do, "count": 1}
    if do == "timeout_after":
        fault["seconds"] = 0
    await stage.api("POST", "faults", {"faults": [fault]})
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the client makes of it
        await stage.bot.gift_premium_subscription(stage.anna, 3, 1000)
    assert await gifts(stage) == [(stage.anna, 3)]


async def test_a_flood_limit_gives_nothing_and_says_how_long_to_wait(stage: Stage) -> None:
    await earned(stage, 1000)
    fault = {"on": "method", "method": "giftPremiumSubscription", "do": "429", "retry_after": 7, "count": 1}
    await stage.api("POST", "faults", {"faults": [fault]})
    with pytest.raises(Exception, match="7"):
        await stage.bot.gift_premium_subscription(stage.anna, 3, 1000)
    assert await gifts(stage) == []
