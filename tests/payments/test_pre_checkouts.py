"""Pre-checkout (DOMAIN §6): the last look before money moves."""

from typing import Any

import msgspec
import pytest
from shop import Shop, bought, buy, checkout

from contracts.payments import (
    BuyProduct,
    BuyRefusal,
    CheckoutRefusal,
    CheckPreCheckout,
    Product,
    PurchaseRefused,
)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"payload": "sq1:" + "0" * 32}, CheckoutRefusal.UNKNOWN_PAYLOAD),
        ({"payload": "free energy"}, CheckoutRefusal.UNKNOWN_PAYLOAD),
        ({"payload": "ä" * 60}, CheckoutRefusal.UNKNOWN_PAYLOAD),
        ({"player_id": 8}, CheckoutRefusal.OTHER_PLAYER),
        ({"amount": 1}, CheckoutRefusal.OTHER_AMOUNT),
        ({"currency": "EUR"}, CheckoutRefusal.OTHER_AMOUNT),
    ],
)
def test_what_does_not_fit_is_refused(shop: Shop, changed: dict[str, Any], refusal: CheckoutRefusal) -> None:
    answer = checkout(shop, buy(shop), **changed)
    assert (answer.ok, answer.refusal) == (False, refusal)


def test_an_altered_payload_is_refused(shop: Shop) -> None:
    purchase = buy(shop)
    answers = [checkout(shop, purchase, payload=altered) for altered in _altered(purchase.payload)]
    assert {answer.refusal for answer in answers} == {CheckoutRefusal.UNKNOWN_PAYLOAD}


def _altered(payload: str) -> list[str]:
    other = "0" if payload[-1] != "0" else "1"
    return [payload.upper(), payload + " ", payload[:-1], payload[:-1] + other, f" {payload}", payload.replace(":", "")]


def test_a_lapsed_invoice_is_refused(shop: Shop) -> None:
    purchase = buy(shop)
    shop.wait(minutes=30)
    assert checkout(shop, purchase).refusal == CheckoutRefusal.LAPSED


def test_an_invoice_is_held_while_the_player_pays(shop: Shop) -> None:
    purchase = buy(shop)
    shop.wait(minutes=29)
    assert checkout(shop, purchase).ok
    shop.wait(minutes=14)
    assert checkout(shop, purchase, query_id="q2").ok
    shop.wait(minutes=15)
    assert checkout(shop, purchase, query_id="q3").refusal == CheckoutRefusal.LAPSED


def test_a_paid_invoice_is_refused(shop: Shop) -> None:
    assert checkout(shop, bought(shop), query_id="q2").refusal == CheckoutRefusal.LAPSED


def test_what_is_off_the_shelf_is_neither_invoiced_nor_paid(shop: Shop) -> None:
    purchase = buy(shop)
    items = tuple(msgspec.structs.replace(item, enabled=False) for item in shop.catalogue.items)
    shop.catalogue = msgspec.structs.replace(shop.catalogue, items=items)
    assert checkout(shop, purchase).refusal == CheckoutRefusal.NOT_ON_SALE
    for player_id in (7, 8):
        shop.do(BuyProduct(player_id=player_id, product=Product.ENERGY_10))
    assert [event.reason for event in shop.said(PurchaseRefused)] == [BuyRefusal.NOT_ON_SALE] * 2


def test_limits_are_looked_at_again(shop: Shop) -> None:
    month = buy(shop, Product.PREMIUM_MONTH)
    bought(shop, Product.PREMIUM_YEAR)
    assert checkout(shop, month, query_id="q2").refusal == CheckoutRefusal.PREMIUM_RANK


def test_the_same_question_gets_the_same_answer(shop: Shop) -> None:
    purchase = buy(shop)
    question = CheckPreCheckout(player_id=7, query_id="q", payload=purchase.payload, amount=10, currency="XTR")
    first = shop.do(question, "precheckout:q")
    shop.wait(hours=2)
    assert shop.do(question, "precheckout:q") is first
    assert first.ok
