"""Purchases from the tap to the end, whatever the order of events (DOMAIN §6)."""

from uuid import UUID

import pytest
from shop import NOON, Shop, bought, buy, checkout, kinds, payment, with_euros

from contracts.payments import (
    BuyProduct,
    BuyRefusal,
    CheckoutRefusal,
    Currency,
    EntitlementGranted,
    HoldDiscount,
    InvoiceOpened,
    PremiumChanged,
    Product,
    PurchaseCredited,
    PurchaseFailed,
    PurchaseRefused,
    RecordInvoiceSent,
    ShopShown,
    ShopView,
    ShowShop,
)
from contracts.payments import PurchaseState as S
from payments.domain.ledger import Kind

_REDEMPTION = UUID(int=5)


@pytest.fixture
def shop() -> Shop:
    return Shop()


# -- the straight way ------------------------------------------------------------------------------


def test_a_purchase_from_the_tap_to_the_credit(shop: Shop) -> None:
    purchase = buy(shop)
    assert (purchase.state, purchase.amount, purchase.currency) == (S.CREATED, 10, Currency.XTR)
    shop.do(RecordInvoiceSent(player_id=7, purchase_id=purchase.purchase_id))
    assert shop.purchases[purchase.purchase_id].state is S.INVOICE_SENT
    assert checkout(shop, purchase).ok
    assert shop.purchases[purchase.purchase_id].state is S.PRECHECKOUT_OK
    shop.do(payment(purchase))
    credited = shop.purchases[purchase.purchase_id]
    assert (credited.state, credited.charge_id, credited.late) == (S.CREDITED, "stx1", False)
    grant = shop.said(EntitlementGranted)[0]
    assert (grant.grant_id, grant.paid_energy) == (purchase.purchase_id, 10)
    assert shop.said(PurchaseCredited)[0].amount == 10
    assert kinds(shop) == [Kind.SALE]
    assert shop.lasted == [("payment_credited", credited.paid_at)]


def test_money_is_written_down_before_anything_is_given(shop: Shop) -> None:
    purchase = buy(shop)
    shop.send(payment(purchase))
    written = shop.purchases[purchase.purchase_id]
    assert (written.state, written.charge_id) == (S.PAID_UNCREDITED, "stx1")
    assert shop.ledger == []
    assert shop.said(EntitlementGranted) == []
    shop.settle()
    assert shop.purchases[purchase.purchase_id].state is S.CREDITED


@pytest.mark.parametrize("product", list(Product))
def test_each_product_is_given_as_the_catalogue_says(shop: Shop, product: Product) -> None:
    bought(shop, product)
    given = {
        Product.ENERGY_10: {"paid_energy": 10},
        Product.MEGA_PACK_15: {"paid_energy": 15, "mode_hours": 24},
        Product.STREAK_SAVER_20: {"saver_tokens": 1},
        Product.DUEL_TICKET_5: {"duel_tickets": 1},
    }
    ranks = {
        Product.PREMIUM_STARTER: (1, 7),
        Product.PREMIUM_MONTH: (2, 30),
        Product.PREMIUM_SEASON: (3, 90),
        Product.PREMIUM_YEAR: (4, 365),
    }
    if product in given:
        grant = shop.said(EntitlementGranted)[0]
        assert {name: getattr(grant, name) for name in given[product]} == given[product]
        assert shop.said(PremiumChanged) == []
        return
    (term,) = shop.said(PremiumChanged)[0].terms
    assert (term.rank, (term.ends - term.begins).days) == ranks[product]
    assert shop.said(EntitlementGranted) == []


# -- one active invoice ----------------------------------------------------------------------------


def test_a_second_tap_shows_the_same_invoice(shop: Shop) -> None:
    first, second = buy(shop), buy(shop)
    assert first.purchase_id == second.purchase_id
    assert [event.again for event in shop.said(InvoiceOpened)] == [False, True]
    assert len(shop.purchases) == 1


def test_another_product_has_an_invoice_of_its_own(shop: Shop) -> None:
    assert buy(shop).purchase_id != buy(shop, Product.MEGA_PACK_15).purchase_id


def test_nobody_on_the_web_takes_an_invoice_from_the_chat(shop: Shop) -> None:
    shop.catalogue = with_euros(shop.catalogue)
    purchase = buy(shop)
    shop.do(BuyProduct(player_id=7, product=Product.ENERGY_10, currency=Currency.EUR))
    assert shop.said(PurchaseRefused)[0].reason is BuyRefusal.OPEN_IN_CHAT
    assert checkout(shop, purchase).ok


def test_the_chat_replaces_an_order_of_the_web(shop: Shop) -> None:
    shop.catalogue = with_euros(shop.catalogue)
    web = buy(shop, currency=Currency.EUR)
    chat = buy(shop)
    assert (shop.purchases[web.purchase_id].state, chat.currency) == (S.FAILED, Currency.XTR)


def test_a_lapsed_invoice_makes_room_for_a_new_one(shop: Shop) -> None:
    first = buy(shop)
    shop.wait(minutes=31)
    second = buy(shop)
    assert shop.purchases[first.purchase_id].state is S.FAILED
    assert second.state is S.CREATED
    assert shop.said(PurchaseFailed)[0].reason == "lapsed"


def test_another_discount_replaces_the_invoice(shop: Shop) -> None:
    first = buy(shop, Product.PREMIUM_MONTH)
    _hold(shop, percent=20)
    second = buy(shop, Product.PREMIUM_MONTH, redemption_id=_REDEMPTION)
    assert (second.amount, second.base_amount) == (80, 99)
    assert shop.purchases[first.purchase_id].state is S.FAILED
    assert shop.said(PurchaseFailed)[0].reason == "replaced"


def _hold(
    shop: Shop, percent: int, player_id: int = 7, products: tuple[Product, ...] = (Product.PREMIUM_MONTH,)
) -> None:
    until = shop.now.replace(minute=15)
    shop.do(
        HoldDiscount(
            player_id=player_id,
            redemption_id=_REDEMPTION,
            percent=percent,
            products=products,
            reserved_until=until,
        )
    )


def test_a_discount_of_another_player_or_product_makes_no_invoice(shop: Shop) -> None:
    _hold(shop, percent=20, player_id=8)
    shop.do(BuyProduct(player_id=7, product=Product.PREMIUM_MONTH, redemption_id=_REDEMPTION))
    shop.do(BuyProduct(player_id=8, product=Product.ENERGY_10, redemption_id=_REDEMPTION))
    shop.do(BuyProduct(player_id=8, product=Product.PREMIUM_MONTH, redemption_id=UUID(int=6)))
    assert [event.reason for event in shop.said(PurchaseRefused)] == [BuyRefusal.DISCOUNT_INVALID] * 3
    assert shop.purchases == {}


def test_a_discount_is_held_while_the_player_pays_and_used_once(shop: Shop) -> None:
    _hold(shop, percent=20)
    purchase = buy(shop, Product.PREMIUM_MONTH, redemption_id=_REDEMPTION)
    shop.wait(minutes=14)
    assert checkout(shop, purchase).ok
    shop.wait(minutes=14)
    assert checkout(shop, purchase, query_id="q2").ok
    shop.do(payment(purchase, at=shop.now))
    assert shop.said(PurchaseCredited)[0].redemption_id == _REDEMPTION
    shop.do(BuyProduct(player_id=7, product=Product.PREMIUM_MONTH, redemption_id=_REDEMPTION))
    assert shop.said(PurchaseRefused)[0].reason is BuyRefusal.PREMIUM_RANK


def test_a_discount_belongs_to_the_last_purchase_that_took_it(shop: Shop) -> None:
    _hold(shop, percent=20, products=(Product.PREMIUM_MONTH, Product.PREMIUM_YEAR))
    month = buy(shop, Product.PREMIUM_MONTH, redemption_id=_REDEMPTION)
    year = buy(shop, Product.PREMIUM_YEAR, redemption_id=_REDEMPTION)
    assert checkout(shop, month).refusal == CheckoutRefusal.LAPSED
    assert checkout(shop, year, query_id="q2").ok


def test_a_discount_that_was_paid_with_is_gone(shop: Shop) -> None:
    _hold(shop, percent=20, products=(Product.ENERGY_10,))
    bought(shop, Product.ENERGY_10, redemption_id=_REDEMPTION)
    shop.do(BuyProduct(player_id=7, product=Product.ENERGY_10, redemption_id=_REDEMPTION))
    assert shop.said(PurchaseRefused)[0].reason is BuyRefusal.DISCOUNT_INVALID


# -- limits ----------------------------------------------------------------------------------------


def test_one_saver_in_seven_days(shop: Shop) -> None:
    bought(shop, Product.STREAK_SAVER_20)
    shop.wait(days=6, hours=23)
    shop.do(BuyProduct(player_id=7, product=Product.STREAK_SAVER_20))
    refused = shop.said(PurchaseRefused)[0]
    assert refused.reason is BuyRefusal.SAVER_LIMIT
    assert (refused.until - NOON).days == 7
    shop.wait(hours=1)
    bought(shop, Product.STREAK_SAVER_20, "stx2")


def test_a_higher_rank_starts_at_once_and_adds_its_days(shop: Shop) -> None:
    bought(shop, Product.PREMIUM_MONTH)
    shop.wait(days=10)
    bought(shop, Product.PREMIUM_YEAR, "stx2")
    past, running = shop.customer(7).premium.terms
    assert (past.rank, past.ends) == (2, shop.now)
    assert (running.rank, running.begins, (running.ends - NOON).days) == (4, shop.now, 395)


@pytest.mark.parametrize("product", [Product.PREMIUM_MONTH, Product.PREMIUM_STARTER])
def test_the_same_or_a_lower_rank_is_refused_before_any_invoice(shop: Shop, product: Product) -> None:
    bought(shop, Product.PREMIUM_MONTH)
    shop.do(BuyProduct(player_id=7, product=product))
    refused = shop.said(PurchaseRefused)[0]
    assert (refused.reason, refused.premium_rank) == (BuyRefusal.PREMIUM_RANK, 2)
    assert len(shop.purchases) == 1


def test_the_shop_says_what_cannot_be_bought_and_until_when(shop: Shop) -> None:
    bought(shop, Product.PREMIUM_MONTH)
    shop.do(ShowShop(player_id=7, view=ShopView.PREMIUM))
    shown = shop.said(ShopShown)[0]
    assert {offer.product: offer.refusal for offer in shown.offers} == {
        Product.PREMIUM_STARTER: BuyRefusal.PREMIUM_RANK,
        Product.PREMIUM_MONTH: BuyRefusal.PREMIUM_RANK,
        Product.PREMIUM_SEASON: None,
        Product.PREMIUM_YEAR: None,
    }
    assert shown.premium_rank == 2


# -- pre-checkout ----------------------------------------------------------------------------------
