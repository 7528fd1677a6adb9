"""Quotes (DOMAIN §5): exact, never below 1, each step listed, frozen for 15 minutes."""

import math
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.payments import BuyProduct, BuyRefusal, Currency, HoldDiscount, Product
from payments.domain import quote
from payments.domain.catalogue import Catalogue, Item, Price, Region
from payments.domain.discount import Discount
from payments.domain.quote import Priced, Quote
from payments.domain.rates import ReferenceRate

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)
MONTH = Product.PREMIUM_MONTH
REDEMPTION = UUID(int=5)


def catalogue(
    amount: int = 99, *, euros: int = 299, factor: int = 80, micro: int = 1_084_200, day: date = TODAY
) -> Catalogue:
    return Catalogue(
        items=(Item(MONTH, True), Item(Product.ENERGY_10, True), Item(Product.MEGA_PACK_15, False)),
        prices=(
            Price(MONTH, Currency.XTR, 3, amount),
            Price(MONTH, Currency.EUR, 2, euros),
            Price(MONTH, Currency.GBP, 1, 249),
            Price(Product.ENERGY_10, Currency.XTR, 1, 10),
            Price(Product.MEGA_PACK_15, Currency.XTR, 1, 15),
        ),
        regions=(Region("R", factor),),
        rates=(ReferenceRate(Currency.USD, day, micro), ReferenceRate(Currency.GBP, day, 841_200)),
    )


def discount(percent: int, product: Product = MONTH) -> Discount:
    made = Discount(REDEMPTION, 7)
    made.reserve(
        HoldDiscount(
            player_id=7,
            redemption_id=REDEMPTION,
            percent=percent,
            products=(product,),
            reserved_until=NOON + timedelta(minutes=15),
        ),
        NOON,
    )
    return made


def priced(prices: Catalogue, currency: Currency = Currency.XTR, **more: Any) -> Priced:
    found = quote.price(prices, product=MONTH, currency=currency, now=NOON, **more)
    assert isinstance(found, Priced)
    return found


def listed(found: Priced) -> list[tuple[str, str, int]]:
    return [(step.name, step.detail, step.amount) for step in found.steps]


# -- examples -----------------------------------------------------------------------------------


def test_the_price_as_set_is_the_price():
    found = priced(catalogue())
    assert (found.amount, found.base_amount, found.price_version) == (99, 99, 3)
    assert listed(found) == [("base", "XTR, version 3", 99)]


@pytest.mark.parametrize(("percent", "amount"), [(1, 99), (20, 80), (33, 67), (50, 50), (90, 10)])
def test_a_discount_is_taken_off_and_rounded_up(percent: int, amount: int):
    found = priced(catalogue(), discount=discount(percent))
    assert (found.amount, found.base_amount) == (amount, 99)
    assert listed(found)[1:] == [("discount", f"−{percent} %", amount)]


def test_the_price_of_a_currency_goes_before_its_reference_rate():
    found = priced(catalogue(), Currency.GBP)
    assert listed(found) == [("base", "GBP, version 1", 249)]


def test_a_currency_without_a_price_takes_the_euro_price_and_the_reference_rate():
    found = priced(catalogue(), Currency.USD)
    assert (found.amount, found.base_amount, found.price_version) == (325, 325, 2)
    assert listed(found) == [("base", "EUR, version 2", 299), ("reference_rate", "1.0842", 325)]


def test_all_steps_in_their_order_are_rounded_up_once_at_the_end():
    found = priced(catalogue(), Currency.USD, region="R", discount=discount(50))
    # 299 × 1.0842 = 324.1758, × 80 % = 259.34064, − 50 % = 129.67032. Rounded up at each step it would be 131 at last.
    assert listed(found) == [
        ("base", "EUR, version 2", 299),
        ("reference_rate", "1.0842", 325),
        ("region", "80 %", 260),
        ("discount", "−50 %", 130),
    ]
    assert (found.amount, found.base_amount) == (130, 325)


def test_a_region_without_a_factor_costs_as_everywhere():
    assert priced(catalogue(), region="ELSEWHERE") == priced(catalogue())


def test_a_rate_of_seven_days_ago_still_serves_and_one_older_does_not():
    week = TODAY - timedelta(days=7)
    assert priced(catalogue(day=week), Currency.USD).amount == 325
    stale = catalogue(day=week - timedelta(days=1))
    refusal = quote.price(stale, product=MONTH, currency=Currency.USD, now=NOON)
    assert refusal is BuyRefusal.NO_PRICE
    assert priced(stale, Currency.GBP).amount == 249


@pytest.mark.parametrize("currency", [Currency.EUR, Currency.USD])
def test_without_a_price_in_euros_there_is_none_in_other_currencies(currency: Currency):
    refusal = quote.price(catalogue(), product=Product.ENERGY_10, currency=currency, now=NOON)
    assert refusal is BuyRefusal.NO_PRICE


def test_without_a_rate_there_is_no_price():
    without = msgspec.structs.replace(catalogue(), rates=())
    assert quote.price(without, product=MONTH, currency=Currency.USD, now=NOON) is BuyRefusal.NO_PRICE


@pytest.mark.parametrize("product", [Product.MEGA_PACK_15, Product.PREMIUM_YEAR])
def test_what_is_not_on_sale_is_refused(product: Product):
    refusal = quote.price(catalogue(), product=product, currency=Currency.XTR, now=NOON)
    assert refusal is BuyRefusal.NOT_ON_SALE


def test_a_discount_for_another_product_is_refused():
    other = discount(20, Product.ENERGY_10)
    refusal = quote.price(catalogue(), product=MONTH, currency=Currency.XTR, discount=other, now=NOON)
    assert refusal is BuyRefusal.DISCOUNT_INVALID


def test_a_discount_that_is_reserved_no_longer_is_refused():
    refusal = quote.price(
        catalogue(), product=MONTH, currency=Currency.XTR, discount=discount(20), now=NOON + timedelta(minutes=15)
    )
    assert refusal is BuyRefusal.DISCOUNT_INVALID


# -- for all prices -----------------------------------------------------------------------------

amounts = st.integers(1, 10**17)
percents = st.integers(1, 90)
factors = st.integers(1, 1_000)
micros = st.integers(1, 10**12)


@given(amounts, percents)
@example(10**17 + 1, 90)  # a float loses the last tenth
def test_a_discount_is_exactly_the_formula(amount: int, percent: int):
    assert priced(catalogue(amount), discount=discount(percent)).amount == max(1, -(-amount * (100 - percent) // 100))


@given(amounts, micros, factors, percents)
def test_the_whole_pipeline_is_exact_and_rounds_up_once(euros: int, micro: int, factor: int, percent: int):
    prices = catalogue(euros=euros, micro=micro, factor=factor)
    found = priced(prices, Currency.USD, region="R", discount=discount(percent))
    exact = Fraction(euros * micro * factor * (100 - percent), 10**6 * 100 * 100)
    assert found.amount == max(1, math.ceil(exact))
    assert found.base_amount == max(1, math.ceil(Fraction(euros * micro, 10**6)))


@given(amounts, micros, factors, st.none() | percents, st.sampled_from(("", "R")), st.sampled_from(Currency))
def test_the_steps_lead_to_the_amount_and_none_is_below_one(
    amount: int, micro: int, factor: int, percent: int | None, region: str, currency: Currency
):
    prices = catalogue(amount, euros=amount, micro=micro, factor=factor)
    found = priced(prices, currency, region=region, discount=discount(percent) if percent else None)
    assert found.steps[0].name == "base"
    assert found.steps[-1].amount == found.amount
    assert min(found.amount, found.base_amount, *(step.amount for step in found.steps)) >= 1
    names = [step.name for step in found.steps]
    assert ("region" in names, "discount" in names) == (bool(region), bool(percent))


@given(amounts, amounts, percents, percents, factors)
def test_more_never_costs_less_and_a_larger_discount_never_costs_more(
    one: int, other: int, small: int, large: int, factor: int
):
    one, other = sorted((one, other))
    small, large = sorted((small, large))

    def costs(amount: int, percent: int) -> int:
        return priced(catalogue(amount, factor=factor), region="R", discount=discount(percent)).amount

    assert costs(one, small) <= costs(other, small)
    assert costs(one, large) <= costs(one, small) <= priced(catalogue(one, factor=factor), region="R").amount


# -- frozen -------------------------------------------------------------------------------------


def frozen(redemption_id: UUID | None = None) -> Quote:
    return quote.freeze(
        priced(catalogue()),
        quote_id=UUID(int=1),
        player_id=7,
        product=MONTH,
        currency=Currency.XTR,
        redemption_id=redemption_id,
        now=NOON,
    )


def buy(**changed: Any) -> BuyProduct:
    return msgspec.structs.replace(BuyProduct(player_id=7, product=MONTH, quote_id=UUID(int=1)), **changed)


def test_a_quote_keeps_its_price_for_fifteen_minutes():
    made = frozen()
    assert made.lapses_at == NOON + timedelta(minutes=15)
    assert made.redeem(buy(), NOON + timedelta(minutes=15, microseconds=-1)) == priced(catalogue())
    assert made.redeem(buy(), NOON + timedelta(minutes=15)) is BuyRefusal.QUOTE_LAPSED


@pytest.mark.parametrize(
    "changed",
    [
        {"player_id": 8},
        {"product": Product.PREMIUM_YEAR},
        {"currency": Currency.EUR},
        {"redemption_id": REDEMPTION},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_quote_serves_no_other_purchase(changed: dict[str, Any]):
    assert frozen().redeem(buy(**changed), NOON) is BuyRefusal.QUOTE_LAPSED


def test_a_discounted_quote_serves_only_with_its_discount():
    made = frozen(REDEMPTION)
    assert made.redeem(buy(), NOON) is BuyRefusal.QUOTE_LAPSED
    assert isinstance(made.redeem(buy(redemption_id=REDEMPTION), NOON), Priced)
