"""Stale invoices (DOMAIN §6) on real Postgres: they lapse, and what was paid meanwhile is found."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from till import World

from contracts.payments import (
    LapseInvoice,
    Provider,
    PurchaseFailed,
    PurchaseState,
    RecordRefund,
    RefundReason,
)
from payments.domain.purchase import Purchase
from payments.handlers.recovery import lapse_invoices
from payments.providers import ProviderUnavailableError

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


async def test_an_invoice_lapses_after_half_an_hour(world: World):
    sent, made = await world.invoice(1), await world.invoice(2, player_id=8, state=PurchaseState.CREATED)
    world.wait(minutes=30, microseconds=-1)
    await world.run(lapse_invoices.due())
    assert world.told(PurchaseFailed) == []
    world.wait(microseconds=1)
    await world.run(lapse_invoices.due())
    assert {failed.purchase_id for failed in world.told(PurchaseFailed)} == {sent.purchase_id, made.purchase_id}
    await world.run(lapse_invoices.due())
    assert len(world.told(PurchaseFailed)) == 2
    assert world.stars.calls == 0, "the provider is asked only about players who were about to pay"


async def test_all_pages_of_stale_invoices_lapse(world: World):
    for number in range(1, 1102):
        # Many of one instant: the pages go on by id.
        await world.invoice(number, player_id=number)
    world.wait(minutes=31)
    await world.run(lapse_invoices.due())
    assert len(world.told(PurchaseFailed)) == 1101


async def about_to_pay(world: World, number: int) -> Purchase:
    """An invoice whose player saw the payment sheet just now."""
    held: dict[str, Any] = {"prechecked_at": world.now, "expires_at": world.now + timedelta(minutes=30)}
    return await world.invoice(number, player_id=number, state=PurchaseState.PRECHECKOUT_OK, **held)


async def test_a_checkout_without_payment_is_looked_up_after_an_hour(world: World):
    paid, unpaid = await about_to_pay(world, 1), await about_to_pay(world, 2)
    world.charge(paid, "c1")
    world.wait(minutes=60, microseconds=-1)
    await world.run(lapse_invoices.due())
    assert world.stars.calls == 0
    world.wait(microseconds=1)
    await world.run(lapse_invoices.due())
    found = await world.purchase(paid.purchase_id)
    assert (found.state, found.charge_id, found.late) == (PurchaseState.CREDITED, "c1", False)
    assert (await world.purchase(unpaid.purchase_id)).state is PurchaseState.FAILED
    assert [failed.purchase_id for failed in world.told(PurchaseFailed)] == [unpaid.purchase_id]


async def test_a_payment_whose_refund_was_heard_first_is_found_in_the_list(world: World):
    paid = await about_to_pay(world, 1)
    world.charge(paid, "c1")
    await world.send(
        RecordRefund(
            player_id=1,
            provider=Provider.TELEGRAM,
            charge_id="c1",
            reason=RefundReason.PROVIDER,
            refunded_at=world.now,
        )
    )
    world.wait(minutes=60)
    await world.run(lapse_invoices.due())
    found = await world.purchase(paid.purchase_id)
    assert (found.state, found.charge_id) == (PurchaseState.REFUNDED, "c1")
    assert world.told(PurchaseFailed) == []


async def test_while_the_provider_is_away_no_checkout_lapses(world: World):
    unpaid = await about_to_pay(world, 1)
    world.wait(minutes=45)
    sent = await world.invoice(2, expires_at=world.now)
    world.wait(minutes=16)
    world.stars.away = True
    with pytest.raises(ProviderUnavailableError):
        await world.run(lapse_invoices.due())
    assert (await world.purchase(unpaid.purchase_id)).state is PurchaseState.PRECHECKOUT_OK
    assert (await world.purchase(sent.purchase_id)).state is PurchaseState.FAILED
    world.stars.away = False
    await world.run(lapse_invoices.due())
    assert (await world.purchase(unpaid.purchase_id)).state is PurchaseState.FAILED


async def test_a_payment_that_is_heard_while_its_invoice_lapses_is_credited(world: World):
    unpaid = await world.invoice(1)
    word = world.charge(unpaid, "c1")
    world.wait(minutes=31)
    await world.run(lapse_invoices.due())
    await world.send(word, LapseInvoice(player_id=7, purchase_id=unpaid.purchase_id))
    assert (await world.purchase(unpaid.purchase_id)).state is PurchaseState.CREDITED
