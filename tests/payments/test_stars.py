"""A sale that an affiliate of Telegram's own programme brought (DOMAIN §6): its row has the commission in it or not."""

from typing import Any

import asyncpg
import msgspec
import pytest
from star_list import HALF, OTHERS, held, house, in_order, list_of, said, sold
from till import DUES, World, reconciled

from contracts.payments import (
    AffiliateCommissionTaken,
    OrphanPaymentReceived,
    PurchaseCredited,
    RefundPurchase,
    RefundReason,
)
from contracts.payments import PurchaseState as S
from payments.domain.charge import ChargeState
from payments.domain.purchase import Purchase
from payments.domain.stars import NANOS
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything
from payments.handlers.recovery import lapse_invoices, recover

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


# -- a sale that an affiliate brought -----------------------------------------------------------

EITHER_WAY = pytest.mark.parametrize("gross", [False, True], ids=["net", "gross"])
COMMISSIONS = pytest.mark.parametrize("commission", [0, HALF, 3 * NANOS + 7])


@EITHER_WAY
@COMMISSIONS
@pytest.mark.parametrize("due", DUES)
async def test_a_sale_that_was_heard_agrees_with_its_row(world: World, due: Any, gross: bool, commission: int) -> None:
    bought = await world.invoice(1)
    word = world.charge(bought, "c1")
    await world.send(word)
    world.stars.rows.clear()
    list_of(world, sold(bought, "c1", world.now, commission=commission, gross=gross), gross=gross)
    world.wait(minutes=10)
    run = await reconciled(world, due)
    assert (run.diffs, run.repairs) == ((), ())
    assert [event.affiliate for event in world.told(PurchaseCredited)] == [False]
    (told,) = world.told(AffiliateCommissionTaken)
    assert (told.purchase_id, told.charge_id, told.commission) == (bought.purchase_id, "c1", commission)
    assert await house(world) == (
        {"STARS:COMMISSION": commission, "PROVIDER_CLEARING:TELEGRAM": -commission} if commission else {}
    )
    await in_order(world)
    assert len(world.told(AffiliateCommissionTaken)) == 1


@EITHER_WAY
@COMMISSIONS
@pytest.mark.parametrize("due", DUES)
async def test_a_sale_that_was_not_heard_is_credited_and_no_orphan(
    world: World, due: Any, gross: bool, commission: int
) -> None:
    bought = await world.invoice(1)
    list_of(world, sold(bought, "c1", world.now, commission=commission, gross=gross), gross=gross)
    world.wait(minutes=10)
    run = await reconciled(world, due)
    assert (run.repaired, run.diffs) == (1, ())
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED
    charge = await world.recorded("c1")
    assert charge is not None
    assert (charge.state, charge.amount, charge.commission) == (ChargeState.TAKEN, 10, commission)
    assert [event.affiliate for event in world.told(PurchaseCredited)] == [True]
    world.wait(hours=25)
    await world.run(recover.due())
    assert (world.told(OrphanPaymentReceived), world.effects) == ([], [])
    await in_order(world)
    assert len(world.told(AffiliateCommissionTaken)) == 1


@EITHER_WAY
async def test_a_stale_checkout_finds_the_sale_too(world: World, gross: bool) -> None:
    about_to_pay: dict[str, Any] = {"state": S.PRECHECKOUT_OK, "prechecked_at": world.now}
    bought = await world.invoice(1, **about_to_pay)
    list_of(world, sold(bought, "c1", world.now, commission=HALF, gross=gross), gross=gross)
    world.wait(minutes=61)
    await world.run(lapse_invoices.due())
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED
    await in_order(world)


@EITHER_WAY
async def test_a_sale_that_is_heard_after_its_row_was_read_is_known_for_an_affiliate_s(
    world: World, gross: bool
) -> None:
    """The row is read while the update is on its way: it is booked when the charge is written down."""
    bought = await world.invoice(1)
    word = world.charge(bought, "c1")
    world.stars.rows.clear()
    list_of(world, sold(bought, "c1", world.now, commission=HALF, gross=gross), gross=gross)
    await world.run(reconcile_changes.due())
    assert (world.told(AffiliateCommissionTaken), await house(world)) == ([], {})
    await world.send(word)
    await in_order(world)
    assert len(world.told(AffiliateCommissionTaken)) == 1


@EITHER_WAY
@COMMISSIONS
@pytest.mark.parametrize("is_heard", [True, False])
async def test_a_refund_gives_the_commission_back(world: World, gross: bool, commission: int, is_heard: bool) -> None:
    bought = await world.invoice(1)
    list_of(world, sold(bought, "c1", world.now, commission=commission, gross=gross), gross=gross)
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    back = sold(bought, "c1", world.now, commission=commission, gross=gross, back=True)
    if is_heard:
        await world.send(RefundPurchase(player_id=7, purchase_id=bought.purchase_id, reason=RefundReason.OPERATOR))
        await world.perform(lambda _: list_of(world, back, gross=gross))
    else:
        list_of(world, back, gross=gross)
    await in_order(world)
    assert (await world.purchase(bought.purchase_id)).state is S.REFUNDED
    assert (await house(world), await held(world)) == ({}, 0)


async def test_a_refund_that_does_not_name_the_affiliate_again_is_told_by_its_payment(world: World) -> None:
    bought = await world.invoice(1)
    list_of(world, sold(bought, "c1", world.now, commission=HALF, gross=False))
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    back = sold(bought, "c1", world.now, commission=HALF, gross=False, back=True)
    list_of(world, msgspec.structs.replace(back, commission=None, per_mille=0))
    await in_order(world)
    assert (await world.purchase(bought.purchase_id)).state is S.REFUNDED


async def test_a_commission_that_is_not_given_back_stays_the_affiliate_s(world: World) -> None:
    bought = await world.invoice(1)
    list_of(world, sold(bought, "c1", world.now, commission=HALF, gross=True), gross=True)
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    world.stars.give_back("c1", world.now)
    world.stars.rows[-1] = msgspec.structs.replace(world.stars.rows[-1], commission=None, per_mille=0)
    await in_order(world)
    assert await house(world) == {"STARS:COMMISSION": HALF, "PROVIDER_CLEARING:TELEGRAM": -HALF}


@pytest.mark.parametrize(
    "row",
    [
        {"amount": 9, "nanostar_amount": 0, "affiliate": {"commission_per_mille": 50, "amount": 0}},
        {"amount": 9, "nanostar_amount": 0, "affiliate": {"commission_per_mille": 50, "amount": 1}},
        {"amount": 10, "nanostar_amount": 0, "affiliate": {"commission_per_mille": 50, "amount": 1}},
        {"amount": 9, "nanostar_amount": 500_000_000, "affiliate": {"commission_per_mille": 50}},
        {"amount": 9, "nanostar_amount": 500_000_000, "affiliate": {"commission_per_mille": 50, "amount": 0}},
    ],
    ids=["rounded down", "rounded up", "gross, rounded up", "not told", "told in whole Stars"],
)
async def test_a_commission_that_is_rounded_leaves_a_sale_what_it_is(world: World, row: dict[str, Any]) -> None:
    bought = await world.invoice(1)
    made = sold(bought, "c1", world.now, commission=HALF, gross=False)
    partner = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": {"id": 7},
        "invoice_payload": bought.payload,
    }
    affiliate = row.pop("affiliate")
    made = said(id="c1", date=int(world.now.timestamp()), source=partner | {"affiliate": affiliate}, **row)
    list_of(world, made, gross=row["amount"] == 10)
    await in_order(world)
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED


@pytest.mark.parametrize(("amount", "gross"), [(95, False), (100, True), (19, False), (20, True)])
async def test_of_an_orphan_what_its_player_paid_is_told_by_the_rate(world: World, amount: int, gross: bool) -> None:
    """Nobody knows a price. 5 % of 100 or 20 Stars; both are whole either way."""
    paid = 100 if amount > 50 else 20
    partner: dict[str, Any] = {"type": "user", "transaction_type": "invoice_payment", "user": {"id": 7}}
    affiliate = {"affiliate": {"commission_per_mille": 50, "amount": paid // 20}}
    list_of(
        world, said(id="o1", date=int(world.now.timestamp()), source=partner | affiliate, amount=amount), gross=gross
    )
    world.wait(minutes=10)
    run = await reconciled(world, reconcile_everything.due())
    charge = await world.recorded("o1")
    assert charge is not None
    assert (charge.state, charge.amount, run.diffs) == (ChargeState.ORPHAN, paid, ())


# -- a row that does not tell, or tells later ---------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [{"amount": 9, "affiliate": {}}, {"amount": 9, "affiliate": "?"}, {"amount": 9, "nanostar_amount": HALF}],
    ids=["an affiliate without figures", "an affiliate in words", "a fraction"],
)
async def test_a_sale_whose_row_nobody_understands_is_for_a_person_and_not_refunded(
    world: World, row: dict[str, Any]
) -> None:
    bought = await world.invoice(1)
    _list_net(world, bought, **row)
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    assert len(world.told(OrphanPaymentReceived)) == 1
    world.wait(hours=25)
    await world.run(recover.due())
    assert (world.effects, (await world.purchase(bought.purchase_id)).state) == ([], S.INVOICE_SENT)


async def test_a_row_that_names_its_affiliate_later_is_for_a_person_and_not_refunded(world: World) -> None:
    """It was taken for money of another amount; the row that is read again says why."""
    bought = await world.invoice(1)
    _list_net(world, bought, amount=9)
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    world.stars.rows.clear()
    list_of(world, sold(bought, "c1", world.now, commission=NANOS, gross=False))
    world.wait(hours=25)
    await world.run(reconcile_changes.due())
    await world.run(recover.due())
    assert world.effects == []


async def test_money_of_another_amount_goes_back_as_ever(world: World) -> None:
    bought = await world.invoice(1)
    _list_net(world, bought, amount=9)
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    world.wait(hours=25)
    await world.run(recover.due())
    assert len(world.effects) == 1


def _list_net(world: World, bought: Purchase, **row: Any) -> None:
    partner = {"type": "user", "transaction_type": "invoice_payment", "user": {"id": 7}}
    partner |= {"invoice_payload": bought.payload} | ({"affiliate": row.pop("affiliate")} if "affiliate" in row else {})
    list_of(world, said(id="c1", date=int(world.now.timestamp()), source=partner, **row), gross=False)


# -- what was read before this build ------------------------------------------------------------


@EITHER_WAY
async def test_rows_that_an_older_build_read_are_read_again_once(world: World, gross: bool) -> None:
    bought = await world.invoice(1)
    await world.send(world.charge(bought, "c1"))
    world.stars.rows.clear()
    list_of(world, sold(bought, "c1", world.now, commission=HALF, gross=gross), gross=gross)
    list_of(world, said(id="g", date=int(world.now.timestamp()), amount=7, receiver=OTHERS[1][1]))
    world.wait(minutes=10)
    await world.execute(
        "insert into provider_transactions (provider, id, direction, kind, charge_id, amount, currency, player_id,"
        " purchase_id, payload, at, seen_at) values ('TELEGRAM', 'c1', 'IN', 'PAYMENT', 'c1', 9, 'XTR', 7, $1, $2, $3,"
        " $3), ('TELEGRAM', 'g', 'OUT', 'OTHER', 'g', 7, 'XTR', 7, null, '', $3, $3)",
        bought.purchase_id,
        bought.payload,
        world.now,
    )
    for number in range(300):
        world.stars.take(f"x{number}", 1, 7, "?", world.now)
    await world.execute(
        "insert into provider_transactions (provider, id, direction, kind, charge_id, amount, currency, player_id,"
        " payload, at, seen_at) select 'TELEGRAM', 'x' || n, 'IN', 'PAYMENT', 'x' || n, 1, 'XTR', 7, '?', $1, $1"
        " from generate_series(0, 299) as n",
        world.now,
    )
    await world.execute(
        "insert into provider_cursors (provider, position, read_to) values ('TELEGRAM', 302, $1)", world.now
    )
    world.wait(minutes=10)
    await world.run(reconcile_everything.due())
    calls = world.stars.calls
    await world.run(reconcile_everything.due())
    assert world.stars.calls - calls < 12, "not from its start again"
    for due in DUES:
        world.wait(minutes=15)
        assert (await reconciled(world, due)).diffs == ()
    assert (await house(world))["STARS:GIFT"] == 7 * NANOS
    assert len(world.told(AffiliateCommissionTaken)) == 1
