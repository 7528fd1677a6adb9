"""Telling a row's amount apart (DOMAIN §6): with the commission in it or without, exact to the billionth."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payments.domain.stars import NANOS, Split, Terms, shown, split

PRICES = st.integers(1, 100_000)
RATES = st.integers(1, 999)


@given(PRICES, RATES, st.booleans(), st.data())
def test_with_a_price_known_either_way_comes_to_the_same(price: int, rate: int, gross: bool, data: st.DataObject):
    paid = price * NANOS
    commission = data.draw(st.one_of(st.just(paid * rate // 1000), st.integers(0, paid)))
    assume(gross or commission != paid)
    told = split(paid if gross else paid - commission, commission, rate, Terms(paid))
    assert told == Split(paid, commission)


@given(PRICES, RATES, st.sampled_from([1, NANOS]), st.booleans())
def test_a_commission_that_is_rounded_leaves_the_price_whole(price: int, rate: int, unit: int, gross: bool):
    paid = price * NANOS
    exact = paid * rate // 1000
    told = split(paid if gross else paid - exact, exact // unit * unit, rate, Terms(paid))
    assert told.paid == paid
    if not gross:
        assert told.paid - (told.commission or 0) == paid - exact, "the balance moved by what the row says"


@given(PRICES, RATES, st.booleans())
def test_without_a_price_the_rate_tells(price: int, rate: int, gross: bool):
    paid = price * NANOS
    commission = paid * rate // 1000
    assert split(paid if gross else paid - commission, commission, rate, None) == Split(paid, commission)


@given(st.integers(0, 10**15), st.integers(0, 10**15) | st.none(), RATES, st.integers(0, 10**15) | st.none())
def test_whatever_is_said_the_balance_moves_by_the_amount_or_by_it_less_the_commission(
    said: int, commission: int | None, rate: int, price: int | None
):
    told = split(said, commission, rate, None if price is None else Terms(price))
    assert told.paid - (told.commission or 0) in (said, said - (commission or 0))


@pytest.mark.parametrize(("paid", "said"), [(10, 10), (10, 9)])
def test_a_row_without_an_affiliate_is_what_it_says(paid: int, said: int):
    assert split(said * NANOS, None, 0, Terms(paid * NANOS)) == Split(said * NANOS, None)
    assert split(said * NANOS, None, 0, None) == Split(said * NANOS, None)


@given(st.integers(-(10**20), 10**20))
def test_stars_are_shown_exactly(nanos: int):
    assert Fraction(shown(nanos)) == Fraction(nanos, NANOS)
