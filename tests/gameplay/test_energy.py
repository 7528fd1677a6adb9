"""Energy (DOMAIN §2), as a property of any history and as the table's own examples."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.berlin import day, day_of
from contracts.gameplay import EnergyLevel
from gameplay.domain import energy
from gameplay.domain.energy import FREE_CAP, STEP, Energy
from gameplay.domain.premium import Term

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
instants = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=730)).map(lambda span: BEGIN + span)
waits = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3))


State = tuple[Energy, datetime]


@st.composite
def energies(draw: st.DrawFn) -> State:
    """Energy that was settled at an instant, and that instant."""
    at = draw(instants)
    since_strike = draw(st.timedeltas(min_value=timedelta(), max_value=STEP - timedelta(microseconds=1)))
    free, paid = draw(st.integers(0, FREE_CAP)), draw(st.integers(0, 50))
    return Energy(free, paid, at - since_strike, day_of(at).local), at


@st.composite
def spans(draw: st.DrawFn) -> list[Term]:
    first = draw(instants)
    middle = first + draw(waits)
    return [Term(first, middle, 1), Term(middle, middle + draw(waits), 2)]


@given(energies(), waits, waits, spans())
def test_settling_twice_is_settling_once(state: State, one: timedelta, two: timedelta, premium: list[Term]):
    start, at = state
    between, end = at + one, at + one + two
    once = energy.settle(start, end, day_of(end), premium)
    twice = energy.settle(energy.settle(start, between, day_of(between), premium), end, day_of(end), premium)
    assert once == twice


@given(energies(), waits, spans())
def test_settling_keeps_the_bounds_and_never_takes(state: State, wait: timedelta, premium: list[Term]):
    start, at = state
    end = at + wait
    settled = energy.settle(start, end, day_of(end), premium)
    assert start.free <= settled.free <= FREE_CAP
    assert settled.paid == start.paid
    assert timedelta() <= end - settled.anchor < STEP


@given(energies(), st.integers(0, 40))
def test_regeneration_within_a_day_counts_whole_steps_and_carries_the_rest(state: State, steps: int):
    start, at = state
    end = start.anchor + steps * STEP
    if end < at or day_of(end) != day_of(at):
        return
    assert energy.settle(start, end, day_of(end)).free == min(FREE_CAP, start.free + steps)
    almost = end - timedelta(microseconds=1)
    if steps and almost >= at:
        assert energy.settle(start, almost, day_of(almost)).free == min(FREE_CAP, start.free + steps - 1)


@given(energies(), waits)
def test_strikes_during_premium_add_nothing(state: State, wait: timedelta):
    start, at = state
    end = at + wait
    settled = energy.settle(start, end, day_of(at), [Term(at - STEP, end + STEP, 1)])
    assert settled.free == start.free


@given(energies(), st.booleans())
def test_a_round_takes_free_before_paid_and_nothing_with_premium(state: State, premium: bool):
    start, _ = state
    paid = energy.pay_round(start, premium=premium)
    if premium:
        assert paid.energy == start
    elif start.free:
        assert paid.energy is not None
        assert (paid.energy.free, paid.energy.paid, paid.paid_spent) == (start.free - 1, start.paid, 0)
    elif start.paid:
        assert paid.energy is not None
        assert (paid.energy.free, paid.energy.paid, paid.paid_spent) == (0, start.paid - 1, 1)
    else:
        assert paid.energy is None


@pytest.mark.parametrize("local", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-06-01"])
def test_top_up_at_midnight_berlin_also_when_the_clocks_change(local: str):
    today = day(datetime.fromisoformat(local).date())
    before = today.ends - timedelta(seconds=1)
    state = Energy(3, 2, before, today.local)
    assert energy.settle(state, before, day_of(before)).free == 3
    topped = energy.settle(state, today.ends, day_of(today.ends))
    assert (topped.free, topped.paid) == (FREE_CAP, 2)


def test_top_up_comes_once_a_day():
    midnight = day(date(2026, 5, 1)).begins
    topped = energy.settle(Energy(0, 0, midnight - STEP / 2, day_of(midnight).yesterday), midnight, day_of(midnight))
    spent = energy.pay_round(topped, premium=False).energy
    assert spent is not None
    soon = midnight + timedelta(minutes=1)
    assert energy.settle(spent, soon, day_of(soon)).free == FREE_CAP - 1


@pytest.mark.parametrize(
    ("free", "paid", "premium", "level"),
    [
        (0, 0, False, EnergyLevel.EMPTY),
        (1, 0, False, EnergyLevel.LOW),
        (0, 3, False, EnergyLevel.LOW),
        (2, 2, False, EnergyLevel.FINE),
        (0, 0, True, EnergyLevel.FINE),
    ],
)
def test_levels_shown(free: int, paid: int, premium: bool, level: EnergyLevel):
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert energy.level(Energy(free, paid, now, now.date()), premium=premium) is level


def test_full_in_is_the_smaller_of_cap_and_midnight_rounded_up():
    noon = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    today = day_of(noon)
    near = energy.view(Energy(18, 0, noon - timedelta(minutes=10, seconds=30), today.local), noon, today, None)
    assert (near.full_in_minutes, near.next_in_minutes) == (50, 20)
    far = energy.view(Energy(0, 0, noon - timedelta(seconds=1), today.local), noon, today, None)
    assert far.full_in_minutes == 10 * 60
    late = today.ends - timedelta(minutes=12, seconds=1)
    night = energy.view(Energy(0, 0, late, today.local), late, today, None)
    assert (night.full_in_minutes, night.next_in_minutes) == (13, 13)
    full = energy.view(Energy(FREE_CAP, 0, noon, today.local), noon, today, None)
    assert (full.full_in_minutes, full.next_in_minutes) == (0, 0)


@given(energies(), spans())
def test_the_view_tells_when_the_next_unit_comes(state: State, premium: list[Term]):
    start, at = state
    until = next((term.ends for term in premium if term.begins <= at < term.ends), None)
    active = [Term(at - STEP, until, 1)] if until else []
    shown = energy.view(start, at, day_of(at), until)
    if start.free == FREE_CAP:
        assert shown.next_in_minutes == 0
        return
    then = at + timedelta(minutes=shown.next_in_minutes)
    assert energy.settle(start, then, day_of(then), active).free > start.free
    before = then - timedelta(minutes=1, microseconds=1)
    if before >= at:
        assert energy.settle(start, before, day_of(before), active).free == start.free
