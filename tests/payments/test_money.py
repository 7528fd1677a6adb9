"""Money that came in, goes back, hangs: whatever the order of events (DOMAIN §6)."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from shop import NOON, Shop, bought, buy, checkout, kinds, payment, refund

from contracts.payments import (
    BuyProduct,
    BuyRefusal,
    CheckoutRefusal,
    CreditPurchase,
    EntitlementGranted,
    HoldDiscount,
    LapseInvoice,
    OrphanPaymentReceived,
    Product,
    PurchaseCredited,
    PurchaseRefused,
    RecoverPurchase,
    RefundOrphan,
    RefundReason,
    ResolveReview,
    ReviewRequired,
)
from contracts.payments import PurchaseState as S
from payments.domain.charge import ChargeState
from payments.domain.ledger import Kind
from payments.domain.purchase import IllegalMoveError, Purchase

_REDEMPTION = UUID(int=5)


@pytest.fixture
def shop() -> Shop:
    return Shop()


# -- money is the truth ----------------------------------------------------------------------------


def test_the_same_charge_under_other_ids_is_one_credit(shop: Shop) -> None:
    purchase = buy(shop)
    for number in range(5):
        shop.do(payment(purchase), f"tg:{number}")
    assert len(shop.said(PurchaseCredited)) == 1
    assert kinds(shop) == [Kind.SALE]
    assert len(shop.charges) == 1


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_word_to_credit_what_is_credited_or_unpaid_gives_nothing(shop: Shop, is_paid: bool) -> None:
    purchase = bought(shop) if is_paid else buy(shop)
    shop.do(CreditPurchase(player_id=7, purchase_id=purchase.purchase_id))
    assert len(shop.said(PurchaseCredited)) == is_paid
    assert shop.purchases[purchase.purchase_id].state is purchase.state


def test_a_payment_before_its_pre_checkout_is_credited(shop: Shop) -> None:
    purchase = buy(shop)
    shop.do(payment(purchase))
    assert checkout(shop, purchase).refusal == CheckoutRefusal.LAPSED
    assert shop.purchases[purchase.purchase_id].state is S.CREDITED


def test_a_late_payment_of_a_failed_purchase_is_honoured(shop: Shop) -> None:
    purchase = buy(shop)
    shop.wait(minutes=31)
    shop.do(LapseInvoice(player_id=7, purchase_id=purchase.purchase_id))
    assert shop.purchases[purchase.purchase_id].state is S.FAILED
    shop.wait(days=1)
    shop.do(payment(purchase, at=shop.now))
    credited = shop.purchases[purchase.purchase_id]
    assert (credited.state, credited.late) == (S.CREDITED, True)
    assert shop.said(PurchaseCredited)[0].late


def test_an_old_invoice_paid_again_is_a_purchase_of_its_own(shop: Shop) -> None:
    first = bought(shop)
    shop.do(payment(first, "stx2"))
    states = {purchase.charge_id: purchase.state for purchase in shop.purchases.values()}
    assert states == {"stx1": S.CREDITED, "stx2": S.CREDITED}
    assert [event.paid_energy for event in shop.said(EntitlementGranted)] == [10, 10]
    assert len({event.grant_id for event in shop.said(EntitlementGranted)}) == 2


def test_an_old_invoice_paid_again_is_refunded_when_the_product_refuses_it(shop: Shop) -> None:
    first = bought(shop, Product.STREAK_SAVER_20)
    shop.do(payment(first, "stx2"))
    (wanted,) = shop.effects
    assert (wanted.charge_id, wanted.reason) == ("stx2", RefundReason.DOUBLE_CHARGE)
    shop.do(refund("stx2", reason=RefundReason.DOUBLE_CHARGE))
    states = {purchase.charge_id: purchase.state for purchase in shop.purchases.values()}
    assert states == {"stx1": S.CREDITED, "stx2": S.REFUNDED}
    assert len(shop.said(EntitlementGranted)) == 1
    assert kinds(shop) == [Kind.SALE, Kind.RECEIPT, Kind.REFUND]
    # The saver that was given still counts for the limit.
    shop.do(BuyProduct(player_id=7, product=Product.STREAK_SAVER_20))
    assert shop.said(PurchaseRefused)[-1].reason is BuyRefusal.SAVER_LIMIT


@pytest.mark.parametrize("changed", [{"payload": "?"}, {"player_id": 8}, {"amount": 9}, {"currency": "EUR"}])
def test_money_that_fits_nothing_is_kept_as_an_orphan(shop: Shop, changed: dict[str, Any]) -> None:
    purchase = buy(shop)
    shop.do(payment(purchase, **changed))
    assert shop.charges["stx1"].state is ChargeState.ORPHAN
    assert len(shop.said(OrphanPaymentReceived)) == 1
    assert shop.purchases[purchase.purchase_id].state is S.CREATED
    assert shop.said(EntitlementGranted) == []


def test_an_orphan_goes_back(shop: Shop) -> None:
    shop.do(payment(buy(shop), payload="?"))
    answer = shop.do(RefundOrphan(player_id=7, charge_id="stx1", reason=RefundReason.ORPHAN))
    assert answer.started
    assert shop.effects[0].charge_id == "stx1"
    shop.do(refund())
    shop.do(refund())
    assert shop.charges["stx1"].state is ChargeState.REFUNDED
    assert kinds(shop) == [Kind.RECEIPT, Kind.REFUND]


def test_a_discount_pays_for_one_purchase_however_often_its_invoice_is_paid(shop: Shop) -> None:
    purchase = _discounted(shop, Product.ENERGY_10)
    assert all(checkout(shop, purchase, query_id=f"q{number}").ok for number in range(5))
    for number in range(5):
        shop.do(payment(purchase, f"stx{number}"))
    states = Counter(one.state for one in shop.purchases.values())
    assert states == {S.CREDITED: 1, S.REFUND_PENDING: 4}


def test_a_discount_is_not_spent_on_two_products(shop: Shop) -> None:
    first = _discounted(shop, Product.ENERGY_10)
    assert checkout(shop, first).ok
    second = buy(shop, Product.MEGA_PACK_15, redemption_id=_REDEMPTION)
    assert checkout(shop, second, query_id="q2").ok
    shop.do(payment(first, "stx1"))
    shop.do(payment(second, "stx2"))
    assert shop.purchases[first.purchase_id].state is S.CREDITED
    assert shop.purchases[second.purchase_id].state is S.REFUND_PENDING


def _discounted(shop: Shop, product: Product) -> Purchase:
    products = (Product.ENERGY_10, Product.MEGA_PACK_15)
    until = shop.now.replace(minute=15)
    held = HoldDiscount(player_id=7, redemption_id=_REDEMPTION, percent=80, products=products, reserved_until=until)
    shop.do(held)
    return buy(shop, product, redemption_id=_REDEMPTION)


def test_premium_that_is_paid_and_not_credited_is_not_sold_again(shop: Shop) -> None:
    month, starter = buy(shop, Product.PREMIUM_MONTH), buy(shop, Product.PREMIUM_STARTER)
    shop.send(payment(month))
    shop.pending.clear()  # its credit hangs
    shop.do(BuyProduct(player_id=7, product=Product.PREMIUM_MONTH))
    assert shop.said(PurchaseRefused)[0].reason is BuyRefusal.PREMIUM_RANK
    assert checkout(shop, starter).refusal == CheckoutRefusal.PREMIUM_RANK
    shop.do(payment(month, "stx2"))
    assert shop.charges["stx2"].purchase_id != month.purchase_id
    assert [effect.charge_id for effect in shop.effects] == ["stx2"]


def test_a_refunded_saver_leaves_the_limit_of_another(shop: Shop) -> None:
    late = buy(shop, Product.STREAK_SAVER_20)
    shop.wait(minutes=31)
    bought(shop, Product.STREAK_SAVER_20, "stx2")
    shop.do(payment(late, "stx1", shop.now))
    shop.do(refund("stx1"))
    shop.do(BuyProduct(player_id=7, product=Product.STREAK_SAVER_20))
    assert shop.said(PurchaseRefused)[-1].reason is BuyRefusal.SAVER_LIMIT


# -- recovery and review ---------------------------------------------------------------------------


def test_three_failures_to_credit_and_a_person_decides(shop: Shop) -> None:
    purchase = buy(shop)
    shop.send(payment(purchase))
    for _ in range(4):
        shop.pending.clear()  # each attempt comes to nothing
        shop.send(RecoverPurchase(player_id=7, purchase_id=purchase.purchase_id))
    assert shop.pending == []
    assert shop.purchases[purchase.purchase_id].state is S.REVIEW
    assert shop.said(ReviewRequired)[0].charge_id == "stx1"
    answer = shop.do(ResolveReview(player_id=7, purchase_id=purchase.purchase_id, note="checked"))
    assert answer.done
    assert shop.purchases[purchase.purchase_id].state is S.CREDITED
    assert kinds(shop) == [Kind.SALE]


def test_an_orphan_without_a_player_goes_back_to_whom_an_operator_names(shop: Shop) -> None:
    shop.do(payment(buy(shop), payload="?", player_id=0))
    for player_id in (0, 9, 10):  # recovery, and an operator who is right at the second try
        shop.do(RefundOrphan(player_id=player_id, charge_id="stx1", reason=RefundReason.OPERATOR))
    assert [effect.player_id for effect in shop.effects] == [0, 9, 10]


def test_recovery_credits_what_was_left_behind(shop: Shop) -> None:
    purchase = buy(shop)
    shop.send(payment(purchase))
    shop.pending.clear()
    shop.do(RecoverPurchase(player_id=7, purchase_id=purchase.purchase_id))
    assert shop.purchases[purchase.purchase_id].state is S.CREDITED


def test_only_a_purchase_under_review_is_resolved(shop: Shop) -> None:
    purchase = bought(shop)
    answer = shop.do(ResolveReview(player_id=7, purchase_id=purchase.purchase_id, note="?"))
    assert (answer.done, answer.state) == (False, S.CREDITED)
    assert kinds(shop) == [Kind.SALE]


def test_a_stale_invoice_fails_but_not_one_that_is_being_paid(shop: Shop) -> None:
    first, second = buy(shop), buy(shop, Product.MEGA_PACK_15)
    shop.wait(minutes=29)
    assert checkout(shop, second).ok
    shop.wait(minutes=2)
    for purchase in (first, second):
        shop.do(LapseInvoice(player_id=7, purchase_id=purchase.purchase_id))
    assert shop.purchases[first.purchase_id].state is S.FAILED
    assert shop.purchases[second.purchase_id].state is S.PRECHECKOUT_OK
    shop.wait(minutes=60)
    shop.do(LapseInvoice(player_id=7, purchase_id=second.purchase_id))
    assert shop.purchases[second.purchase_id].state is S.FAILED


def test_a_step_that_the_state_does_not_allow_is_an_error(shop: Shop) -> None:
    purchase = buy(shop)
    with pytest.raises(IllegalMoveError, match="CREATED and cannot become CREDITED"):
        purchase.credit(NOON)
