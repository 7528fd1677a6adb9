"""The streak (DOMAIN §4): settling missed days, over weeks, clock changes, savers and plans."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.berlin import ONE_DAY, day, day_of, monday_of
from contracts.gameplay import StreakState
from gameplay.domain import premium as premium_rules
from gameplay.domain import streak
from gameplay.domain.premium import Premium, Term
from gameplay.domain.streak import Streak

MONDAY = date(2026, 3, 2)
days = st.dates(min_value=date(2025, 1, 1), max_value=date(2027, 12, 31))


def active(length: int, on: date) -> Streak:
    return Streak(length, length, on, on)


def plan(rank: int, first: date, last: date) -> Premium:
    return Premium((Term(day(first).begins, day(last).ends, rank),))


@given(st.lists(st.integers(0, 4), max_size=30), days, st.integers(0, 5), st.integers(0, 4))
def test_settling_every_night_is_settling_at_the_next_touch(gaps: list[int], start: date, savers: int, rank: int):
    """However often it is settled in between, the same days are bridged, and the same is left."""
    bought = plan(rank, start, start + 40 * ONE_DAY) if rank else premium_rules.NONE
    lazy = nightly = streak.touch(Streak(), start)
    lazy_savers = nightly_savers = savers
    today = start
    for gap in gaps:
        for _ in range(gap):
            today += ONE_DAY
            settled = streak.settle(nightly, nightly_savers, bought, today)
            nightly, nightly_savers = settled.streak, nightly_savers - settled.savers_used
        settled = streak.settle(lazy, lazy_savers, bought, today)
        lazy, lazy_savers = streak.touch(settled.streak, today), lazy_savers - settled.savers_used
        nightly = streak.touch(nightly, today)
        assert (lazy.days, lazy.best, lazy_savers) == (nightly.days, nightly.best, nightly_savers)


@given(days, st.integers(1, 60))
def test_playing_every_day_raises_by_one_a_day(start: date, length: int):
    current = Streak()
    for number in range(length):
        today = start + number * ONE_DAY
        current = streak.touch(streak.settle(current, 0, premium_rules.NONE, today).streak, today)
        assert streak.touch(current, today) is current
    assert (current.days, current.best) == (length, length)


@given(days, st.integers(1, 400), st.integers(0, 10), st.integers(2, 20))
def test_savers_bridge_as_many_days_as_there_are(start: date, length: int, savers: int, gap: int):
    settled = streak.settle(active(length, start), savers, premium_rules.NONE, start + gap * ONE_DAY)
    missed = gap - 1
    assert settled.savers_used == min(savers, missed)
    assert settled.streak.days == (length if savers >= missed else 0)
    assert settled.lost_days == (0 if savers >= missed else length)
    assert settled.streak.best == length


@pytest.mark.parametrize("around", [date(2026, 3, 29), date(2026, 10, 25)])
def test_days_of_23_and_25_hours_are_days_like_any_other(around: date):
    before, after = around - ONE_DAY, around + ONE_DAY
    assert day(around).ends - day(around).begins in (timedelta(hours=23), timedelta(hours=25))
    last_moment = day(around).ends - timedelta(microseconds=1)
    assert day_of(last_moment).local == around
    assert day_of(day(around).ends).local == after
    current = active(4, before)
    for local in (around, after):
        current = streak.touch(streak.settle(current, 0, premium_rules.NONE, local).streak, local)
    assert current.days == 6


def test_a_saver_goes_before_a_freeze():
    bought = plan(3, MONDAY, MONDAY + 30 * ONE_DAY)
    settled = streak.settle(active(5, MONDAY), 1, bought, MONDAY + 3 * ONE_DAY)
    assert (settled.savers_used, settled.days_frozen, settled.streak.days) == (1, 1, 5)


def test_starter_freezes_nothing():
    settled = streak.settle(active(5, MONDAY), 0, plan(1, MONDAY, MONDAY + 7 * ONE_DAY), MONDAY + 2 * ONE_DAY)
    assert (settled.days_frozen, settled.lost_days) == (0, 5)


def test_month_freezes_one_day_of_each_berlin_week():
    bought = plan(2, MONDAY, MONDAY + 30 * ONE_DAY)
    sunday = MONDAY + 6 * ONE_DAY
    over_the_weekend = streak.settle(active(5, sunday - ONE_DAY), 0, bought, sunday + 2 * ONE_DAY)
    assert (over_the_weekend.days_frozen, over_the_weekend.streak.days) == (2, 5)
    within_the_week = streak.settle(active(5, MONDAY), 0, bought, MONDAY + 3 * ONE_DAY)
    assert (within_the_week.days_frozen, within_the_week.lost_days) == (1, 5)


@pytest.mark.parametrize("rank", [3, 4])
def test_season_and_year_freeze_without_limit(rank: int):
    settled = streak.settle(active(9, MONDAY), 0, plan(rank, MONDAY, MONDAY + 89 * ONE_DAY), MONDAY + 60 * ONE_DAY)
    assert (settled.days_frozen, settled.streak.days, settled.streak.best) == (59, 9, 9)


def test_the_plan_of_the_missed_day_counts_not_the_one_of_today():
    bought_later = plan(4, MONDAY + 2 * ONE_DAY, MONDAY + 300 * ONE_DAY)
    assert streak.settle(active(5, MONDAY), 0, bought_later, MONDAY + 2 * ONE_DAY).lost_days == 5
    ended = plan(4, MONDAY - 9 * ONE_DAY, MONDAY + ONE_DAY)
    assert streak.settle(active(5, MONDAY), 0, ended, MONDAY + 2 * ONE_DAY).days_frozen == 1


def test_states_shown():
    assert streak.state(Streak(), MONDAY) is StreakState.NONE
    assert streak.state(active(2, MONDAY), MONDAY) is StreakState.ACTIVE_TODAY
    assert streak.state(active(2, MONDAY), MONDAY + ONE_DAY) is StreakState.AT_RISK
    bridged = streak.settle(active(2, MONDAY), 1, premium_rules.NONE, MONDAY + 2 * ONE_DAY).streak
    assert streak.state(bridged, MONDAY + 2 * ONE_DAY) is StreakState.FROZEN_TODAY
    assert streak.touch(bridged, MONDAY + 2 * ONE_DAY).days == 3


def test_only_streaks_of_three_that_rest_are_worth_a_reminder():
    assert not streak.is_worth_reminding(active(2, MONDAY), MONDAY + ONE_DAY)
    assert streak.is_worth_reminding(active(3, MONDAY), MONDAY + ONE_DAY)
    assert not streak.is_worth_reminding(active(3, MONDAY), MONDAY)


@given(days)
def test_weeks_begin_on_monday(local: date):
    assert monday_of(local).weekday() == 0
    assert timedelta() <= local - monday_of(local) < timedelta(days=7)
