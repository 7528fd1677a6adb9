"""A discount moves between invoices, and goes back to promo when nobody can pay with it any more (DOMAIN §6, §7)."""

from uuid import UUID

import pytest
from shop import Shop, buy, checkout, payment, refund

from contracts.payments import (
    BuyProduct,
    BuyRefusal,
    DiscountReleased,
    HoldDiscount,
    LapseInvoice,
    Product,
    PurchaseFailed,
    PurchaseRefused,
    ReleaseDiscount,
)
from contracts.payments import PurchaseState as S
from payments.domain.purchase import Purchase

_REDEMPTION = UUID(int=5)
_PRODUCTS = (Product.ENERGY_10, Product.MEGA_PACK_15)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def _held(shop: Shop) -> None:
    until = shop.now.replace(minute=15)
    shop.do(HoldDiscount(player_id=7, redemption_id=_REDEMPTION, percent=80, products=_PRODUCTS, reserved_until=until))


def _invoice(shop: Shop, product: Product = Product.ENERGY_10) -> Purchase:
    return buy(shop, product, redemption_id=_REDEMPTION)


def _release(shop: Shop, *, before_its_time: bool = False) -> int:
    """Ask for it; returns how often it was let go by now."""
    shop.do(ReleaseDiscount(player_id=7, redemption_id=_REDEMPTION, before_its_time=before_its_time))
    return len(shop.said(DiscountReleased))


def test_a_discount_without_an_invoice_is_released_when_promo_asks_for_it(shop: Shop) -> None:
    _held(shop)
    assert _release(shop) == 1
    assert _release(shop) == 2  # told again to who asks again


def test_an_invoice_prolongs_it(shop: Shop) -> None:
    _held(shop)
    shop.wait(minutes=10)
    invoice = _invoice(shop)
    shop.wait(minutes=14)
    assert _release(shop) == 0
    shop.wait(minutes=1)
    assert _release(shop) == 1
    assert not checkout(shop, invoice).ok


def test_a_discount_at_the_till_stays_until_its_purchase_ends(shop: Shop) -> None:
    _held(shop)
    invoice = _invoice(shop)
    assert checkout(shop, invoice).ok
    shop.wait(minutes=59)
    assert _release(shop) == _release(shop, before_its_time=True) == 0
    shop.wait(minutes=1)
    shop.do(LapseInvoice(player_id=7, purchase_id=invoice.purchase_id))
    assert _release(shop) == 1


def test_a_discount_that_was_paid_with_is_not_released(shop: Shop) -> None:
    _held(shop)
    invoice = _invoice(shop)
    assert checkout(shop, invoice).ok
    shop.do(payment(invoice))
    shop.wait(minutes=90)
    assert _release(shop) == 0


def test_money_that_went_back_before_its_credit_has_used_nothing(shop: Shop) -> None:
    _held(shop)
    invoice = _invoice(shop)
    assert checkout(shop, invoice).ok
    shop.send(payment(invoice))
    shop.pending.clear()  # its credit hangs
    shop.wait(minutes=90)
    assert _release(shop) == 0
    shop.do(refund())
    assert _release(shop) == 1


def test_an_invoice_that_was_replaced_at_the_till_leaves_its_discount_free(shop: Shop) -> None:
    _held(shop)
    assert checkout(shop, _invoice(shop)).ok
    buy(shop, Product.ENERGY_10)
    assert _release(shop) == 1


def test_a_second_payment_that_goes_back_leaves_the_first_ones_discount_used(shop: Shop) -> None:
    _held(shop)
    invoice = _invoice(shop)
    for charge in ("stx1", "stx2"):
        shop.do(payment(invoice, charge))
    shop.do(refund("stx2"))
    shop.wait(minutes=90)
    assert _release(shop) == 0


def test_what_was_released_before_its_time_is_not_paid_with(shop: Shop) -> None:
    _held(shop)
    invoice = _invoice(shop)
    assert _release(shop, before_its_time=True) == 1
    assert not checkout(shop, invoice).ok
    shop.do(BuyProduct(player_id=7, product=Product.MEGA_PACK_15, redemption_id=_REDEMPTION))
    assert [event.reason for event in shop.said(PurchaseRefused)] == [BuyRefusal.DISCOUNT_INVALID]


def test_a_release_that_is_heard_before_the_discount_counts(shop: Shop) -> None:
    assert _release(shop) == 1
    said_at = shop.now
    shop.wait(minutes=1)
    until = said_at.replace(minute=15)
    held = HoldDiscount(player_id=7, redemption_id=_REDEMPTION, percent=80, products=_PRODUCTS, reserved_until=until)
    shop.send(held, said_at=said_at)
    shop.do(BuyProduct(player_id=7, product=Product.ENERGY_10, redemption_id=_REDEMPTION))
    assert [event.reason for event in shop.said(PurchaseRefused)] == [BuyRefusal.DISCOUNT_INVALID]


def test_a_discount_goes_from_product_to_product_and_each_time_there_is_one_invoice(shop: Shop) -> None:
    _held(shop)
    first = _invoice(shop, Product.ENERGY_10)
    second = _invoice(shop, Product.MEGA_PACK_15)
    third = _invoice(shop, Product.ENERGY_10)
    states = [shop.purchases[one.purchase_id].state for one in (first, second, third)]
    assert states == [S.FAILED, S.FAILED, S.CREATED]
    assert [event.reason for event in shop.said(PurchaseFailed)] == ["replaced", "replaced"]
    assert checkout(shop, third).ok


def test_an_invoice_whose_discount_is_over_is_not_shown_again(shop: Shop) -> None:
    _held(shop)
    invoice = _invoice(shop)
    shop.wait(minutes=16)
    shop.do(BuyProduct(player_id=7, product=Product.ENERGY_10, redemption_id=_REDEMPTION))
    assert [event.reason for event in shop.said(PurchaseRefused)] == [BuyRefusal.DISCOUNT_INVALID]
    full = buy(shop, Product.ENERGY_10)
    assert (shop.purchases[invoice.purchase_id].state, full.amount) == (S.FAILED, 10)
