"""Answers that are heard before it is known by which link their player came (DOMAIN §9): they count all the same."""

from datetime import timedelta

import pytest
from referring_stage import NOON, Stage, played

from contracts.gameplay import PlayerRestated
from contracts.payments import GrantGoods
from contracts.referrals import ReferralState

pytestmark = pytest.mark.services("referrals")

ANN, BEN = 1, 2


async def test_answers_heard_before_the_link_count(stage: Stage) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    touch = stage.touch(BEN, code)
    await stage.take(stage.joined(BEN))
    for ordinal, days in ((1, 0), (5, 0), (20, 0), (21, 1)):
        await stage.take(played(BEN, ordinal, NOON + timedelta(days=days, minutes=ordinal)))
    stage.wait(days=1, hours=1)
    await stage.take(touch)
    referral = await stage.referral(BEN)
    assert referral is not None
    assert (referral.state, referral.qualified_at) == (ReferralState.QUALIFIED, NOON + timedelta(days=1, minutes=21))
    assert (referral.progress.answered, referral.returned.day_1) == (21, True)
    assert [one.paid_energy for one in stage.heard(GrantGoods)] == [10]


async def test_a_return_while_nothing_is_decided_is_counted(stage: Stage) -> None:
    await stage.take(stage.touch(BEN, await stage.code_of(ANN, "AAAAAA")))
    joined = stage.joined(BEN)
    await stage.take(played(BEN, 1, NOON), played(BEN, 2, NOON + timedelta(days=1)))
    await stage.take(played(BEN, 3, NOON + timedelta(days=7)))
    await stage.take(joined)
    referral = await stage.referral(BEN)
    assert referral is not None
    assert (referral.returned.day_1, referral.returned.day_7, referral.returned.day_30) == (True, True, False)


async def test_what_is_told_again_before_the_link_counts(stage: Stage) -> None:
    touch = stage.touch(BEN, await stage.code_of(ANN, "AAAAAA"))
    restated = PlayerRestated(
        hearer="referrals",
        player_id=BEN,
        joined_at=NOON,
        language="de",
        answered=30,
        right=9,
        first_day_at=NOON,
        second_day_at=NOON + timedelta(days=2),
        twentieth_at=NOON + timedelta(minutes=9),
        as_of=NOON + timedelta(days=3),
    )
    await stage.take(restated)
    await stage.take(touch)
    referral = await stage.referral(BEN)
    assert referral is not None
    assert (referral.state, referral.qualified_at) == (ReferralState.QUALIFIED, NOON + timedelta(days=2))


async def test_of_who_joined_long_ago_nothing_is_kept(stage: Stage) -> None:
    await stage.take(stage.joined(BEN))
    await stage.take(played(BEN, 400, NOON + timedelta(days=15)))
    assert await stage.pool.fetchval("select early_answered from members where player_id = $1", BEN) == 0
