"""Two replicas that decide on one row at the same instant: the second waits, and sees what the first decided."""

from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest
from overlap import at_once
from till import World

from contracts.message import Contract
from contracts.payments import (
    GrantPremium,
    PremiumChanged,
    Product,
    Provider,
    PurchaseState,
    RecordInvoiceSent,
    RecordPayment,
    RecordRefundFailure,
    RefundOrphan,
    RefundPurchase,
    RefundReason,
    RefundStarted,
    ReviewRequired,
)

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


async def both(world: World, held: str, *messages: Contract) -> None:
    """Let each message be a turn of its own, at once."""
    await at_once(world.pool, held, *(partial(world.send, message) for message in messages))


async def test_of_two_operators_who_refund_one_purchase_the_second_one_begins_nothing(world: World):
    sold = await world.sale(1)
    wish = RefundPurchase(player_id=7, purchase_id=sold.purchase_id, reason=RefundReason.OPERATOR)
    await both(world, "select from purchases for update", wish, wish)
    assert len(world.told(RefundStarted)) == 1


async def test_a_purchase_that_is_paid_while_its_invoice_is_shown_stays_paid(world: World):
    invoice = await world.invoice(1, state=PurchaseState.CREATED)
    shown = RecordInvoiceSent(player_id=7, purchase_id=invoice.purchase_id)
    await both(world, "select from purchases for update", world.charge(invoice, "c1"), shown)
    assert (await world.purchase(invoice.purchase_id)).charge_id == "c1"


async def test_of_two_who_give_one_orphan_back_the_second_one_begins_nothing(world: World):
    money: dict[str, Any] = {"provider": Provider.TELEGRAM, "amount": 10, "currency": "XTR", "paid_at": world.now}
    await world.send(RecordPayment(player_id=9, charge_id="o1", payload="?", **money))
    wish = RefundOrphan(player_id=9, charge_id="o1", reason=RefundReason.OPERATOR)
    await both(world, "select from charges for update", wish, wish)
    assert len(world.told(RefundStarted)) == 1


async def test_a_refusal_that_is_heard_twice_at_once_is_told_of_once(world: World):
    await world.sale(1)
    refusal = RecordRefundFailure(player_id=7, charge_id="c1", error="CHARGE_NOT_FOUND")
    await both(world, "select from charges for update", refusal, refusal)
    assert len(world.told(ReviewRequired)) == 1


async def test_two_grants_of_premium_at_once_are_both_given(world: World):
    await world.sale(1, product=Product.PREMIUM_MONTH)
    month = GrantPremium(player_id=7, days=30, rank=2, source="PROMO", reason="r")
    await both(world, "select from customers for update", month, month)
    newest = max(world.told(PremiumChanged), key=lambda change: change.revision)
    assert (newest.revision, newest.terms[-1].ends - world.now) == (3, timedelta(days=90))
