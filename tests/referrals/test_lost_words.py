"""What referrals say to themselves may be lost with the stream: a job finds each, and says it again."""

import pytest
from referring_stage import NOON, Stage

from contracts.message import Command
from contracts.payments import RevokeGrant
from contracts.referrals import (
    BindPlayer,
    CheckRing,
    ClaimReward,
    CreateCampaignLink,
    DecideReview,
    EndGift,
    LinkKind,
    LinkRefused,
    PlayerBound,
    ReferralState,
    ReviewAction,
    RewardChoice,
    SettleRewards,
    SuspectReferral,
)
from referrals.handlers.jobs import reward_slots
from referrals.handlers.lost_words import say_again

pytestmark = pytest.mark.services("referrals")

ANN, BEN, CAS = 1, 2, 3


async def look(stage: Stage) -> None:
    stage.wait(minutes=10)
    await stage.run(say_again.due())


async def state(stage: Stage, player_id: int) -> ReferralState:
    referral = await stage.referral(player_id)
    assert referral is not None
    return referral.state


async def test_a_binding_that_was_lost_is_decided(stage: Stage) -> None:
    stage.lost = (BindPlayer,)
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    stage.lost = ()
    await stage.run(say_again.due())
    assert await state(stage, BEN) is ReferralState.WAITING  # it may be on its way
    await look(stage)
    await look(stage)
    assert [bound.referrer_id for bound in stage.heard(PlayerBound)] == [ANN]


async def test_who_has_not_joined_waits_on(stage: Stage) -> None:
    await stage.take(stage.touch(BEN, await stage.code_of(ANN, "AAAAAA")))
    await look(stage)
    assert stage.heard(BindPlayer) == []


@pytest.mark.parametrize("lost", [CheckRing, SuspectReferral])
async def test_a_ring_is_found_though_its_check_was_lost(stage: Stage, lost: type[Command]) -> None:
    stage.lost = (lost,)
    await stage.bring(ANN, await stage.code_of(BEN, "BBBBBB"))
    stage.wait(seconds=1)
    await stage.take(stage.touch(BEN, await stage.code_of(ANN, "AAAAAA")), stage.joined(BEN))
    stage.lost = ()
    assert [await state(stage, player_id) for player_id in (ANN, BEN)] == [ReferralState.STARTED] * 2
    await look(stage)
    assert [await state(stage, player_id) for player_id in (ANN, BEN)] == [ReferralState.REJECTED_FRAUD] * 2


async def test_slots_follow_though_the_word_was_lost(stage: Stage) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    for player_id in (11, 12, 13):
        await stage.bring(player_id, code)
    stage.lost = (SettleRewards,)
    await stage.qualify(11, 12, 13)
    stage.lost = ()
    assert await stage.slots(ANN) == []
    await look(stage)
    assert await stage.slots(ANN) == [(1, "HELD")]


async def test_what_changed_before_the_last_look_is_left_alone(stage: Stage) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    again = CheckRing(player_id=BEN, referrer_id=ANN)
    looks: list[int] = []
    for _ in range(4):
        before = stage.taken_by_jobs.count(again)
        await look(stage)
        looks.append(stage.taken_by_jobs.count(again) - before)
    assert (looks[0], looks[-1]) == (1, 0)  # the first two overlap


async def test_a_reward_that_is_to_be_taken_back_is_taken_back(stage: Stage) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    for player_id in (11, 12, 13):
        await stage.bring(player_id, code)
    await stage.qualify(11, 12, 13)
    stage.wait(hours=48)
    await stage.run(reward_slots.due())
    await stage.take(ClaimReward(player_id=ANN, number=1, choice=RewardChoice.MEGA_PACK_15))
    stage.lost = (EndGift,)
    await stage.take(DecideReview(player_id=12, action=ReviewAction.CONFIRM_FRAUD, note="same phone"))
    stage.lost = ()
    assert (await stage.slots(ANN), stage.heard(RevokeGrant)) == ([(1, "TAKEN_BACK")], [])
    await look(stage)
    await look(stage)
    assert len(stage.heard(RevokeGrant)) == 1


async def test_who_came_by_a_campaigns_link_before_ops_made_it_is_bound_once_they_do(stage: Stage) -> None:
    await stage.take(stage.touch(BEN, "berlin-u8", LinkKind.CAMPAIGN), stage.joined(BEN))
    await stage.take(stage.touch(CAS, "berlin-u9", LinkKind.CAMPAIGN), stage.joined(CAS))
    assert len(stage.heard(LinkRefused)) == 2
    stage.wait(days=2)
    await stage.take(_campaign("BERLIN-U8"))
    await look(stage)
    await look(stage)
    (bound,) = stage.heard(PlayerBound)
    assert (bound.player_id, bound.value, bound.started_at) == (BEN, "BERLIN-U8", NOON)
    assert await state(stage, CAS) is ReferralState.REFUSED


async def test_a_link_that_was_made_over_a_month_later_binds_nobody(stage: Stage) -> None:
    await stage.take(stage.touch(BEN, "berlin-u8", LinkKind.CAMPAIGN), stage.joined(BEN))
    stage.wait(days=31)
    await stage.take(_campaign("BERLIN-U8"))
    await look(stage)
    assert stage.heard(PlayerBound) == []


async def test_an_old_player_is_not_bound_by_a_link_that_is_made_later(stage: Stage) -> None:
    await stage.take(stage.joined(BEN))
    stage.wait(days=1)
    await stage.take(stage.touch(BEN, "berlin-u8", LinkKind.CAMPAIGN))
    await stage.take(_campaign("BERLIN-U8"))
    await look(stage)
    assert (stage.heard(PlayerBound), await state(stage, BEN)) == ([], ReferralState.REFUSED)


def _campaign(code: str) -> CreateCampaignLink:
    return CreateCampaignLink(code=code, name="Underground 8", cost_minor=50_000, currency="EUR")
