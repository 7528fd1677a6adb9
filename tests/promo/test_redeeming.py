"""Redeeming a code that gives premium: every refusal of DOMAIN §7, the throttle, and as many uses as there are."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redeeming_stage import NOON, PEPPERS, Stage

from contracts.gameplay import PlayerJoined
from contracts.payments import GrantPremium, Product
from contracts.promo import (
    BudgetPeriod,
    CampaignFilter,
    CampaignScope,
    CampaignStatus,
    CampaignType,
    CodeRefused,
    CreateCampaign,
    ListCampaigns,
    Peppers,
    PremiumRedeemed,
    RedeemRefusal,
    RevokeBatch,
    SetCampaignStatus,
)
from promo.domain.campaign import products_of
from promo.domain.code_making import BatchError, NewCode

pytestmark = pytest.mark.services("promo")


async def test_a_grant_is_counted_and_given_under_the_redemptions_id(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(uses_max=3), "SOMMER26")
    (told,) = await stage.redeem_all([(7, "sommer-26")])
    assert isinstance(told, PremiumRedeemed)
    assert (told.days, told.rank, told.campaign) == (30, 2, "spring")
    (grant,) = stage.granted()
    assert (grant.grant_id, grant.days, grant.rank, grant.source) == (told.redemption_id, 30, 2, "PROMO")
    assert (await stage.view()).used == 1


async def test_a_code_is_one_players_once(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26", "HERBST26")
    assert await stage.redeem(7, "SOMMER26") is None
    assert await stage.redeem(7, "SOMMER26") is RedeemRefusal.ALREADY_USED
    assert await stage.redeem(7, "HERBST26") is RedeemRefusal.ALREADY_USED  # another one of the batch
    assert await stage.redeem(8, "SOMMER26") is None
    assert (await stage.view()).used == 2


async def test_twenty_tries_of_one_player_at_once_are_one_use(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26")
    in_one_turn = await stage.redeem_all([(7, "SOMMER26")] * 10)
    apart = await asyncio.gather(*(stage.redeem(8, "SOMMER26") for _ in range(10)))
    assert [type(told) for told in in_one_turn].count(PremiumRedeemed) == 1
    assert apart.count(None) == 1
    assert (await stage.view()).used == len(stage.granted()) == 2


async def test_500_players_at_once_for_50_uses_are_exactly_50(stage: Stage, tmp_path: Path) -> None:
    """Ten turns in which 50 players each type the code run at once, over connections of their own."""
    await stage.codes(tmp_path, await stage.campaign(uses_max=50), "SOMMER26")
    crowds = [[(player, "SOMMER26") for player in range(start, start + 50)] for start in range(1, 501, 50)]
    told = [one for crowd in await asyncio.gather(*map(stage.redeem_all, crowds)) for one in crowd]
    assert sum(isinstance(one, PremiumRedeemed) for one in told) == 50
    assert {one.reason for one in told if isinstance(one, CodeRefused)} == {RedeemRefusal.DEPLETED}
    async with stage.pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from redemptions where state = 'APPLIED'") == 50
        assert await connection.fetchval("select used from codes") == 50
        assert await connection.fetchval("select count(*) from attempts") == 500
    assert (await stage.view()).used == len({grant.player_id for grant in stage.granted()}) == 50


async def test_the_database_refuses_one_use_too_many(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(uses_max=1), "SOMMER26")
    async with stage.pool.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("update campaigns set used = 2")


@pytest.mark.parametrize(
    ("campaign", "after", "reason"),
    [
        ({"valid_from": NOON + timedelta(hours=1)}, {}, RedeemRefusal.NOT_YET),
        ({"valid_until": NOON + timedelta(hours=1)}, {"hours": 1}, RedeemRefusal.EXPIRED),
        ({"valid_until": NOON + timedelta(hours=1)}, {"minutes": 59}, None),
    ],
)
async def test_dates(stage: Stage, tmp_path: Path, campaign: dict[str, Any], after: Any, reason: Any) -> None:
    await stage.codes(tmp_path, await stage.campaign(**campaign), "SOMMER26")
    stage.wait(**after)
    assert await stage.redeem(7, "SOMMER26") is reason


async def test_a_paused_campaign_takes_nobody_until_it_goes_on(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26")
    pause = SetCampaignStatus(name="spring", status=CampaignStatus.PAUSED, expected=CampaignStatus.ACTIVE)
    assert (await stage.answer(pause)).done
    conflict = await stage.answer(pause)
    assert (conflict.done, conflict.campaign.status) == (False, CampaignStatus.PAUSED)
    assert not (await stage.answer(SetCampaignStatus(name="spring", status=CampaignStatus.DEPLETED))).done
    assert await stage.redeem(7, "SOMMER26") is RedeemRefusal.PAUSED
    await stage.take(SetCampaignStatus(name="spring", status=CampaignStatus.ACTIVE))
    assert await stage.redeem(7, "SOMMER26") is None


async def test_a_code_of_one_use_is_gone_after_it(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(uses_per_code_max=1), "SOMMER26")
    assert await stage.redeem(7, "SOMMER26") is None
    assert await stage.redeem(8, "SOMMER26") is RedeemRefusal.DEPLETED


async def test_a_code_bound_to_somebody_is_nothing_to_others(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(), NewCode("SOMMER26", player_id=7))
    assert await stage.redeem(8, "SOMMER26") is RedeemRefusal.INVALID
    assert await stage.redeem(7, "SOMMER26") is None


async def test_a_campaign_for_new_players_is_not_for_old_ones(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(new_players_only=True), "SOMMER26")
    await stage.take(PlayerJoined(player_id=7, at=NOON - timedelta(days=8)), PlayerJoined(player_id=8, at=NOON))
    assert await stage.redeem(7, "SOMMER26") is RedeemRefusal.NOT_APPLICABLE
    assert await stage.redeem(8, "SOMMER26") is None


async def test_a_budget_opens_again_at_midnight_in_berlin_and_costs_no_failure(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(budget=1, budget_period=BudgetPeriod.DAY), "SOMMER26")
    assert await stage.redeem(7, "SOMMER26") is None
    (refused,) = await stage.redeem_all([(8, "SOMMER26")])
    assert (refused.reason, refused.tries_left) == (RedeemRefusal.BUDGET_SPENT, None)
    assert refused.until == NOON.replace(hour=23)
    stage.wait(hours=12)
    assert await stage.redeem(8, "SOMMER26") is None


async def test_a_revoked_batch_bars_unused_codes_and_leaves_used_ones(stage: Stage, tmp_path: Path) -> None:
    batch = await stage.codes(tmp_path, await stage.campaign(), "SOMMER26", "HERBST26")
    assert await stage.redeem(7, "SOMMER26") is None
    assert (await stage.answer(RevokeBatch(batch_id=batch, note="typo"))).codes == 2
    assert await stage.redeem(8, "SOMMER26") is None
    assert await stage.redeem(9, "HERBST26") is RedeemRefusal.EXPIRED


async def test_a_code_is_found_under_an_older_pepper(stage: Stage, tmp_path: Path) -> None:
    old, both = Peppers(["an old and long pepper"]), Peppers(["a new and long pepper", "an old and long pepper"])
    campaign = await stage.campaign()
    await stage.codes(tmp_path, campaign, "SOMMER26", peppers=old)
    assert await stage.redeem(7, "SOMMER26", peppers=both) is None
    with pytest.raises(BatchError, match="stored already"):
        await stage.codes(tmp_path, campaign, "SOMMER26", peppers=both)


# -- the throttle --------------------------------------------------------------------------------


async def test_the_fifth_failure_blocks_for_an_hour_and_trying_does_not_prolong_it(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26")
    told = [(await stage.redeem_all([(7, "WRONG")]))[0] for _ in range(5)]
    assert [one.tries_left for one in told] == [4, 3, 2, 1, 0]
    assert told[-1].until == NOON + timedelta(hours=1)
    stage.wait(minutes=59)
    assert await stage.redeem(7, "SOMMER26") is RedeemRefusal.RATE_LIMITED
    assert await stage.redeem(8, "SOMMER26") is None  # nobody else
    stage.wait(minutes=1)
    assert await stage.redeem(7, "SOMMER26") is None


async def test_failures_of_more_than_a_day_ago_are_forgotten(stage: Stage) -> None:
    for _ in range(4):
        await stage.redeem(7, "WRONG")
    stage.wait(hours=24)
    (told,) = await stage.redeem_all([(7, "WRONG")])
    assert told.tries_left == 4


async def test_what_was_used_already_is_no_failure(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26")
    for _ in range(8):
        await stage.redeem(7, "SOMMER26")
    assert await stage.redeem(7, "WRONG") is RedeemRefusal.INVALID


async def test_in_a_public_campaign_not_applicable_is_no_failure(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(new_players_only=True, is_public=True), "SOMMER26")
    await stage.take(PlayerJoined(player_id=7, at=NOON - timedelta(days=8)))
    told = [(await stage.redeem_all([(7, "SOMMER26")]))[0] for _ in range(6)]
    assert {(one.reason, one.tries_left) for one in told} == {(RedeemRefusal.NOT_APPLICABLE, None)}


# -- operators -----------------------------------------------------------------------------------


async def test_campaigns_are_listed_by_what_is_asked(stage: Stage) -> None:
    for name in ("spring", "summer", "spring-late"):
        await stage.campaign(name)
        stage.wait(minutes=1)
    page = await stage.answer(ListCampaigns(filter=CampaignFilter(name="SPRING", page_size=1)))
    assert ([one.name for one in page.campaigns], page.total) == (["spring-late"], 2)
    past = await stage.answer(ListCampaigns(filter=CampaignFilter(page=9)))
    assert (past.campaigns, past.total) == ((), 3)
    paused = await stage.answer(ListCampaigns(filter=CampaignFilter(status=CampaignStatus.PAUSED)))
    assert paused.total == 0


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"type": CampaignType.PERCENT_DISCOUNT, "premium_days": 0, "percent": 91}, "percent"),
        ({"type": CampaignType.PERCENT_DISCOUNT, "percent": 20}, "premium_days"),
        ({"scope": CampaignScope.PREMIUM_ANY}, "scope"),
        ({"premium_days": 8}, "premium_days"),
        ({"valid_until": NOON}, "valid_until"),
    ],
)
async def test_a_campaign_that_could_not_be_redeemed_is_not_made(stage: Stage, given: Any, fault: str) -> None:
    command: dict[str, Any] = {"type": CampaignType.PREMIUM_GRANT, "premium_days": 30}
    answer = await stage.answer(CreateCampaign(name="spring", **(command | given)))
    assert not answer.done
    assert answer.reason.startswith(fault)


async def test_a_name_is_one_campaigns(stage: Stage) -> None:
    await stage.campaign()
    again = await stage.answer(CreateCampaign(name="spring", type=CampaignType.PREMIUM_GRANT, premium_days=7))
    assert (again.done, (await stage.view()).premium_days) == (False, 30)


def test_a_scope_names_its_products() -> None:
    assert products_of(CampaignScope.MICRO_ANY) == (
        Product.ENERGY_10, Product.MEGA_PACK_15, Product.STREAK_SAVER_20, Product.DUEL_TICKET_5,
    )  # fmt: skip
    assert len(products_of(CampaignScope.PREMIUM_ANY)) == 4
    assert len(products_of(CampaignScope.ANY)) == 8
    assert products_of(CampaignScope.PREMIUM_YEAR) == (Product.PREMIUM_YEAR,)


# -- what is kept --------------------------------------------------------------------------------


async def test_a_batch_is_stored_with_its_report_or_not_at_all(stage: Stage, tmp_path: Path) -> None:
    reports, campaign = tmp_path / "reports", await stage.campaign()
    reports.mkdir()
    await stage.codes(reports, campaign, "SOMMER26")
    (report,) = reports.iterdir()
    assert "SOMMER26" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0
    with pytest.raises(BatchError):
        await stage.codes(reports, campaign, "HERBST26", "SOMMER26")
    assert list(reports.iterdir()) == [report]
    async with stage.pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from codes") == 1


async def test_no_table_has_a_code(stage: Stage, tmp_path: Path) -> None:
    """Every row of every table, as text: what was typed, right or wrong, is in none."""
    await stage.codes(tmp_path, await stage.campaign(), "SOMMERWIND")
    assert await stage.redeem(7, "SOMMERWIND") is None
    await stage.redeem(8, "NEBELWAND")
    async with stage.pool.acquire() as connection:
        tables = await connection.fetch("select table_name from information_schema.tables where table_schema = 'promo'")
        rows = [
            str(row[0]).upper()
            for (table,) in tables
            for row in await connection.fetch(f'select t::text from promo."{table}" as t')
        ]
    assert any(PEPPERS.fingerprint("SOMMERWIND").upper() in row for row in rows)
    assert [row for row in rows if "SOMMERWIND" in row or "NEBELWAND" in row] == []
    assert GrantPremium in {type(message) for message in stage.said}
