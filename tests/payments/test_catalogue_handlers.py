"""What is decided about quotes, discounts and prices; and what operators' requests are refused for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from actors import testing
from actors.endpoints import EndpointError
from actors.testing import Decision
from actors.testing import decide as decide_for
from contracts.payments import (
    BuyRefusal,
    Currency,
    DiscountedProduct,
    DiscountHeld,
    HoldDiscount,
    PriceChanged,
    Product,
    QuoteAnswer,
    QuoteProduct,
    ReleaseDiscount,
    SetPrice,
    SwitchProduct,
)
from payments.app import SPEC
from payments.domain.catalogue import Article, Catalogue, Item, Price, PriceSet, Region
from payments.domain.discount import Discount
from payments.domain.quote import Quote
from payments.handlers.catalogue import ArticleAnswer

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
REDEMPTION = UUID(int=5)
ENERGY, PACK = Product.ENERGY_10, Product.MEGA_PACK_15

SHELF = Catalogue(
    items=(Item(PACK, True), Item(ENERGY, False)),
    prices=(Price(PACK, Currency.XTR, 2, 15), Price(ENERGY, Currency.XTR, 1, 10)),
    regions=(Region("R", 50),),
)


async def decide(message: Any, *given: Any, now: datetime = NOON, operator: str = "") -> Decision:
    return await decide_for(SPEC.actor, message, *given, now=now, operator=operator)


# -- quotes -------------------------------------------------------------------------------------


def held(percent: int = 20, player_id: int = 7) -> Discount:
    discount = Discount(REDEMPTION, player_id)
    discount.reserve(hold(percent), NOON)
    return discount


def hold(percent: int = 20) -> HoldDiscount:
    return HoldDiscount(
        player_id=7,
        redemption_id=REDEMPTION,
        percent=percent,
        products=(PACK,),
        reserved_until=NOON + timedelta(minutes=15),
    )


async def test_a_quote_is_kept_and_answered():
    command = QuoteProduct(player_id=7, product=PACK, region="R", redemption_id=REDEMPTION)
    decision = await decide(command, SHELF, held())
    (made,) = decision.created
    assert isinstance(made, Quote)
    lapses_at = NOON + timedelta(minutes=15)
    assert decision.replies == [QuoteAnswer(quote_id=made.id, amount=6, lapses_at=lapses_at)]
    assert (made.player_id, made.product, made.currency, made.region) == (7, PACK, Currency.XTR, "R")
    assert (made.redemption_id, made.base_amount, made.amount, made.price_version) == (REDEMPTION, 15, 6, 2)
    assert [(step.name, step.amount) for step in made.steps] == [("base", 15), ("region", 8), ("discount", 6)]
    assert (made.made_at, made.lapses_at) == (NOON, lapses_at)


async def test_a_quote_without_a_discount_is_the_plain_price():
    decision = await decide(QuoteProduct(player_id=7, product=PACK), SHELF)
    (answer,) = decision.replies
    assert answer.amount == 15
    assert len(decision.created) == 1


@pytest.mark.parametrize(
    ("command", "discount", "refusal"),
    [
        (QuoteProduct(player_id=7, product=ENERGY), None, BuyRefusal.NOT_ON_SALE),
        (QuoteProduct(player_id=7, product=PACK, currency=Currency.USD), None, BuyRefusal.NO_PRICE),
        (QuoteProduct(player_id=7, product=PACK, redemption_id=REDEMPTION), None, BuyRefusal.DISCOUNT_INVALID),
        (QuoteProduct(player_id=8, product=PACK, redemption_id=REDEMPTION), held(), BuyRefusal.DISCOUNT_INVALID),
    ],
    ids=["not on sale", "no price", "no such discount", "another player's discount"],
)
async def test_a_quote_is_refused_with_its_reason(command: QuoteProduct, discount: Any, refusal: BuyRefusal):
    decision = await decide(command, SHELF, *([discount] if discount else []))
    assert decision.replies == [QuoteAnswer(refusal=refusal)]
    assert decision.created == []


# -- discounts ----------------------------------------------------------------------------------


async def test_a_discount_is_held_when_it_is_first_heard_of():
    decision = await decide(hold(30), SHELF)
    (made,) = decision.created
    assert isinstance(made, Discount)
    assert (made.percent, made.holds(7, PACK, NOON)) == (30, True)


async def test_a_later_word_changes_the_discount_that_is_there():
    discount = held(20)
    decision = await decide(hold(30), discount, SHELF, now=NOON + timedelta(seconds=1))
    assert decision.created == []
    assert discount.percent == 30


async def test_what_a_discount_makes_of_the_prices_is_said_unless_it_is_over():
    (said,) = (await decide(hold(30), SHELF)).emitted
    assert isinstance(said, DiscountHeld)
    assert said.products == (DiscountedProduct(product=PACK, base_amount=15, amount=11),)
    assert (await decide(hold(30), SHELF, now=NOON + timedelta(minutes=15))).emitted == []


async def test_what_a_discount_makes_no_cheaper_is_not_offered() -> None:
    (said,) = (await decide(hold(1), SHELF)).emitted
    assert isinstance(said, DiscountHeld)
    assert said.products == ()


async def test_a_release_is_noted_also_before_the_discount_was_heard_of():
    release = ReleaseDiscount(player_id=7, redemption_id=REDEMPTION, before_its_time=True)
    discount = held()
    assert (await decide(release, discount)).created == []
    assert not discount.is_reserved(NOON)
    (early,) = (await decide(release)).created
    assert isinstance(early, Discount)
    await decide(hold(), early, SHELF, now=NOON - timedelta(seconds=1))
    assert not early.is_reserved(NOON)


# -- what ops change ----------------------------------------------------------------------------


def article(*, enabled: bool = True) -> Article:
    return Article(PACK, enabled, (Price(PACK, Currency.XTR, 2, 15),))


def set_price(amount: int, currency: Currency = Currency.XTR) -> SetPrice:
    return SetPrice(product=PACK, currency=currency, amount=amount)


async def test_a_price_is_set_from_now_on():
    decision = await decide(set_price(18), changed := article(), operator="ada")
    assert decision.records == [PriceSet(Price(PACK, Currency.XTR, 3, 18), "ada", NOON)]
    assert decision.emitted == [
        PriceChanged(product=PACK, currency=Currency.XTR, amount=18, enabled=True, operator="ada", at=NOON)
    ]
    assert decision.replies == [ArticleAnswer(product=PACK, found=True, changed=True, enabled=True, prices={"XTR": 18})]
    assert changed.prices == (Price(PACK, Currency.XTR, 3, 18),)


async def test_setting_the_price_that_holds_changes_nothing():
    decision = await decide(set_price(15), article())
    assert (decision.records, decision.emitted) == ([], [])
    (answer,) = decision.replies
    assert (answer.found, answer.changed, answer.prices) == (True, False, {"XTR": 15})


@pytest.mark.parametrize("amount", [0, -1, 1_000_001])
async def test_what_is_no_price_is_not_set(amount: int):
    decision = await decide(set_price(amount), article())
    assert (decision.records, decision.emitted) == ([], [])
    (answer,) = decision.replies
    assert not answer.changed
    assert answer.reason.startswith("amount: ")


@pytest.mark.parametrize("enabled", [True, False])
async def test_a_product_is_put_on_the_shelf_and_taken_off(enabled: bool):
    command = SwitchProduct(product=PACK, enabled=enabled)
    decision = await decide(command, changed := article(enabled=not enabled), operator="ada")
    assert changed.enabled is enabled
    assert decision.emitted == [
        PriceChanged(product=PACK, currency=None, amount=0, enabled=enabled, operator="ada", at=NOON)
    ]
    (answer,) = decision.replies
    assert (answer.changed, answer.enabled) == (True, enabled)
    again = await decide(command, changed)
    assert again.emitted == []
    assert not again.replies[0].changed


@pytest.mark.parametrize("command", [set_price(3), SwitchProduct(product=PACK, enabled=False)])
async def test_a_product_that_is_not_in_the_table_is_not_found(command: Any):
    decision = await decide(command)
    assert (decision.records, decision.emitted) == ([], [])
    (answer,) = decision.replies
    assert not answer.found
    assert "migrate" in answer.reason


# -- operators' endpoints ---------------------------------------------------------------------------


def asked(verb: str, **fields: Any) -> Any:
    return testing.asked(SPEC.actor, "catalogue", verb, **fields)[1]


def test_requests_become_commands():
    assert asked("set_price", product="MEGA_PACK_15", currency="EUR", amount=5) == SetPrice(
        product=PACK, currency=Currency.EUR, amount=5
    )
    assert asked("enable", product="MEGA_PACK_15") == SwitchProduct(product=PACK, enabled=True)
    assert asked("disable", product="MEGA_PACK_15") == SwitchProduct(product=PACK, enabled=False)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"product": "MEGA"}, r"^product: there is no 'MEGA'; use one of ENERGY_10, .*PREMIUM_YEAR$"),
        ({"currency": "CHF"}, r"^currency: there is no 'CHF'; use one of XTR, EUR, USD, GBP$"),
        ({"amount": 0}, r"^amount: 0 is no price; use 1–1000000 Stars or minor units"),
        ({"amount": 1_000_001}, r"^amount: 1000001 is no price; use 1–1000000 Stars or minor units"),
    ],
)
def test_a_wrong_price_request_is_told_the_field_and_the_remedy(wrong: dict[str, Any], says: str):
    fields = {"product": "MEGA_PACK_15", "currency": "XTR", "amount": 15} | wrong
    with pytest.raises(ValueError, match=says):
        asked("set_price", **fields)


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_a_wrong_switch_request_is_told_the_field_and_the_remedy(verb: str):
    with pytest.raises(ValueError, match=r"^product: there is no 'MEGA'; use one of"):
        asked(verb, product="MEGA")


def test_a_field_too_many_is_told():
    with pytest.raises(EndpointError, match="unknown field `price`"):
        asked("enable", product="MEGA_PACK_15", price=3)


def test_the_doors_are_open():
    endpoints = {(endpoint.noun, endpoint.verb): endpoint.answer for endpoint in SPEC.actor.admins}
    for verb in ("set_price", "enable", "disable"):
        assert endpoints["catalogue", verb] is ArticleAnswer
    assert "catalogue" in {query.name for query in SPEC.actor.queries}
