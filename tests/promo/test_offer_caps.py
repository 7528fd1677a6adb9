"""Who sees how many offers (DOMAIN §8): priorities, caps, mutes, the holdout, and never twice for one tap."""

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offering import HELD_OUT, PLAYER, WEDNESDAY, empty, moment, offered, tapped
from redeeming_stage import Stage

from contracts.berlin import day_of
from contracts.promo import ConsiderOffer, OfferMade, OfferSurface, OfferTap
from promo.domain.impression import is_held_out
from promo.domain.prospect import Prospect, Shown
from promo.domain.sight import Sight
from promo.domain.trigger import choose
from promo.domain.triggers import declared

pytestmark = pytest.mark.services("promo")


async def _name(stage: Stage, asked: ConsiderOffer) -> str | None:
    made = await offered(stage, asked)
    return None if made is None else made.trigger


async def test_the_highest_priority_wins_and_a_capped_one_falls_through(stage: Stage) -> None:
    wanted: dict[str, Any] = {"surface": OfferSurface.LOCKED, "energy": 0, "streak_days": 31}
    assert await _name(stage, empty(**wanted)) == "ENERGY_ZERO"
    assert await _name(stage, empty(**wanted)) is None  # every other is blocking too: one in six hours
    stage.wait(hours=5, minutes=59)
    assert await _name(stage, empty(**wanted)) is None
    stage.wait(minutes=1)
    assert await _name(stage, empty(**wanted)) == "LOCKED_MODE_CLICK"


async def test_what_does_not_block_may_come_between(stage: Stage) -> None:
    assert await _name(stage, empty()) == "ENERGY_ZERO"
    assert await _name(stage, moment(energy=2, streak_days=31)) == "ENERGY_LOW"


async def test_the_same_offer_comes_once_in_24_hours(stage: Stage) -> None:
    stage.wait(hours=3)
    assert await _name(stage, empty()) == "ENERGY_ZERO"
    stage.wait(hours=23, minutes=59)
    assert await _name(stage, empty()) is None
    stage.wait(minutes=1)
    assert await _name(stage, empty()) == "ENERGY_ZERO"


async def test_three_a_berlin_day(stage: Stage) -> None:
    """From Tuesday 23:05 in UTC, which is Wednesday in Berlin, on: the day is Berlin's."""
    stage.clock.advance(hours=-11, minutes=-55)
    seen = [await _name(stage, moment(streak_days=31, energy=2))]
    for asked in (moment(streak_days=31), empty(streak_days=31), moment(surface=OfferSurface.LOCKED)):
        stage.wait(hours=6)
        seen.append(await _name(stage, asked))
    assert seen == ["ENERGY_LOW", "STREAK_MILESTONE_30", "ENERGY_ZERO", None]
    stage.wait(hours=5, minutes=55)
    assert await _name(stage, moment(surface=OfferSurface.LOCKED)) == "LOCKED_MODE_CLICK"


async def test_muted_it_stays_away_for_72_hours_and_others_do_not(stage: Stage) -> None:
    made = await offered(stage, empty(streak_days=8))
    assert made is not None
    await tapped(stage, made, OfferTap.MUTE)
    stage.wait(hours=71, minutes=59)
    assert await _name(stage, empty(streak_days=8)) == "STREAK_GT7"
    stage.wait(hours=6)
    assert await _name(stage, empty(streak_days=8)) == "ENERGY_ZERO"


async def test_whoever_says_so_again_is_left_alone_for_another_72_hours(stage: Stage) -> None:
    """The message may be too old to be taken away: its buttons are there still, and the chat says "not for a while"."""
    made = await offered(stage, empty())
    assert made is not None
    await tapped(stage, made, OfferTap.MUTE)
    stage.wait(hours=71)
    await tapped(stage, made, OfferTap.MUTE)
    stage.wait(hours=71)
    assert await _name(stage, empty()) is None
    stage.wait(hours=1)
    assert await _name(stage, empty()) == "ENERGY_ZERO"


async def test_one_tap_brings_one_offer_however_often_it_is_heard(stage: Stage) -> None:
    await stage.take(empty(tap="c1"), empty(tap="c1"), moment(tap="c1", energy=2))
    await asyncio.gather(*(stage.take(moment(tap="c1", energy=2)) for _ in range(5)))
    assert [one.trigger for one in stage.said if isinstance(one, OfferMade)] == ["ENERGY_ZERO"]
    assert await stage.pool.fetchval("select count(*) from impressions") == 1


async def test_of_many_taps_at_once_one_offer_comes(stage: Stage) -> None:
    await asyncio.gather(*(stage.take(empty(tap=f"c{number}")) for number in range(20)))
    assert len([one for one in stage.said if isinstance(one, OfferMade)]) == 1


async def test_the_database_refuses_a_second_impression_of_a_tap(stage: Stage) -> None:
    made = await offered(stage, empty(tap="c1"))
    assert made is not None
    again = """insert into impressions select gen_random_uuid(), player_id, trigger, surface, tap, at, previous_at,
        is_blocking, is_withheld, percent, clicked_at, dismissed_at, muted_at, purchases from impressions"""
    with pytest.raises(Exception, match="impressions_player_id_tap_key"):
        await stage.pool.execute(again)


async def test_who_was_asked_about_long_ago_is_left_alone(stage: Stage) -> None:
    late = stage.delivery(empty())
    stage.wait(seconds=61)
    await stage._take([late])
    assert await stage.pool.fetchval("select count(*) from impressions") == 0


async def test_the_holdout_is_written_down_and_sees_nothing(stage: Stage) -> None:
    assert await offered(stage, empty(HELD_OUT)) is None
    assert await offered(stage, empty(HELD_OUT)) is None
    rows = await stage.pool.fetch("select player_id, is_withheld from impressions")
    assert [tuple(row) for row in rows] == [(HELD_OUT, True)]


def test_the_holdout_is_five_percent_and_others_each_year() -> None:
    this_year = {one for one in range(100_000) if is_held_out(one, WEDNESDAY)}
    next_year = {one for one in range(100_000) if is_held_out(one, WEDNESDAY + timedelta(days=365))}
    assert 4_800 < len(this_year) < 5_200
    assert 150 < len(this_year & next_year) < 350
    new_year = WEDNESDAY.replace(month=12, day=31, hour=23)  # 00:00 in Berlin
    assert {one for one in range(10_000) if is_held_out(one, new_year)} == {one for one in next_year if one < 10_000}


taps = st.lists(
    st.tuples(
        st.sampled_from(OfferSurface),
        st.integers(0, 20),  # energy
        st.integers(0, 40),  # streak
        st.integers(0, 600),  # minutes later
        st.booleans(),  # whether what was shown is muted
    ),
    max_size=60,
)


@settings(max_examples=200)
@given(taps, st.integers(0, 6 * 24 * 60))
def test_whatever_the_moments_the_caps_hold(plan: list[tuple[OfferSurface, int, int, int, bool]], begin: int) -> None:
    prospect, now = Prospect(PLAYER), WEDNESDAY + timedelta(minutes=begin)
    shown: list[Shown] = []
    muted: dict[str, list[object]] = {}
    for surface, energy, days, later, mutes in plan:
        now += timedelta(minutes=later)
        choice = choose(Sight(prospect, moment(surface=surface, energy=energy, streak_days=days), now), declared())
        if choice is None:
            continue
        name = choice.trigger.name
        assert all(now >= until for until in muted.get(name, []))  # type: ignore[operator]
        shown.append(Shown(name, str(len(shown)), now, choice.trigger.is_blocking))
        prospect.note_shown(shown[-1])
        if mutes:
            prospect.mute(name, now)
            muted.setdefault(name, []).append(now + timedelta(hours=72))
    assert max(Counter(day_of(one.at).local for one in shown).values(), default=0) <= 3
    blocking = [one.at for one in shown if one.is_blocking]
    assert all(after - before >= timedelta(hours=6) for before, after in pairwise(blocking))
    for name in {one.trigger for one in shown}:
        same = [one.at for one in shown if one.trigger == name]
        assert all(after - before >= timedelta(hours=24) for before, after in pairwise(same))
    assert len(prospect.impressions) <= 7
