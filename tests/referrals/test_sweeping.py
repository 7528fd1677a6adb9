"""What the clock ends, and what comes late or was there before (DOMAIN §9, §12)."""

from datetime import timedelta

import pytest
from referring_stage import NOON, Stage, played

from contracts.berlin import day_of
from contracts.gameplay import PlayerRestated
from contracts.gateway import PlayerReachabilityChanged
from contracts.referrals import ReferralChanged, ReferralState
from referrals.handlers.jobs import qualification_sweep

pytestmark = pytest.mark.services("referrals")

ANN, BEN, CAS = 1, 2, 3
S = ReferralState


async def state(stage: Stage, player_id: int) -> ReferralState:
    referral = await stage.referral(player_id)
    assert referral is not None
    return referral.state


async def test_who_has_not_stayed_is_canceled_when_fourteen_days_and_late_words_are_over(stage: Stage) -> None:
    code = await stage.code_of(ANN, "AAAAAA")
    await stage.bring(BEN, code)
    await stage.bring(CAS, code)
    await stage.take(stage.answered(BEN, 19))
    await stage.qualify(CAS)
    stage.wait(days=13, minutes=15)
    await stage.run(qualification_sweep.due())
    assert (await state(stage, BEN), await state(stage, CAS)) == (S.STARTED, S.QUALIFIED)
    stage.wait(seconds=1)
    await stage.run(qualification_sweep.due())
    await stage.run(qualification_sweep.due())
    assert (await state(stage, BEN), await state(stage, CAS)) == (S.CANCELED, S.QUALIFIED)
    assert [one.player_id for one in stage.heard(ReferralChanged) if one.state is S.CANCELED] == [BEN]
    # An answer of the last day that comes weeks later.
    await stage.take(played(BEN, 20, NOON + timedelta(days=13)))
    assert await state(stage, BEN) is S.QUALIFIED


async def test_who_blocks_the_bot_is_canceled_and_who_comes_back_stays_so(stage: Stage) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    for reachable in (False, True):
        await stage.take(PlayerReachabilityChanged(player_id=BEN, reachable=reachable, at=stage.clock.now()))
    await stage.qualify(BEN)
    assert await state(stage, BEN) is S.CANCELED


async def test_what_gameplay_tells_again_is_as_good_as_the_answers(stage: Stage) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    await stage.take(stage.answered(BEN, 1))
    stage.wait(days=2)
    restated = PlayerRestated(
        hearer="referrals",
        player_id=BEN,
        joined_at=NOON,
        language="de",
        answered=20,
        right=20,
        active_on=stage.clock.now().date(),
        as_of=stage.clock.now(),
    )
    await stage.take(restated, restated)
    assert await state(stage, BEN) is S.QUALIFIED


@pytest.mark.parametrize("days_later", [3, 20])
async def test_a_player_of_whom_nothing_was_heard_qualifies_by_what_is_told_again(
    stage: Stage, days_later: int
) -> None:
    await stage.bring(BEN, await stage.code_of(ANN, "AAAAAA"))
    began = stage.clock.now()
    stage.wait(days=days_later)
    restated = PlayerRestated(
        hearer="referrals",
        player_id=BEN,
        joined_at=NOON,
        language="de",
        answered=25,
        right=20,
        active_on=day_of(stage.clock.now()).local,
        first_day_at=began + timedelta(minutes=1),
        second_day_at=began + timedelta(days=1),
        twentieth_at=began + timedelta(days=1, minutes=2),
        as_of=stage.clock.now(),
    )
    await stage.take(restated)
    referral = await stage.referral(BEN)
    assert referral is not None
    assert (referral.state, referral.qualified_at) == (S.QUALIFIED, began + timedelta(days=1, minutes=2))
    assert referral.returned.day_1
    assert referral.bonus_at is not None
