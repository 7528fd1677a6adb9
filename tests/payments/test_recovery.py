"""Recovery and retention (DOMAIN §6, §12) on real Postgres, with the provider in memory."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from till import NOON, World

from contracts.payments import (
    CreditPurchase,
    EntitlementGranted,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseState,
    RecordPayment,
    RecordRefundFailure,
    RefundPurchase,
    RefundReason,
    ReviewRequired,
)
from payments.domain.charge import ChargeState
from payments.domain.purchase import Purchase
from payments.domain.recovery import RecoverySettings
from payments.handlers.recovery import forget_old, recover
from payments.store.recovery import SQL

pytestmark = pytest.mark.services("payments")

EPOCH = datetime.fromtimestamp(0, UTC)


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


async def uncredited(world: World, number: int = 1, **more: Product) -> Purchase:
    """Money that came in; the word to credit it got lost."""
    world.lost.add(CreditPurchase)
    return await world.sale(number, **more)


# -- payments without credit --------------------------------------------------------------------


async def test_a_payment_without_credit_is_credited_after_two_minutes(world: World):
    paid = await uncredited(world)
    world.lost.clear()
    world.wait(seconds=120)
    await world.run(recover.due())
    assert (await world.purchase(paid.purchase_id)).state is PurchaseState.PAID_UNCREDITED
    world.wait(seconds=1)
    await world.run(recover.due())
    assert (await world.purchase(paid.purchase_id)).state is PurchaseState.CREDITED
    assert [grant.grant_id for grant in world.told(EntitlementGranted)] == [paid.purchase_id]
    await world.run(recover.due())
    assert len(world.told(PurchaseCredited)) == 1


async def test_the_wait_is_a_setting(world: World):
    paid = await uncredited(world)
    world.lost.clear()
    world.settings = RecoverySettings(uncredited_seconds=3)
    world.wait(seconds=4)
    await world.run(recover.due())
    assert (await world.purchase(paid.purchase_id)).state is PurchaseState.CREDITED


async def test_three_tries_then_a_person_decides_and_a_firing_counts_once(world: World):
    paid = await uncredited(world)
    for tries, firing in enumerate(("a", "b", "c"), start=1):
        for _ in range(3):
            world.wait(minutes=5)  # it is heard again so much later that the payment is overdue again
            await world.run(recover.due(), firing)
        found = await world.purchase(paid.purchase_id)
        assert (found.state, found.credit_attempts) == (PurchaseState.PAID_UNCREDITED, tries)
    world.wait(minutes=5)
    await world.run(recover.due(), "d")
    assert (await world.purchase(paid.purchase_id)).state is PurchaseState.REVIEW
    assert [review.purchase_id for review in world.told(ReviewRequired)] == [paid.purchase_id]
    world.wait(minutes=5)
    await world.run(recover.due(), "e")
    assert len(world.told(ReviewRequired)) == 1


async def test_two_purchases_of_one_player_are_both_tried(world: World):
    paid = [await uncredited(world, 1), await uncredited(world, 2, product=Product.MEGA_PACK_15)]
    world.wait(minutes=5)
    await world.run(recover.due(), "a")
    assert [(await world.purchase(one.purchase_id)).credit_attempts for one in paid] == [1, 1]


# -- refunds and orphans ------------------------------------------------------------------------


async def test_a_refund_that_nobody_works_on_is_asked_for_again(world: World):
    sold = await world.sale(1)
    await world.send(RefundPurchase(player_id=7, purchase_id=sold.purchase_id, reason=RefundReason.OPERATOR))
    assert world.effects == [("RefundAtProvider", "refund:c1")]
    world.wait(minutes=11)
    await world.run(recover.due())
    assert len(world.effects) == 1, "it waits for the provider still"
    await world.lose_effects()
    world.clock.set(NOON + timedelta(minutes=10))
    await world.run(recover.due())
    assert len(world.effects) == 1, "it is not overdue yet"
    world.wait(seconds=1)
    await world.run(recover.due())
    await world.run(recover.due())
    assert len(world.effects) == 2
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    assert (await world.purchase(sold.purchase_id)).state is PurchaseState.REFUNDED
    await world.run(recover.due())
    assert len(world.effects) == 2


async def test_an_orphan_goes_back_after_a_day(world: World):
    money: dict[str, Any] = {"provider": Provider.TELEGRAM, "amount": 10, "currency": "XTR", "paid_at": world.now}
    orphan = RecordPayment(player_id=9, charge_id="o1", payload="?", **money)
    world.stars.take("o1", 10, 9, "?", world.now)
    await world.send(orphan)
    world.wait(days=1)
    await world.run(recover.due())
    assert world.effects == []
    world.wait(seconds=1)
    await world.run(recover.due())
    assert world.effects == [("RefundAtProvider", "refund:o1")]
    await world.run(recover.due())
    assert len(world.effects) == 1
    await world.lose_effects()
    world.wait(minutes=10)
    await world.run(recover.due())
    assert len(world.effects) == 1, "it is not overdue yet"
    world.wait(seconds=1)
    await world.run(recover.due())
    assert len(world.effects) == 2, "its refund got lost and is asked for again"
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    found = await world.recorded("o1")
    assert found is not None
    assert found.state is ChargeState.REFUNDED
    await world.run(recover.due())
    assert len(world.effects) == 2


async def test_a_refused_orphan_is_asked_for_once_and_then_left_to_a_person(world: World):
    money: dict[str, Any] = {"provider": Provider.TELEGRAM, "amount": 10, "currency": "XTR", "paid_at": world.now}
    await world.send(RecordPayment(player_id=9, charge_id="o1", payload="?", **money))
    world.wait(days=1, seconds=1)
    await world.run(recover.due())
    await world.lose_effects()
    await world.send(RecordRefundFailure(player_id=9, charge_id="o1", error="CHARGE_NOT_FOUND"))
    for _ in range(3):
        world.wait(days=1)
        await world.run(recover.due())
    assert len(world.effects) == 1
    assert [told.charge_id for told in world.told(ReviewRequired)] == ["o1"]
    found = await world.recorded("o1")
    assert found is not None
    assert (found.state, found.problem) == (ChargeState.ORPHAN, "unknown_payload; refund refused: CHARGE_NOT_FOUND")


async def test_a_refused_refund_of_a_purchase_is_not_asked_for_again_by_itself(world: World):
    sold = await world.sale(1)
    await world.send(RefundPurchase(player_id=7, purchase_id=sold.purchase_id, reason=RefundReason.OPERATOR))
    await world.lose_effects()
    await world.send(RecordRefundFailure(player_id=7, charge_id="c1", error="CHARGE_NOT_FOUND"))
    for _ in range(3):
        world.wait(days=1)
        await world.run(recover.due())
    assert (await world.purchase(sold.purchase_id)).state is PurchaseState.CREDITED
    assert (len(world.effects), len(world.told(ReviewRequired))) == (1, 1)


# -- stale invoices -----------------------------------------------------------------------------


# -- retention ----------------------------------------------------------------------------------


async def test_what_is_old_is_forgotten_and_purchases_are_not(world: World):
    await world.invoice(1, state=PurchaseState.FAILED, expires_at=NOON - timedelta(days=400))
    await world.execute(
        "insert into inbox (id, handled_at) values ('old', $1), ('new', $2)",
        NOON - timedelta(days=30, seconds=1),
        NOON - timedelta(days=29),
    )
    for age in (timedelta(days=1, seconds=1), timedelta(hours=23)):
        await world.execute(
            "insert into quotes values ($1, 7, 'ENERGY_10', 'XTR', '', null, 10, 10, 1, '[]', $2, $3)",
            uuid.uuid4(),
            NOON - age - timedelta(minutes=15),
            NOON - age,
        )
    for days, diffs, repaired in ((31, 0, 0), (31, 1, 0), (31, 0, 1), (29, 0, 0)):
        await world.execute(
            "insert into reconciliation_runs (id, provider, is_full, started_at, diff_count, repaired) "
            "values ($1, 'TELEGRAM', false, $2, $3, $4)",
            uuid.uuid4(),
            NOON - timedelta(days=days),
            diffs,
            repaired,
        )
    await world.run(forget_old.due())
    counts = [await world.value(f"select count(*) from {t}") for t in ("inbox", "quotes", "reconciliation_runs")]
    assert counts == [1, 1, 3]
    assert await world.value("select count(*) from purchases") == 1


# -- what a job costs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "index", "arguments"),
    [
        ("uncredited", "purchases_unfinished", (NOON, EPOCH, uuid.UUID(int=0), 500)),
        ("refunds_pending", "purchases_unfinished", (NOON, EPOCH, uuid.UUID(int=0), 500)),
        ("orphans", "charges_orphaned", (NOON, EPOCH, "", 500)),
        ("orphans_pending", "charges_asked", (NOON, EPOCH, "", 500)),
        ("stale_invoices", "purchases_stale", (NOON, EPOCH, uuid.UUID(int=0), 500)),
        ("stale_checkouts", "purchases_stale", (NOON, NOON, EPOCH, uuid.UUID(int=0), 500)),
        ("payments_found", "provider_transactions_paid", ([uuid.UUID(int=1)],)),
    ],
)
async def test_what_is_overdue_is_found_by_its_index(
    pool: "asyncpg.Pool[asyncpg.Record]", query: str, index: str, arguments: tuple[object, ...]
):
    async with pool.acquire() as connection:
        await connection.execute("set enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"explain {SQL[query]}", *arguments))
        await connection.execute("reset enable_seqscan")
    assert index in plan
