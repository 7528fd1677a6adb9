"""Campaigns' figures and the dashboard (DOMAIN §9): exact, whatever the order of words."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from referring_stage import NOON, Stage, played

from actors.endpoints import Endpoint
from contracts.payments import Currency, Product, Provider, PurchaseCredited, PurchaseRefunded, RefundReason
from contracts.referrals import (
    CampaignFigures,
    ClaimReward,
    CreateCampaignLink,
    DecideReview,
    FraudRule,
    LinkKind,
    ListCampaignLinks,
    ReferralsDashboard,
    ReferralsDashboardQuery,
    ReferralState,
    ReviewAction,
    RewardChoice,
    ShowCampaignFigures,
)
from referrals.handlers.figures import query_dashboard

pytestmark = pytest.mark.services("referrals")

CODE = "BERLIN-U8"
S = ReferralState


async def made(stage: Stage, code: str = CODE, cost_minor: int = 50_000) -> Any:
    wish = CreateCampaignLink(code=code, name=f"Underground {code}", cost_minor=cost_minor, currency="EUR")
    return await stage.answer(wish)


async def figures(stage: Stage) -> CampaignFigures:
    return await stage.answer(ShowCampaignFigures(code=CODE))


def credited(player_id: int, purchase: UUID, amount: int = 99, currency: Currency = Currency.XTR) -> PurchaseCredited:
    return PurchaseCredited(
        player_id=player_id,
        purchase_id=purchase,
        product=Product.PREMIUM_MONTH,
        amount=amount,
        currency=currency,
        provider=Provider.TELEGRAM,
        charge_id=str(purchase),
        credited_at=NOON,
    )


def refunded(player_id: int, purchase: UUID) -> PurchaseRefunded:
    return PurchaseRefunded(
        player_id=player_id,
        purchase_id=purchase,
        product=Product.PREMIUM_MONTH,
        amount=99,
        currency=Currency.XTR,
        charge_id=str(purchase),
        reason=RefundReason.OPERATOR,
        refunded_at=NOON,
        was_credited=True,
    )


async def test_a_campaign_is_made_once_and_listed(stage: Stage) -> None:
    assert (await made(stage)).done
    again = await made(stage)
    assert (again.done, again.reason) == (False, "code: there is a campaign of that code; use another one")
    other = await stage.answer(CreateCampaignLink(code="TV", name=f"Underground {CODE}", cost_minor=1, currency="EUR"))
    assert (other.done, other.reason) == (False, f"name: it is {CODE}'s; use another one")
    await made(stage, "RADIO")
    listed = await stage.answer(ListCampaignLinks())
    assert ({one.code for one in listed.campaigns}, listed.total) == ({CODE, "RADIO"}, 2)


async def test_what_came_of_a_campaign(stage: Stage) -> None:
    await made(stage)
    for player_id in (11, 12, 13):
        await stage.take(stage.touch(player_id, CODE.lower(), LinkKind.CAMPAIGN), stage.joined(player_id))
    for player_id, ordinal, days in ((11, 20, 1), (11, 21, 7), (11, 22, 30), (12, 19, 1), (13, 2, 8)):
        await stage.take(played(player_id, ordinal, NOON + timedelta(days=days)))
    kept, returned = uuid4(), uuid4()
    # The refund of the second is heard before its credit; the first is told twice.
    await stage.take(credited(11, kept), credited(11, kept), refunded(12, returned), credited(12, returned))
    await stage.take(credited(13, uuid4(), 399, Currency.EUR), credited(99, uuid4()))
    seen = await figures(stage)
    assert (seen.starts, seen.answered_20) == (3, 1)
    assert (seen.returned_day_1, seen.returned_day_7, seen.returned_day_30) == (2, 1, 1)
    assert (seen.payers, seen.stars, seen.cost_per_payer) == (2, 99, 25_000)


async def test_a_campaign_that_nobody_came_by_or_made(stage: Stage) -> None:
    await made(stage)
    seen = await figures(stage)
    assert (seen.done, seen.starts, seen.cost_per_payer) == (True, 0, None)
    other = await stage.answer(ShowCampaignFigures(code="NOWHERE"))
    assert (other.done, other.reason.partition(":")[0]) == (False, "code")


async def dashboard(stage: Stage, **asked: Any) -> ReferralsDashboard:
    endpoint = Endpoint(clock=stage.clock, acquire=stage.pool.acquire, resources={})
    return await query_dashboard(ReferralsDashboardQuery(**asked), endpoint)


async def test_the_dashboard_counts_its_window_and_no_instant_more(stage: Stage) -> None:
    code = await stage.code_of(1, "AAAAAA")
    for player_id in range(101, 113):
        await stage.bring(player_id, code)
    await stage.qualify(101, 102, 103)
    await stage.take(stage.answered(104, 5))
    stage.wait(hours=48)
    await stage.take(ClaimReward(player_id=1, number=1, choice=RewardChoice.MEGA_PACK_15))
    await stage.take(DecideReview(player_id=101, action=ReviewAction.CONFIRM_FRAUD, note="seen"))
    stage.wait(seconds=1)
    week = await dashboard(stage, hours=168)
    assert (week.starts, week.by_kind, week.by_rule) == (12, {LinkKind.REF: 12}, {FraudRule.VELOCITY: 2})
    assert week.by_state == {S.STARTED: 7, S.QUALIFIED: 2, S.REJECTED_FRAUD: 3}
    assert week.fraud_rate == 0.25
    assert (week.qualified, week.slots_claimed, week.rewards_taken_back, week.bonuses_given) == (2, 1, 1, 4)
    assert week.to_review == 2
    (top,) = week.top_referrers
    assert (top.referrer_id, top.starts, top.rejected) == (1, 12, 3)
    # They started 72 hours ago: the window ends before `until`, and begins with its first instant.
    since = NOON + timedelta(hours=72)
    assert (await dashboard(stage, hours=71, until=since)).starts == 0
    assert (await dashboard(stage, hours=72, until=since)).starts == 12
    assert (await dashboard(stage, hours=1, until=NOON)).starts == 0
    empty = await dashboard(stage, hours=1)
    assert (empty.fraud_rate, empty.slots_claimed) == (None, 1)
