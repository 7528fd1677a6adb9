"""When a referral is none (DOMAIN §9): pairs, rings, too many at once; and what ops do about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referring_stage import Stage

from contracts.referrals import (
    DecideReview,
    DecisionAnswer,
    FraudRule,
    ListReferralReviews,
    ReferralFraudSpikeCleared,
    ReferralFraudSpikeDetected,
    ReferralState,
    ReviewAction,
    ReviewFilter,
)
from referrals.domain.alarm import JudgeFraud
from referrals.domain.fraud import Ancestry, ring_closed_by
from referrals.handlers.figures import fraud_alerts

service = pytest.mark.services("referrals")
S = ReferralState
CODES = ("AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD", "EEEEEE", "FFFFFF", "GGGGGG")


async def ring(stage: Stage, length: int, *, together: bool = False) -> None:
    """Have players 1 to `length` each bring the next one, and the last the first."""
    for player_id in range(1, length + 1):
        await stage.code_of(player_id, CODES[player_id - 1])
    links = [(player_id % length + 1, CODES[player_id - 1]) for player_id in range(1, length + 1)]
    if together:
        await stage.take(*(word for who, code in links for word in (stage.touch(who, code), stage.joined(who))))
        return
    for who, code in links:
        await stage.bring(who, code)


async def standing(stage: Stage, *player_ids: int) -> list[tuple[Any, int]]:
    found = [await stage.referral(player_id) for player_id in player_ids]
    return [(one.state, one.score) for one in found if one is not None]


@service
@pytest.mark.parametrize("together", [False, True])
async def test_two_who_brought_each_other_are_rejected(stage: Stage, *, together: bool) -> None:
    await ring(stage, 2, together=together)
    assert await standing(stage, 1, 2) == [(S.REJECTED_FRAUD, 95)] * 2


@service
async def test_a_reverse_pair_after_thirty_days_is_a_ring_of_two(stage: Stage) -> None:
    await stage.code_of(1, CODES[0])
    await stage.code_of(2, CODES[1])
    await stage.bring(2, CODES[0])
    stage.wait(days=31)
    await stage.bring(1, CODES[1])
    assert await standing(stage, 1, 2) == [(S.REJECTED_FRAUD, 90)] * 2


@service
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("length", [3, 4, 5])
async def test_a_ring_of_up_to_five_is_rejected(stage: Stage, length: int, *, together: bool) -> None:
    await ring(stage, length, together=together)
    assert await standing(stage, *range(1, length + 1)) == [(S.REJECTED_FRAUD, 90)] * length


@service
async def test_a_ring_of_six_is_none(stage: Stage) -> None:
    await ring(stage, 6)
    assert await standing(stage, *range(1, 7)) == [(S.STARTED, 0)] * 6


@service
async def test_the_eleventh_start_of_a_berlin_day_is_one_too_many(stage: Stage) -> None:
    code = await stage.code_of(1, CODES[0])
    for player_id in range(101, 113):
        await stage.bring(player_id, code)
    assert await standing(stage, *range(101, 113)) == [(S.STARTED, 0)] * 10 + [(S.REJECTED_FRAUD, 80)] * 2
    stage.wait(hours=12)  # past midnight in Berlin
    await stage.bring(113, code)
    assert await standing(stage, 113) == [(S.STARTED, 0)]


@service
async def test_what_qualified_already_waits_for_what_ops_say(stage: Stage) -> None:
    await stage.code_of(1, CODES[0])
    await stage.code_of(2, CODES[1])
    await stage.bring(2, CODES[0])
    await stage.qualify(2)
    await stage.bring(1, CODES[1])
    assert await standing(stage, 1, 2) == [(S.REJECTED_FRAUD, 95), (S.QUALIFIED, 95)]
    queue = await stage.answer(ListReferralReviews())
    assert {case.player_id for case in queue.cases} == {1, 2}


async def decide(stage: Stage, player_id: int, action: ReviewAction, **more: Any) -> DecisionAnswer:
    return await stage.answer(DecideReview(player_id=player_id, action=action, note="seen", **more))


@service
async def test_ops_confirm_reopen_and_cancel(stage: Stage) -> None:
    await ring(stage, 2)
    confirmed = await decide(stage, 1, ReviewAction.CONFIRM_FRAUD, expected=S.REJECTED_FRAUD)
    assert confirmed.done
    assert confirmed.case is not None
    assert (confirmed.before, confirmed.case.state, confirmed.case.verdict) == (
        S.REJECTED_FRAUD,
        S.REJECTED_FRAUD,
        "FRAUD",
    )
    assert [case.player_id for case in (await stage.answer(ListReferralReviews())).cases] == [2]
    assert (await decide(stage, 2, ReviewAction.REOPEN)).done
    assert await standing(stage, 2) == [(S.STARTED, 95)]
    await stage.qualify(2)
    assert await standing(stage, 2) == [(S.QUALIFIED, 95)]
    assert (await decide(stage, 2, ReviewAction.CANCEL)).done
    assert await standing(stage, 2) == [(S.CANCELED, 95)]
    assert (await stage.answer(ListReferralReviews())).total == 0


@service
async def test_what_came_too_late_is_not_opened_again_but_fraud_may_be_cleared_at_any_time(stage: Stage) -> None:
    await ring(stage, 2)
    assert (await decide(stage, 1, ReviewAction.CANCEL)).done
    stage.wait(days=15)
    answer = await decide(stage, 1, ReviewAction.REOPEN)
    assert (answer.done, answer.code, "14 days" in answer.reason) == (False, 409, True)
    assert await standing(stage, 1) == [(S.CANCELED, 95)]
    assert (await decide(stage, 2, ReviewAction.REOPEN)).done


@service
async def test_a_conflict_changes_nothing(stage: Stage) -> None:
    await ring(stage, 2)
    answer = await decide(stage, 1, ReviewAction.REOPEN, expected=S.CANCELED)
    assert (answer.done, answer.code, answer.before) == (False, 409, S.REJECTED_FRAUD)
    assert answer.reason == "expected: it is REJECTED_FRAUD; look at it again with admin.referrals.review.list"
    assert await standing(stage, 1) == [(S.REJECTED_FRAUD, 95)]
    assert (await decide(stage, 77, ReviewAction.CANCEL)).code == 404


@service
async def test_the_queue_shows_the_surest_first_and_what_is_asked_for(stage: Stage) -> None:
    await ring(stage, 2)
    code = await stage.code_of(50, "SSSSSS")
    for player_id in range(101, 113):
        await stage.bring(player_id, code)
    queue = await stage.answer(ListReferralReviews())
    assert ([case.score for case in queue.cases], queue.total) == ([95, 95, 80, 80], 4)
    page = await stage.answer(ListReferralReviews(filter=ReviewFilter(rule=FraudRule.VELOCITY, page=2, page_size=1)))
    assert ([case.rule for case in page.cases], page.total) == ([FraudRule.VELOCITY], 2)
    other = await stage.answer(ListReferralReviews(filter=ReviewFilter(referrer_id=1, state=S.REJECTED_FRAUD)))
    assert [case.player_id for case in other.cases] == [2]


@pytest.mark.parametrize(
    ("starts", "rejected", "for_one", "is_spike"),
    [
        (19, 9, 2, False),
        (20, 5, 2, False),
        (20, 6, 2, True),
        (9000, 10, 2, False),
        (9000, 11, 1, True),
        (3, 3, 3, True),
    ],
)
def test_what_is_a_spike(starts: int, rejected: int, for_one: int, *, is_spike: bool) -> None:
    found = JudgeFraud(name="referrals", starts=starts, rejected=rejected, rejected_for_one=for_one)
    assert found.is_spike is is_spike


@service
async def test_the_alarm_is_raised_once_and_cleared(stage: Stage) -> None:
    code = await stage.code_of(50, "SSSSSS")
    for player_id in range(101, 114):
        await stage.bring(player_id, code)
    await stage.run(fraud_alerts.due())
    await stage.run(fraud_alerts.due())
    (raised,) = stage.heard(ReferralFraudSpikeDetected)
    assert (raised.starts, raised.rejected, raised.rejected_for_one, raised.referrer_id) == (13, 3, 3, 50)
    stage.wait(hours=24, minutes=1)
    await stage.run(fraud_alerts.due())
    assert len(stage.heard(ReferralFraudSpikeCleared)) == 1


AT = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


@given(st.lists(st.integers(1, 9), max_size=8, unique=True), st.integers(0, 60))
def test_a_ring_is_found_exactly_when_the_ancestors_lead_back_within_four(line: list[int], days: int) -> None:
    player, referrer = 100, 200
    for place in range(len(line) + 1):
        ancestors = (*line[:place], player, *line[place:])
        found = ring_closed_by(player, referrer, Ancestry(ancestors, AT), AT + timedelta(days=days))
        if place > 3:
            assert found is None
            continue
        assert found is not None
        assert found.players == (player, referrer, *line[:place])
        is_pair = place == 0 and days <= 30
        assert found.rule is (FraudRule.REVERSE_PAIR if is_pair else FraudRule.CYCLE)
    assert ring_closed_by(player, referrer, Ancestry(tuple(line)), AT) is None
