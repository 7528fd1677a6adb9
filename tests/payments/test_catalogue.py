"""The catalogue, discounts and reference rates as rules: what counts, whatever the order in which it was heard."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from uuid import UUID

import pytest

from contracts.payments import Currency, HoldDiscount, Product, ReleaseDiscount
from payments.domain import rates
from payments.domain.catalogue import SHIPPED, Article, Catalogue, Item, Price, Region
from payments.domain.discount import Discount
from payments.domain.rates import ReferenceRate

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)
REDEMPTION = UUID(int=5)
ENERGY, PACK = Product.ENERGY_10, Product.MEGA_PACK_15


# -- the catalogue ------------------------------------------------------------------------------


def test_the_catalogue_that_ships_is_the_one_of_the_rules():
    stars = {one.product: one.stars for one in SHIPPED}
    assert stars == {
        Product.ENERGY_10: 10,
        Product.MEGA_PACK_15: 15,
        Product.STREAK_SAVER_20: 20,
        Product.DUEL_TICKET_5: 5,
        Product.PREMIUM_STARTER: 29,
        Product.PREMIUM_MONTH: 99,
        Product.PREMIUM_SEASON: 249,
        Product.PREMIUM_YEAR: 499,
    }


def test_all_that_ships_is_on_sale_but_what_is_for_duels():
    """There are none yet (DOMAIN §3): a ticket would be Stars for nothing."""
    assert [one.product for one in SHIPPED if not one.enabled] == [Product.DUEL_TICKET_5]


def test_what_ships_costs_more_euros_the_more_stars_it_costs_and_never_less_than_a_card_takes():
    by_stars = sorted(SHIPPED, key=lambda one: one.stars)
    cents = [one.cents for one in by_stars]
    assert cents == sorted(set(cents))
    assert cents[0] >= 50


def test_on_sale_is_what_stands_on_the_shelf_and_is_not_switched_off():
    catalogue = Catalogue(items=(Item(PACK, True), Item(ENERGY, False)))
    assert catalogue.on_sale() == (PACK,)
    assert catalogue.is_on_sale(PACK)
    assert not catalogue.is_on_sale(ENERGY)
    assert not catalogue.is_on_sale(Product.PREMIUM_YEAR)


def test_a_price_is_found_in_its_very_currency():
    catalogue = Catalogue(prices=(Price(PACK, Currency.XTR, 3, 15), Price(ENERGY, Currency.EUR, 1, 69)))
    assert catalogue.price(PACK, Currency.XTR) == Price(PACK, Currency.XTR, 3, 15)
    assert catalogue.price(PACK, Currency.EUR) is None
    assert catalogue.price(ENERGY, Currency.XTR) is None


def test_a_region_without_a_factor_has_none():
    catalogue = Catalogue(regions=(Region("PL", 70),))
    assert [catalogue.factor(region) for region in ("PL", "", "XX")] == [70, None, None]


def test_a_new_price_is_a_new_version_of_its_currency_alone():
    article = Article(ENERGY, True, (Price(ENERGY, Currency.XTR, 4, 10), Price(ENERGY, Currency.EUR, 1, 69)))
    assert article.set_price(Currency.XTR, 12) == Price(ENERGY, Currency.XTR, 5, 12)
    assert article.set_price(Currency.USD, 79) == Price(ENERGY, Currency.USD, 1, 79)
    assert article.set_price(Currency.XTR, 10) == Price(ENERGY, Currency.XTR, 6, 10)
    assert {(p.currency, p.version, p.amount) for p in article.prices} == {
        (Currency.XTR, 6, 10),
        (Currency.EUR, 1, 69),
        (Currency.USD, 1, 79),
    }


def test_the_price_that_holds_already_is_no_new_version():
    article = Article(ENERGY, True, (Price(ENERGY, Currency.XTR, 4, 10),))
    assert article.set_price(Currency.XTR, 10) is None
    assert article.prices == (Price(ENERGY, Currency.XTR, 4, 10),)


# -- discounts ----------------------------------------------------------------------------------


def hold(percent: int = 20, minutes: int = 15, *products: Product) -> HoldDiscount:
    return HoldDiscount(
        player_id=7,
        redemption_id=REDEMPTION,
        percent=percent,
        products=products or (PACK,),
        reserved_until=NOON + timedelta(minutes=minutes),
    )


def held(word: HoldDiscount | None = None) -> Discount:
    discount = Discount(REDEMPTION, 7)
    discount.reserve(word or hold(), NOON)
    return discount


def test_a_discount_is_held_for_its_player_and_its_products_until_it_lapses():
    discount = held()
    assert discount.holds(7, PACK, NOON)
    assert not discount.holds(8, PACK, NOON)
    assert not discount.holds(7, ENERGY, NOON)
    assert discount.holds(7, PACK, NOON + timedelta(minutes=15, microseconds=-1))
    assert not discount.holds(7, PACK, NOON + timedelta(minutes=15))


def test_a_discount_nobody_spoke_of_is_not_held():
    assert not Discount(REDEMPTION, 7, 20, (PACK,), NOON + timedelta(minutes=15)).is_reserved(NOON)


def test_a_released_discount_is_not_held():
    discount = held()
    discount.release(NOON)
    assert not discount.is_reserved(NOON)


def test_holding_again_after_a_release_holds():
    discount = held()
    discount.release(NOON + timedelta(minutes=1))
    discount.reserve(hold(minutes=30), NOON + timedelta(minutes=2))
    assert discount.is_reserved(NOON + timedelta(minutes=29))


def test_a_pre_checkout_holds_it_longer_and_no_word_of_before_shortens_that():
    discount = held()
    discount.hold_until(NOON + timedelta(minutes=25))
    discount.reserve(hold(minutes=20), NOON + timedelta(minutes=1))
    assert discount.is_reserved(NOON + timedelta(minutes=24))
    discount.hold_until(NOON + timedelta(minutes=5))
    assert discount.is_reserved(NOON + timedelta(minutes=24))


def test_it_is_bound_to_the_last_purchase_that_got_it():
    discount = held()
    discount.bind(UUID(int=1))
    discount.bind(UUID(int=2))
    assert not discount.is_bound_to(UUID(int=1))
    assert discount.is_bound_to(UUID(int=2))


def test_a_used_discount_is_held_for_nobody_whatever_promo_says():
    discount = held()
    discount.use(UUID(int=1))
    discount.reserve(hold(minutes=60), NOON + timedelta(minutes=1))
    assert not discount.holds(7, PACK, NOON + timedelta(minutes=2))
    assert discount.is_bound_to(UUID(int=1))


def test_promo_s_words_end_the_same_in_whatever_order_they_arrive():
    said = [
        (ReleaseDiscount(player_id=7, redemption_id=REDEMPTION), NOON - timedelta(minutes=1)),
        (hold(20, 15), NOON),
        (hold(30, 25, PACK, ENERGY), NOON + timedelta(minutes=1)),
        (ReleaseDiscount(player_id=7, redemption_id=REDEMPTION), NOON + timedelta(minutes=2)),
        (hold(40, 20, ENERGY), NOON + timedelta(minutes=3)),
    ]
    for words in (said, said[:4], said[2:4]):
        ends: list[Discount] = []
        for order in permutations(words):
            discount = Discount(REDEMPTION, 7)
            for word, at in order:
                discount.reserve(word, at) if isinstance(word, HoldDiscount) else discount.release(at)
            ends.append(discount)
        assert all(end == ends[0] for end in ends)
        assert ends[0].is_released is (words is not said)


# -- reference rates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("micro", "written"),
    [(1_084_200, "1.0842"), (842_000, "0.842"), (1_000_000, "1"), (10_000_000, "10"), (1, "0.000001")],
)
def test_a_rate_is_written_as_it_is(micro: int, written: str):
    rate = ReferenceRate(Currency.USD, TODAY, micro)
    assert rate.written() == written
    assert rate.factor() == Fraction(written)


@pytest.mark.parametrize(("days", "too_old"), [(0, False), (7, False), (8, True), (-1, False)])
def test_a_rate_of_more_than_seven_days_ago_is_too_old(days: int, too_old: bool):
    assert ReferenceRate(Currency.USD, TODAY - timedelta(days=days), 1).is_too_old(NOON) is too_old


def test_a_rate_s_day_ends_at_midnight_in_berlin():
    rate = ReferenceRate(Currency.USD, TODAY - timedelta(days=7), 1)
    assert not rate.is_too_old(datetime(2026, 3, 4, 22, 59, 59, tzinfo=UTC))
    assert rate.is_too_old(datetime(2026, 3, 4, 23, 0, tzinfo=UTC))


def test_of_a_source_only_our_currencies_are_taken():
    found = rates.believable(TODAY, {"USD": Fraction("1.0842"), "GBP": Fraction("0.8412"), "JPY": Fraction(163)}, NOON)
    assert set(found) == {
        ReferenceRate(Currency.USD, TODAY, 1_084_200),
        ReferenceRate(Currency.GBP, TODAY, 841_200),
    }


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-1), Fraction(1, 10_000_000), Fraction(1_000_001)])
def test_a_rate_out_of_all_proportion_is_left_out(rate: Fraction):
    found = rates.believable(TODAY, {"USD": rate, "GBP": Fraction("0.8412")}, NOON)
    assert [one.currency for one in found] == [Currency.GBP]


@pytest.mark.parametrize(("days", "taken"), [(-30, 1), (0, 1), (1, 1), (2, 0)])
def test_rates_of_a_day_that_has_not_come_are_left_out(days: int, taken: int):
    found = rates.believable(TODAY + timedelta(days=days), {"USD": Fraction("1.0842")}, NOON)
    assert len(found) == taken
