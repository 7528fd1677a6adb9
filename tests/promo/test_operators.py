"""What operators ask of redemptions and of the guard, and a refund that is rolled back by hand (DOMAIN §7)."""

from pathlib import Path
from uuid import UUID

import pytest
from promo_words import ONE, OTHER, credited
from redeeming_stage import Stage

from contracts.promo import (
    CampaignScope,
    CampaignType,
    DiscountReserved,
    DiscountRevoked,
    ListRedemptions,
    RedemptionState,
    RollBackRefund,
    ShowGuard,
    ShowRedemption,
)

pytestmark = pytest.mark.services("promo")


@pytest.fixture
async def redemption(stage: Stage, tmp_path: Path) -> UUID:
    """A discount that player 7 has paid with."""
    campaign = await stage.campaign(
        type=CampaignType.PERCENT_DISCOUNT, percent=20, premium_days=0, scope=CampaignScope.PREMIUM_ANY
    )
    await stage.codes(tmp_path, campaign, "SOMMER26")
    (told,) = await stage.redeem_all([(7, "SOMMER26")])
    assert isinstance(told, DiscountReserved)
    await stage.take(credited(told.redemption_id))
    return told.redemption_id


def rollback(redemption_id: UUID, *, player_id: int = 7, purchase_id: UUID = ONE) -> RollBackRefund:
    return RollBackRefund(player_id=player_id, redemption_id=redemption_id, purchase_id=purchase_id, note="seen")


async def test_a_redemption_is_shown_as_it_stands(stage: Stage, redemption: UUID) -> None:
    shown = await stage.answer(ShowRedemption(redemption_id=redemption))
    assert (shown.redemption.state, shown.redemption.purchase_id) == (RedemptionState.APPLIED, ONE)
    assert (await stage.answer(ListRedemptions(player_id=7))).redemptions == (shown.redemption,)
    assert (await stage.answer(ListRedemptions(player_id=8))).redemptions == ()
    nothing = await stage.answer(ShowRedemption(redemption_id=UUID(int=9)))
    assert not nothing.done
    assert nothing.reason.startswith("redemption_id: ")


async def test_a_refund_is_rolled_back_by_hand_once(stage: Stage, redemption: UUID) -> None:
    done = await stage.answer(rollback(redemption))
    assert (done.done, done.redemption.state) == (True, RedemptionState.REVOKED)
    again = await stage.answer(rollback(redemption))
    assert (again.done, again.redemption.state) == (False, RedemptionState.REVOKED)
    assert "only APPLIED" in again.reason
    assert len([one for one in stage.said if isinstance(one, DiscountRevoked)]) == 1
    view = await stage.view()
    assert (view.used, view.reserved) == (1, 0)


async def test_another_purchase_or_player_is_a_conflict_that_names_the_field(stage: Stage, redemption: UUID) -> None:
    for wanted, field in ((rollback(redemption, purchase_id=OTHER), "purchase_id"),
                          (rollback(redemption, player_id=8), "redemption_id")):  # fmt: skip
        refused = await stage.answer(wanted)
        assert (refused.done, refused.reason.partition(":")[0]) == (False, field)
    shown = await stage.answer(ShowRedemption(redemption_id=redemption))
    assert shown.redemption.state is RedemptionState.APPLIED


async def test_a_grant_is_not_rolled_back(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(), "WINTER26")
    await stage.redeem(7, "WINTER26")
    (given,) = (await stage.answer(ListRedemptions(player_id=7))).redemptions
    refused = await stage.answer(rollback(given.redemption_id))
    assert (refused.done, "gave premium" in refused.reason) == (False, True)


async def test_the_guard_shows_what_it_sees(stage: Stage) -> None:
    calm = await stage.answer(ShowGuard())
    assert (calm.since, calm.failures_allowed, calm.failures, calm.candidates) == (None, 5, 0, ())
    await stage.redeem_all([(player, "WRONG") for player in range(1, 31)])
    sight = await stage.answer(ShowGuard())
    assert (sight.failures, sight.players) == (30, 30)
