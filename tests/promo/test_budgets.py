"""Budgets of discounts per Berlin day, week and month (DOMAIN §7): exact under load, given back by what expires."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from promo_words import ONE, credited, invoice, refunded, run_out
from redeeming_stage import NOON, Stage

from contracts.payments import Currency, PriceChanged, PriceInStars, Product
from contracts.promo import (
    BudgetPeriod,
    BudgetUnit,
    CampaignScope,
    CampaignType,
    CodeRefused,
    CreateCampaign,
    DiscountReserved,
    RedeemRefusal,
)
from promo.handlers.prices import ask_for_prices
from promo.providers.payments_books import PaymentsBooks

pytestmark = pytest.mark.services("promo")

MIDNIGHT = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
"""The end of the stage's day in Berlin."""
MONTH_OFF = 99 - 80
"""Stars that 20 % take off PREMIUM_MONTH."""


async def discount(stage: Stage, folder: Path, **more: Any) -> Stage:
    """A code for 20 % off a month of premium, as often as the budget allows."""
    given: dict[str, Any] = {"percent": 20, "premium_days": 0, "scope": CampaignScope.PREMIUM_MONTH}
    given |= {"type": CampaignType.PERCENT_DISCOUNT, **more}
    await stage.codes(folder, await stage.campaign(**given), "SOMMER26")
    return stage


async def spent(stage: Stage) -> int:
    return (await stage.view()).budget_spent


async def reserved(stage: Stage, player_id: int = 7) -> DiscountReserved:
    (told,) = await stage.redeem_all([(player_id, "SOMMER26")])
    assert isinstance(told, DiscountReserved)
    return told


async def test_beyond_the_budget_a_code_opens_again_at_midnight_and_it_is_nobodys_failure(
    stage: Stage, tmp_path: Path
) -> None:
    await discount(stage, tmp_path, budget=2, budget_unit=BudgetUnit.USES)
    for player in (7, 8):
        await reserved(stage, player)
    for _ in range(6):
        (told,) = await stage.redeem_all([(9, "SOMMER26")])
        assert isinstance(told, CodeRefused)
        assert (told.reason, told.until, told.tries_left) == (RedeemRefusal.BUDGET_SPENT, MIDNIGHT, None)
    stage.clock.advance(seconds=(MIDNIGHT - stage.clock.now()).total_seconds())
    await reserved(stage, 9)


@pytest.mark.parametrize(
    ("period", "opens"),
    [
        (BudgetPeriod.WEEK, datetime(2026, 3, 8, 23, 0, tzinfo=UTC)),
        (BudgetPeriod.MONTH, datetime(2026, 3, 31, 22, 0, tzinfo=UTC)),
    ],
)
async def test_a_week_begins_on_monday_and_a_month_on_its_first(
    stage: Stage, tmp_path: Path, period: BudgetPeriod, opens: datetime
) -> None:
    await discount(stage, tmp_path, budget=1, budget_unit=BudgetUnit.USES, budget_period=period)
    await reserved(stage)
    (told,) = await stage.redeem_all([(8, "SOMMER26")])
    assert told.until == opens


async def test_a_budget_of_stars_is_exact_when_a_hundred_come_at_once(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=5 * MONTH_OFF + MONTH_OFF - 1, budget_unit=BudgetUnit.STARS)
    crowds = [[(player, "SOMMER26") for player in range(start, start + 20)] for start in range(1, 101, 20)]
    told: list[Any] = [one for crowd in await asyncio.gather(*map(stage.redeem_all, crowds)) for one in crowd]
    assert sum(isinstance(one, DiscountReserved) for one in told) == 5
    assert {one.reason for one in told if isinstance(one, CodeRefused)} == {RedeemRefusal.BUDGET_SPENT}
    assert await spent(stage) == 5 * MONTH_OFF


async def test_a_reservation_holds_the_most_it_can_take_off_and_paid_what_it_did(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=500, budget_unit=BudgetUnit.STARS, scope=CampaignScope.PREMIUM_ANY)
    told = await reserved(stage)
    assert await spent(stage) == 499 - 400
    await stage.take(invoice(told.redemption_id))
    assert await spent(stage) == 499 - 400  # it may still be bought otherwise
    await stage.take(credited(told.redemption_id))
    assert await spent(stage) == MONTH_OFF


async def test_also_when_the_invoice_is_heard_after_the_money(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=500, budget_unit=BudgetUnit.STARS, scope=CampaignScope.PREMIUM_ANY)
    told = await reserved(stage)
    await stage.take(credited(told.redemption_id))
    await stage.take(invoice(told.redemption_id))
    assert await spent(stage) == MONTH_OFF


async def test_what_expires_gives_its_share_back(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=MONTH_OFF, budget_unit=BudgetUnit.STARS)
    await reserved(stage)
    stage.wait(minutes=16)
    await run_out(stage)
    assert await spent(stage) == 0
    await reserved(stage, 8)


async def test_but_not_to_another_day(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=1, budget_unit=BudgetUnit.USES)
    stage.clock.advance(seconds=(MIDNIGHT - stage.clock.now()).total_seconds() - 60)
    await reserved(stage)
    stage.wait(minutes=2)
    await reserved(stage, 8)  # of the new day's budget, which is spent with it
    stage.wait(minutes=14)
    await run_out(stage)  # the first one's alone
    assert await stage.redeem(9, "SOMMER26") is RedeemRefusal.BUDGET_SPENT


async def test_what_is_refunded_stays_spent_as_its_use_stays_used(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=MONTH_OFF, budget_unit=BudgetUnit.STARS)
    told = await reserved(stage)
    await stage.take(invoice(told.redemption_id), credited(told.redemption_id))
    await stage.take(refunded(told.redemption_id))
    assert await spent(stage) == MONTH_OFF
    assert await stage.redeem(8, "SOMMER26") is RedeemRefusal.BUDGET_SPENT


async def test_late_money_takes_its_share_again_whatever_is_left(stage: Stage, tmp_path: Path) -> None:
    await discount(stage, tmp_path, budget=MONTH_OFF, budget_unit=BudgetUnit.STARS)
    told = await reserved(stage)
    await stage.take(invoice(told.redemption_id, ONE))
    stage.wait(minutes=17)
    await run_out(stage)
    await reserved(stage, 8)
    await stage.take(credited(told.redemption_id, ONE))
    assert await spent(stage) == 2 * MONTH_OFF


async def test_a_budget_without_room_for_one_use_is_refused_by_the_prices_of_the_moment(stage: Stage) -> None:
    wanted = CreateCampaign(
        name="small", type=CampaignType.PERCENT_DISCOUNT, percent=50, scope=CampaignScope.ENERGY_10,
        budget=5, budget_unit=BudgetUnit.STARS,
    )  # fmt: skip
    dearer = PriceChanged(
        product=Product.ENERGY_10, currency=Currency.XTR, amount=12, enabled=True, operator="mira", at=stage.clock.now()
    )
    await stage.take(dearer)
    refused = await stage.answer(wanted)
    assert (refused.done, refused.reason.partition(" take")[0]) == (False, "budget: one use may")
    assert "6 Stars" in refused.reason
    asked = stage.resources[PaymentsBooks] = Books()
    for amount, valid_from in ((100, NOON - timedelta(days=1)), (10, NOON)):  # the first is older than what was told
        asked.prices = [PriceInStars(product=Product.ENERGY_10, amount=amount, valid_from=valid_from)]
        await stage.run(ask_for_prices.due())
        assert (await stage.answer(wanted)).done is (amount == 10)


class Books:
    """What payments answers."""

    prices: Sequence[PriceInStars] = ()

    async def star_prices(self) -> Sequence[PriceInStars]:
        return self.prices
