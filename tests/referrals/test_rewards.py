"""Rewards (DOMAIN §9): every third qualified referral is a slot, held 48 hours, two a Berlin month, chosen once."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referring_stage import Stage

from contracts.berlin import day_of
from contracts.gateway import PlayerReachabilityChanged
from contracts.payments import GrantGoods, GrantPremium, RevokeGrant
from contracts.referrals import (
    ClaimOutcome,
    ClaimReward,
    DecideReview,
    ReferralRewardGranted,
    ReferralRewardMilestoneAvailable,
    ReferralRewardTakenBack,
    ReferralsShown,
    ReferralView,
    ReviewAction,
    RewardAnswered,
    RewardChoice,
    ShowReferrals,
    SlotState,
)
from referrals.domain.rewards import HELD_FOR, Rewards
from referrals.handlers.jobs import deferred_rewards, reward_slots

ANN = 1
MEGA, STARTER = RewardChoice.MEGA_PACK_15, RewardChoice.PREMIUM_STARTER

service = pytest.mark.services("referrals")


async def bring_friends(stage: Stage, *player_ids: int) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    for player_id in player_ids:
        await stage.bring(player_id, code)
    await stage.qualify(*player_ids)


async def claim(stage: Stage, number: int, choice: RewardChoice = MEGA) -> ClaimOutcome:
    await stage.take(ClaimReward(player_id=ANN, number=number, choice=choice))
    return stage.heard(RewardAnswered)[-1].outcome


@service
@pytest.mark.parametrize("choice", [MEGA, STARTER])
async def test_the_third_friend_is_a_reward_as_the_player_chooses(stage: Stage, choice: RewardChoice) -> None:
    await bring_friends(stage, 11, 12)
    assert await stage.slots(ANN) == []
    assert await claim(stage, 1) is ClaimOutcome.NO_REWARD
    await bring_friends(stage, 13)
    assert await stage.slots(ANN) == [(1, "HELD")]
    stage.wait(hours=47, minutes=59)
    await stage.run(reward_slots.due())
    assert await claim(stage, 1, choice) is ClaimOutcome.TOO_EARLY
    stage.wait(minutes=1)
    await stage.run(reward_slots.due())
    assert [one.number for one in stage.heard(ReferralRewardMilestoneAvailable)] == [1]
    assert await claim(stage, 1, choice) is ClaimOutcome.CLAIMED
    given_word: Any = [one for one in stage.said if isinstance(one, GrantGoods | GrantPremium) and one.player_id == ANN]
    (word,) = given_word
    if choice is MEGA:
        assert (word.paid_energy, word.mode_hours, word.source) == (15, 24, "REFERRAL")
    else:
        assert (word.days, word.rank, word.source) == (7, 1, "REFERRAL")


@service
async def test_a_repeated_tap_gives_the_first_outcome_and_no_second_reward(stage: Stage) -> None:
    await bring_friends(stage, 11, 12, 13)
    stage.wait(hours=48)
    tap = ClaimReward(player_id=ANN, number=1, choice=MEGA)
    await stage.take(tap, tap, ClaimReward(player_id=ANN, number=1, choice=STARTER))
    await stage.take(tap)
    answers = stage.heard(RewardAnswered)
    assert {(one.outcome, one.choice) for one in answers} == {(ClaimOutcome.CLAIMED, MEGA)}
    assert len(answers) == 4
    assert len(stage.heard(ReferralRewardGranted)) == 1
    assert [one.paid_energy for one in stage.heard(GrantGoods) if one.player_id == ANN] == [15]


@service
async def test_a_month_has_two_and_the_third_waits_for_the_next(stage: Stage) -> None:
    await bring_friends(stage, *range(11, 20))
    stage.wait(hours=48)
    await stage.run(reward_slots.due())
    assert await stage.slots(ANN) == [(1, "AVAILABLE"), (2, "AVAILABLE"), (3, "DEFERRED_LIMIT")]
    assert [await claim(stage, number) for number in (1, 2, 3)] == [
        ClaimOutcome.CLAIMED,
        ClaimOutcome.CLAIMED,
        ClaimOutcome.MONTHLY_CAP,
    ]
    # 00:05 in Berlin on the first of April: summer time has begun
    assert stage.heard(RewardAnswered)[-1].until == datetime(2026, 3, 31, 22, 5, tzinfo=UTC)
    stage.clock.set(datetime(2026, 3, 31, 21, 59, tzinfo=UTC))
    await stage.run(deferred_rewards.due())
    assert (await stage.slots(ANN))[-1] == (3, "DEFERRED_LIMIT")
    stage.clock.set(datetime(2026, 3, 31, 22, 5, tzinfo=UTC))
    await stage.run(deferred_rewards.due())
    assert (await stage.slots(ANN))[-1] == (3, "AVAILABLE")
    assert await claim(stage, 3) is ClaimOutcome.CLAIMED


@service
async def test_before_five_past_midnight_of_day_one_nothing_of_a_month_is_opened_or_claimed(stage: Stage) -> None:
    await bring_friends(stage, *range(11, 20))
    stage.wait(hours=48)
    await stage.run(reward_slots.due())
    await claim(stage, 1)
    await claim(stage, 2)
    stage.clock.set(datetime(2026, 3, 29, 22, 2, tzinfo=UTC))  # qualifies so that its hold ends at 00:02 of April
    await bring_friends(stage, 31, 32, 33)
    stage.clock.set(datetime(2026, 3, 31, 22, 4, 59, tzinfo=UTC))
    await stage.pool.execute(
        "update slots set qualified_at = $1 where number = 4", datetime(2026, 3, 29, 22, 2, tzinfo=UTC)
    )
    await stage.run(reward_slots.due())
    assert await stage.slots(ANN) == [(1, "CLAIMED"), (2, "CLAIMED"), (3, "DEFERRED_LIMIT"), (4, "DEFERRED_LIMIT")]
    assert await claim(stage, 3) is ClaimOutcome.MONTHLY_CAP
    assert stage.heard(RewardAnswered)[-1].until == datetime(2026, 3, 31, 22, 5, tzinfo=UTC)
    stage.clock.set(datetime(2026, 3, 31, 22, 5, tzinfo=UTC))
    await stage.run(deferred_rewards.due())
    assert (await stage.slots(ANN))[2:] == [(3, "AVAILABLE"), (4, "AVAILABLE")]


@service
async def test_what_has_no_room_is_not_taken_up_again_and_again(stage: Stage) -> None:
    await bring_friends(stage, *range(11, 20))
    await bring_friends(stage, *range(20, 26))
    stage.wait(hours=48)
    await stage.run(reward_slots.due())
    stage.clock.set(datetime(2026, 4, 1, 9, 0, tzinfo=UTC))
    before = len(stage.taken_by_jobs)
    await stage.run(reward_slots.due())
    await stage.run(reward_slots.due())
    assert len(stage.taken_by_jobs) == before
    await claim(stage, 1)
    await claim(stage, 2)
    stage.clock.set(datetime(2026, 5, 1, 9, 0, tzinfo=UTC))
    await stage.run(reward_slots.due())
    assert [state for _, state in (await stage.slots(ANN))[2:]] == ["AVAILABLE", "AVAILABLE", "DEFERRED_LIMIT"]


@service
async def test_of_many_slots_only_what_changes_is_written(stage: Stage) -> None:
    await bring_friends(stage, *range(11, 20))
    await bring_friends(stage, *range(20, 29))
    versions = "select number, xmin::text from slots where player_id = $1"
    before = {row[0]: row[1] for row in await stage.pool.fetch(versions, ANN)}
    await bring_friends(stage, 31, 32, 33)
    after = {row[0]: row[1] for row in await stage.pool.fetch(versions, ANN)}
    assert [number for number in after if before.get(number) != after[number]] == [7]


@service
async def test_what_a_lost_firing_left_deferred_is_opened_by_the_next_look(stage: Stage) -> None:
    await bring_friends(stage, *range(11, 20))
    stage.wait(hours=48)
    await stage.run(reward_slots.due())
    await claim(stage, 1)
    await claim(stage, 2)
    stage.clock.set(datetime(2026, 4, 1, 9, 0, tzinfo=UTC))
    await stage.run(reward_slots.due())
    assert (await stage.slots(ANN))[-1] == (3, "AVAILABLE")


@service
async def test_fraud_that_is_confirmed_takes_an_unclaimed_slot_away_and_another_friend_brings_it_back(
    stage: Stage,
) -> None:
    await bring_friends(stage, 11, 12, 13)
    await stage.take(DecideReview(player_id=12, action=ReviewAction.CONFIRM_FRAUD, note="same phone"))
    assert await stage.slots(ANN) == [(1, "LOST")]
    stage.wait(hours=48)
    assert await claim(stage, 1) is ClaimOutcome.NO_REWARD
    await bring_friends(stage, 14)
    assert await stage.slots(ANN) == [(1, "HELD")]


@service
@pytest.mark.parametrize("choice", [MEGA, STARTER])
async def test_fraud_that_is_confirmed_takes_a_claimed_reward_back_once(stage: Stage, choice: RewardChoice) -> None:
    await bring_friends(stage, 11, 12, 13)
    stage.wait(hours=48)
    await claim(stage, 1, choice)
    (granted,) = stage.heard(ReferralRewardGranted)
    for player_id in (12, 13):
        await stage.take(DecideReview(player_id=player_id, action=ReviewAction.CONFIRM_FRAUD, note="same phone"))
    assert await stage.slots(ANN) == [(1, "TAKEN_BACK")]
    assert [one.grant_id for one in stage.heard(RevokeGrant)] == [granted.grant_id]
    assert [one.choice for one in stage.heard(ReferralRewardTakenBack)] == [choice]
    await bring_friends(stage, 14, 15)
    stage.wait(hours=48)
    assert await claim(stage, 1, choice) is ClaimOutcome.CLAIMED
    first, second = stage.heard(ReferralRewardGranted)
    assert first.grant_id != second.grant_id
    assert await stage.pool.fetchval("select count(*) from gifts where number = 1 and taken_back_at is null") == 1


@service
async def test_friends_that_left_are_no_part_of_a_reward(stage: Stage) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    for player_id in (11, 12, 13):
        await stage.bring(player_id, code)
    left = PlayerReachabilityChanged(player_id=12, reachable=False, at=stage.clock.now() + timedelta(hours=1))
    await stage.take(left)
    await stage.qualify(11, 12, 13)
    assert await stage.slots(ANN) == []


@service
async def test_the_database_gives_a_slot_once(stage: Stage) -> None:
    sql = """insert into gifts (id, player_id, number, choice, given_at, changed_at)
        values ($1, 1, 1, 'MEGA_PACK_15', $2, $2)"""
    await stage.pool.execute(sql, UUID(int=1), stage.clock.now())
    with pytest.raises(asyncpg.UniqueViolationError):
        await stage.pool.execute(sql, UUID(int=2), stage.clock.now())


@service
async def test_the_page_shows_link_progress_and_waiting_rewards(stage: Stage) -> None:
    await stage.take(ShowReferrals(player_id=ANN, view=ReferralView.INVITE))
    (shown,) = stage.heard(ReferralsShown)
    assert (len(shown.code), shown.started, shown.to_next) == (6, 0, 3)
    for player_id in (11, 12, 13, 14):
        await stage.bring(player_id, shown.code)
    await stage.qualify(11, 12, 13, 14)
    await stage.take(ShowReferrals(player_id=ANN, view=ReferralView.STATS))
    again = stage.heard(ReferralsShown)[-1]
    assert (again.code, again.started, again.qualified, again.to_next) == (shown.code, 4, 4, 2)
    assert [(slot.number, slot.state) for slot in again.slots] == [(1, SlotState.HELD)]


# -- the rule by itself -----------------------------------------------------------------------------

BEGIN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
steps = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 12), st.sampled_from(["settle", "open", "claim"]), st.integers(1, 6)),
    max_size=40,
)


def _thirds(qualified: int) -> list[datetime]:
    return [BEGIN + timedelta(days=number) for number in range(qualified // 3)]


@given(steps)
def test_whatever_happens_two_a_month_are_the_most_and_claims_follow_slots(
    history: list[tuple[int, int, str, int]],
) -> None:
    rewards, now, ids = Rewards(ANN), BEGIN, count(1)
    claimed = dict[UUID, int]()
    for days, qualified, what, number in history:
        now += timedelta(days=days)
        if what == "settle":
            rewards.settle([at for at in _thirds(3 * qualified) if at <= now], now)
        elif what == "open":
            rewards.open_due(now)
        else:
            claim = rewards.claim(number, MEGA, UUID(int=next(ids)), now)
            if claim.is_new and claim.slot is not None and claim.slot.grant_id is not None:
                assert now >= claim.slot.qualified_at + HELD_FOR
                claimed[claim.slot.grant_id] = number
        assert rewards.claimed_in_month(day_of(now)) <= 2
        standing = [slot for slot in rewards.slots if slot.state is SlotState.CLAIMED]
        assert all(slot.grant_id in claimed for slot in standing)
        assert [slot.number for slot in rewards.slots] == list(range(1, len(rewards.slots) + 1))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=10), st.integers(0, 6))
def test_which_slots_stand_follows_from_the_last_word_alone(counts: list[int], last: int) -> None:
    there, straight = Rewards(ANN), Rewards(ANN)
    for qualified in (*counts, last):
        there.settle(_thirds(3 * qualified), BEGIN)
    straight.settle(_thirds(3 * last), BEGIN)
    assert _standing(there.slots) == _standing(straight.slots)


def _standing(slots: Iterable[Any]) -> list[tuple[int, datetime]]:
    return [(slot.number, slot.qualified_at) for slot in slots if slot.state is SlotState.HELD]
