"""Who is bound by which link (DOMAIN §9): a new player, once, by the link of the first contact."""

from datetime import timedelta
from itertools import permutations

import pytest
from referring_stage import NOON, Stage

from contracts.gameplay import PlayerRestated
from contracts.referrals import LinkKind, LinkRefused, PlayerBound, ReferralState, RefusedLink

pytestmark = pytest.mark.services("referrals")

ANN, BEN, CAS = 11, 22, 33


@pytest.mark.parametrize("order", list(permutations(range(2))))
@pytest.mark.parametrize("together", [True, False])
async def test_a_new_player_is_bound_whichever_word_comes_first(
    stage: Stage, order: tuple[int, ...], *, together: bool
) -> None:
    await stage.code_of(ANN, "AAAAAA")
    words = [stage.touch(BEN, "AAAAAA"), stage.joined(BEN)]
    if together:
        await stage.take(*(words[place] for place in order))
    else:
        for place in order:
            await stage.take(words[place])
    (bound,) = stage.heard(PlayerBound)
    assert (bound.player_id, bound.referrer_id, bound.state) == (BEN, ANN, ReferralState.STARTED)
    assert await stage.pool.fetchval("select invited_by from members where player_id = $1", BEN) == ANN


async def test_a_repeated_start_and_another_link_change_nothing(stage: Stage) -> None:
    await stage.code_of(ANN, "AAAAAA")
    await stage.code_of(CAS, "CCCCCC")
    first, joined = stage.touch(BEN, "AAAAAA"), stage.joined(BEN)
    await stage.take(first, joined)
    stage.wait(seconds=1)
    await stage.take(first, joined, stage.touch(BEN, "CCCCCC"), stage.touch(BEN, "AAAAAA"))
    assert [bound.referrer_id for bound in stage.heard(PlayerBound)] == [ANN]
    assert stage.heard(LinkRefused) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_of_two_links_the_earlier_touch_wins_in_any_order_of_words(stage: Stage, order: tuple[int, ...]) -> None:
    await stage.code_of(ANN, "AAAAAA")
    await stage.code_of(CAS, "CCCCCC")
    early = stage.touch(BEN, "AAAAAA")
    stage.wait(seconds=1)
    words = [early, stage.touch(BEN, "CCCCCC"), stage.joined(BEN)]
    await stage.take(*(words[place] for place in order))
    (bound,) = stage.heard(PlayerBound)
    assert bound.referrer_id == ANN


async def test_who_played_before_is_not_bound(stage: Stage) -> None:
    await stage.code_of(ANN, "AAAAAA")
    await stage.take(stage.joined(BEN))
    stage.wait(seconds=61)
    await stage.take(stage.touch(BEN, "AAAAAA"))
    assert [refused.reason for refused in stage.heard(LinkRefused)] == [RefusedLink.NOT_NEW]
    referral = await stage.referral(BEN)
    assert referral is not None
    assert (referral.state, referral.started_on) == (ReferralState.REFUSED, None)
    assert stage.heard(PlayerBound) == []


async def test_who_joined_before_referrals_were_there_is_not_bound(stage: Stage) -> None:
    await stage.code_of(ANN, "AAAAAA")
    restated = PlayerRestated(
        hearer="referrals",
        player_id=BEN,
        joined_at=NOON - timedelta(days=90),
        language="de",
        answered=0,
        right=0,
        as_of=NOON,
    )
    await stage.take(stage.touch(BEN, "AAAAAA"), restated)
    assert [refused.reason for refused in stage.heard(LinkRefused)] == [RefusedLink.NOT_NEW]


async def test_two_clocks_that_differ_a_little_do_not_make_a_new_player_an_old_one(stage: Stage) -> None:
    await stage.code_of(ANN, "AAAAAA")
    await stage.take(stage.joined(BEN))
    stage.wait(seconds=59)
    await stage.take(stage.touch(BEN, "AAAAAA"))
    assert [bound.referrer_id for bound in stage.heard(PlayerBound)] == [ANN]


async def test_the_own_link_and_one_that_nobody_made_are_refused(stage: Stage) -> None:
    await stage.code_of(ANN, "AAAAAA")
    await stage.take(stage.touch(ANN, "aaaaaa"), stage.joined(ANN))
    await stage.take(stage.touch(BEN, "ZZZZZZ"), stage.joined(BEN))
    await stage.take(stage.touch(CAS, "NOWHERE", LinkKind.CAMPAIGN), stage.joined(CAS))
    reasons = {refused.player_id: refused.reason for refused in stage.heard(LinkRefused)}
    assert reasons == {
        ANN: RefusedLink.OWN_LINK,
        BEN: RefusedLink.UNKNOWN_LINK,
        CAS: RefusedLink.UNKNOWN_LINK,
    }


@pytest.mark.parametrize("kind", [LinkKind.DUEL, LinkKind.SCREEN])
async def test_ids_of_what_no_service_makes_yet_bind_nobody_and_are_kept(stage: Stage, kind: LinkKind) -> None:
    await stage.take(stage.touch(BEN, "AaH-vu7Xc_6Tv9UpTSSM4A", kind), stage.joined(BEN), stage.answered(BEN, 5))
    assert [refused.reason for refused in stage.heard(LinkRefused)] == [RefusedLink.UNKNOWN_LINK]
    referral = await stage.referral(BEN)
    assert referral is not None
    assert (referral.kind, referral.value, referral.bonus_at) == (kind, "AaH-vu7Xc_6Tv9UpTSSM4A", None)


async def test_a_campaigns_link_binds(stage: Stage) -> None:
    await stage.pool.execute("insert into campaigns values ('BERLIN-U8', 'Underground 8', 50000, 'EUR', $1)", NOON)
    await stage.take(stage.touch(BEN, "berlin-u8", LinkKind.CAMPAIGN), stage.joined(BEN))
    (bound,) = stage.heard(PlayerBound)
    assert (bound.kind, bound.value, bound.referrer_id) == (LinkKind.CAMPAIGN, "BERLIN-U8", None)


async def test_the_start_is_counted_for_whose_link_it_is_on_the_berlin_day_of_the_touch(stage: Stage) -> None:
    await stage.code_of(ANN, "AAAAAA")
    stage.wait(hours=11, minutes=59)  # 22:59 UTC: 23:59 in Berlin
    late = stage.touch(BEN, "AAAAAA")
    stage.wait(minutes=2)
    await stage.take(late, stage.joined(BEN), stage.touch(CAS, "AAAAAA"), stage.joined(CAS))
    days = {bound.player_id: str(bound.started_on) for bound in stage.heard(PlayerBound)}
    assert days == {BEN: "2026-03-04", CAS: "2026-03-05"}
