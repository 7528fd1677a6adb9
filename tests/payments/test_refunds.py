"""Refunds: what goes back, what is taken back with it, and what only a person decides (DOMAIN §6)."""

from typing import Any

import msgspec
import pytest
from shop import NOON, Shop, bought, buy, kinds, payment, refund

from contracts.gameplay import GrantTakenBack
from contracts.payments import (
    EntitlementGranted,
    EntitlementRevoked,
    PremiumChanged,
    Product,
    PurchaseCredited,
    PurchaseRefunded,
    RecordRefundFailure,
    RefundPurchase,
    RefundReason,
    ReviewRequired,
)
from contracts.payments import PurchaseState as S
from payments.domain.charge import ChargeState
from payments.domain.ledger import Kind
from payments.handlers.refund_steps import RefundAtProvider


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_refund_to_the_very_end(shop: Shop) -> None:
    purchase = bought(shop, Product.MEGA_PACK_15)
    asked = RefundPurchase(player_id=7, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR)
    assert shop.do(asked).started
    assert shop.purchases[purchase.purchase_id].state is S.REFUND_PENDING
    assert shop.said(EntitlementRevoked) == []
    effect: RefundAtProvider = shop.effects[0]
    assert effect.charge_id == "stx1"
    shop.do(refund(reason=RefundReason.OPERATOR))
    assert shop.purchases[purchase.purchase_id].state is S.REFUNDED
    revoked = shop.said(EntitlementRevoked)[0]
    assert (revoked.grant_id, revoked.paid_energy, revoked.mode_hours) == (purchase.purchase_id, 15, 24)
    assert shop.said(PurchaseRefunded)[0].was_credited
    shop.do(GrantTakenBack(player_id=7, grant_id=purchase.purchase_id, paid_energy=4, missing_paid_energy=11, at=NOON))
    assert kinds(shop) == [Kind.SALE, Kind.REFUND, Kind.DEBT]


def test_a_refund_of_premium_leaves_what_else_was_bought(shop: Shop) -> None:
    bought(shop, Product.PREMIUM_MONTH)
    shop.wait(days=10)
    year = bought(shop, Product.PREMIUM_YEAR, "stx2")
    shop.wait(days=5)
    shop.do(refund("stx2"))
    running = shop.customer(7).premium.active(shop.now)
    assert running is not None
    assert (running.rank, (running.ends - NOON).days) == (2, 30)
    assert [event.revision for event in shop.said(PremiumChanged)] == [1, 2, 3]
    assert shop.purchases[year.purchase_id].state is S.REFUNDED


def test_a_refunded_saver_does_not_count_for_the_limit(shop: Shop) -> None:
    bought(shop, Product.STREAK_SAVER_20)
    shop.do(refund())
    bought(shop, Product.STREAK_SAVER_20, "stx2")


def test_a_refund_heard_before_its_payment_is_not_credited(shop: Shop) -> None:
    purchase = buy(shop)
    shop.do(refund())
    shop.do(payment(purchase))
    assert shop.purchases[purchase.purchase_id].state is S.REFUNDED
    assert shop.said(PurchaseCredited) == []
    assert kinds(shop) == [Kind.RECEIPT, Kind.REFUND]
    shop.do(payment(purchase))
    shop.do(refund())
    assert len(shop.ledger) == 2


@pytest.mark.parametrize("odd", [{"amount": 0}, {"currency": ""}, {"currency": "\x00?"}])
def test_a_refund_heard_before_a_payment_that_cannot_be_read_moves_nothing(shop: Shop, odd: dict[str, Any]) -> None:
    purchase = buy(shop)
    shop.do(refund())
    shop.do(msgspec.structs.replace(payment(purchase), **odd))
    shop.do(msgspec.structs.replace(payment(purchase), **odd))
    assert (kinds(shop), shop.said(PurchaseCredited)) == ([], [])
    assert shop.charges["stx1"].state is not ChargeState.TAKEN


def test_a_refund_of_the_provider_s_own_leads_to_the_same_end(shop: Shop) -> None:
    purchase = bought(shop)
    shop.do(refund())
    shop.do(refund(reason=RefundReason.DISPUTE))
    assert shop.purchases[purchase.purchase_id].state is S.REFUNDED
    assert len(shop.said(EntitlementRevoked)) == 1
    assert kinds(shop) == [Kind.SALE, Kind.REFUND]


def test_a_part_that_goes_back_takes_nothing_and_a_person_decides(shop: Shop) -> None:
    purchase = bought(shop)
    shop.do(msgspec.structs.replace(refund(reason=RefundReason.DISPUTE), amount=4))
    assert shop.purchases[purchase.purchase_id].state is S.CREDITED
    assert "4 of 10 went back" in shop.said(ReviewRequired)[0].reason
    assert shop.said(EntitlementRevoked) == []
    shop.do(msgspec.structs.replace(refund(reason=RefundReason.DISPUTE), amount=10))
    assert shop.purchases[purchase.purchase_id].state is S.REFUNDED


def test_a_refund_between_payment_and_credit(shop: Shop) -> None:
    purchase = buy(shop)
    shop.send(payment(purchase))
    shop.send(refund())
    shop.settle()
    assert shop.purchases[purchase.purchase_id].state is S.REFUNDED
    assert shop.said(EntitlementGranted) == []
    assert not shop.said(PurchaseRefunded)[0].was_credited


def test_a_refund_that_the_provider_refuses_is_looked_at_by_a_person(shop: Shop) -> None:
    purchase = bought(shop)
    asked = RefundPurchase(player_id=7, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR)
    shop.do(asked)
    shop.do(RecordRefundFailure(player_id=7, charge_id="stx1", error="400: CHARGE_NOT_FOUND"))
    assert "CHARGE_NOT_FOUND" in shop.said(ReviewRequired)[0].reason
    assert shop.purchases[purchase.purchase_id].state is S.CREDITED
    assert shop.do(asked).started
    assert len(shop.effects) == 2


@pytest.mark.parametrize("player_id", [7, 8])
def test_what_cannot_be_refunded_is_said(shop: Shop, player_id: int) -> None:
    purchase = buy(shop)
    answer = shop.do(
        RefundPurchase(player_id=player_id, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR)
    )
    assert not answer.started
    assert "purchase" in answer.reason
    assert shop.effects == []


def test_nobody_gets_another_player_s_money_back(shop: Shop) -> None:
    purchase = bought(shop)
    answer = shop.do(RefundPurchase(player_id=8, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR))
    assert not answer.started
    assert (shop.purchases[purchase.purchase_id].state, shop.effects) == (S.CREDITED, [])
