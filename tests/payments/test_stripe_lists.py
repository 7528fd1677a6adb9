"""What reconciliation reads of Stripe (DOMAIN §6): payments, disputes and refunds, to the list's end."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from till import DUES, NOON, FakeStripe, World, row

from contracts.payments import (
    Currency,
    Provider,
    PurchaseRefunded,
    ReconciliationDiffDetected,
    RefundReason,
)
from contracts.payments import PurchaseState as S
from payments.domain.purchase import Purchase
from payments.handlers.reconciliation_job import reconcile_changes
from payments.providers import Direction, ProviderUnavailableError, TransactionKind

pytestmark = pytest.mark.services("payments")

EARLIER = NOON - timedelta(hours=1)


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


@pytest.fixture
async def web(world: World) -> tuple[World, FakeStripe, Purchase]:
    """Stripe is on; a purchase on the web was paid, and the event got lost."""
    stripe = FakeStripe()
    world.providers.stripe = stripe
    world.clock.set(EARLIER)
    terms: dict[str, Any] = {"provider": Provider.STRIPE, "currency": Currency.EUR, "amount": 199}
    bought = await world.invoice(1, **terms)
    stripe.rows.append(moved("txn_1", 199, EARLIER, bought))
    world.clock.set(NOON)
    return world, stripe, bought


def moved(row_id: str, amount: int, at: datetime, bought: Purchase, **more: Any) -> Any:
    given = {"row_id": row_id, "currency": "EUR", "purchase_id": str(bought.purchase_id)} | more
    return row("pi_1", amount, at=at, **given)


@pytest.mark.parametrize("due", DUES)
async def test_a_web_payment_we_never_heard_of_is_credited(web: Any, due: Any):
    world, _, bought = web
    await world.run(due)
    found = await world.purchase(bought.purchase_id)
    assert (found.state, found.charge_id) == (S.CREDITED, "pi_1")
    runs = {run.provider: run for run in await world.runs()}
    assert (runs[Provider.STRIPE].repaired, runs[Provider.STRIPE].diff_count) == (1, 0)
    assert runs[Provider.STRIPE].run_id == runs[Provider.TELEGRAM].run_id


async def test_a_dispute_takes_back_what_was_bought_and_a_won_one_is_for_a_person(web: Any):
    world, stripe, bought = web
    await world.run(reconcile_changes.due())
    dispute = {"direction": Direction.OUT, "kind": TransactionKind.DISPUTE}
    stripe.rows.append(moved("txn_2", 199, NOON, bought, **dispute))
    world.wait(minutes=15)
    await world.run(reconcile_changes.due())
    assert (await world.purchase(bought.purchase_id)).state is S.REFUNDED
    assert world.told(PurchaseRefunded)[-1].reason is RefundReason.DISPUTE
    assert world.told(ReconciliationDiffDetected) == []
    stripe.rows.append(moved("txn_3", 199, NOON, bought, kind=TransactionKind.DISPUTE_REVERSAL))
    world.wait(minutes=15)
    await world.run(reconcile_changes.due())
    (alarm,) = world.told(ReconciliationDiffDetected)
    assert alarm.provider is Provider.STRIPE
    assert "the provider's list has no refund of it" in alarm.diffs[0]


async def test_stripe_s_list_is_read_to_its_end_before_the_next_run_begins_later(web: Any):
    world, stripe, bought = web
    stripe.rows += [moved(f"txn_{n}", 0, EARLIER - timedelta(minutes=n), bought) for n in range(10, 260)]
    stripe.fails_after = 150
    with pytest.raises(ProviderUnavailableError):
        await world.run(reconcile_changes.due(), "a")
    stripe.fails_after = None
    await world.run(reconcile_changes.due(), "a")
    assert stripe.asked == [None, None]
    assert await world.value("select count(*) from provider_transactions") == 251
    world.wait(minutes=15)
    await world.run(reconcile_changes.due())
    assert stripe.asked[-1] == EARLIER - timedelta(hours=1)


async def test_a_refund_that_two_lists_of_stripe_s_tell_of_is_one(web: Any):
    """Made before the reading began, settled after it: it is in the movements, and in the refunds."""
    world, stripe, bought = web
    back = moved("txn_2", 199, NOON, bought, direction=Direction.OUT, kind=TransactionKind.REFUND)
    stripe.rows += [back, back]
    await world.run(reconcile_changes.due())
    assert await world.value("select count(*) from provider_transactions where id = 'txn_2'") == 1


async def test_one_provider_s_outage_does_not_keep_the_other_from_its_run(web: Any):
    world, _, bought = web
    world.stars.away = True
    with pytest.raises(ProviderUnavailableError):
        await world.run(reconcile_changes.due(), "a")
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED
    world.stars.away = False
    await world.run(reconcile_changes.due(), "a")
    assert [run.finished_at is not None for run in await world.runs()] == [True, True]
