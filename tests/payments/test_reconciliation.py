"""Whole runs of reconciliation (DOMAIN §6) on real Postgres, with Telegram in memory."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from till import ACTOR, DUES, NOON, World, reconciled, row

from actors.schedules import Due
from actors.testing import asked, decide
from contracts.payments import (
    CreditPurchase,
    EntitlementGranted,
    EntitlementRevoked,
    OrphanPaymentReceived,
    Product,
    PurchaseRefunded,
    ReconcileBooks,
    ReconciliationDiffDetected,
    RefundPurchase,
    RefundReason,
)
from contracts.payments import PurchaseState as S
from payments.domain.books import Book
from payments.domain.charge import ChargeState
from payments.domain.reconciliation import DiffKind
from payments.handlers.reconciliation_job import ReconcileAnswer, reconcile_changes, reconcile_everything
from payments.providers import Direction, ProviderUnavailableError, TransactionKind

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


@pytest.fixture
async def busy(world: World) -> World:
    """Three sales an hour ago, one of them refunded; all books agree."""
    world.clock.set(NOON - timedelta(hours=1))
    await world.sale(1)
    await world.sale(2, player_id=8, product=Product.MEGA_PACK_15)
    sold = await world.sale(3, player_id=9)
    await world.send(RefundPurchase(player_id=9, purchase_id=sold.purchase_id, reason=RefundReason.OPERATOR))
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    world.clock.set(NOON)
    return world


@pytest.mark.parametrize("due", DUES)
async def test_books_that_agree_make_a_run_without_diffs(busy: World, due: Any):
    run = await reconciled(busy, due)
    assert (run.full, run.diffs, run.repairs) == (isinstance(due, reconcile_everything.kind), (), ())
    taken = {(one.book, one.product): (one.count, one.total) for one in run.books if one.measure == "taken"}
    expected = {"ENERGY_10": (2, 20), "MEGA_PACK_15": (1, 15)}
    assert taken == {(book, p): v for book in (Book.PROVIDER, Book.PURCHASES) for p, v in expected.items()}
    gone = {(one.book, one.measure): one.total for one in run.books if one.measure in ("returned", "reversed")}
    assert gone == {
        (Book.PROVIDER, "returned"): 10,
        (Book.PURCHASES, "returned"): 10,
        (Book.PURCHASES, "reversed"): 10,
        (Book.LEDGER, "reversed"): 10,
    }
    assert busy.told(ReconciliationDiffDetected) == []


@pytest.mark.parametrize("due", DUES)
async def test_a_payment_we_never_heard_of_is_credited_like_a_live_one(busy: World, due: Any):
    unheard = await busy.invoice(4, player_id=10)
    busy.charge(unheard, "c4")
    busy.wait(minutes=3)
    run = await reconciled(busy, due)
    found = await busy.purchase(unheard.purchase_id)
    assert (found.state, found.charge_id, found.paid_at) == (S.CREDITED, "c4", NOON)
    assert busy.told(EntitlementGranted)[-1].grant_id == unheard.purchase_id
    assert (run.repaired, run.diff_count) == (1, 0)
    assert run.repairs[0].startswith("TELEGRAM charge c4: 10 XTR of player 10")
    again = await reconciled(busy, due)
    assert (again.repaired, again.diff_count) == (0, 0)


@pytest.mark.parametrize("due", DUES)
async def test_a_payment_with_an_unknown_payload_becomes_an_orphan(busy: World, due: Any):
    busy.stars.take("o1", 10, 11, "who knows", NOON)
    busy.wait(minutes=3)
    run = await reconciled(busy, due)
    assert [orphan.charge_id for orphan in busy.told(OrphanPaymentReceived)] == ["o1"]
    assert (run.repaired, run.diff_count) == (1, 0)


@pytest.mark.parametrize("due", DUES)
async def test_a_refund_we_never_heard_of_takes_back_what_was_bought(busy: World, due: Any):
    busy.stars.give_back("c1", NOON)
    busy.wait(minutes=3)
    run = await reconciled(busy, due)
    found = await busy.recorded("c1")
    assert found is not None
    assert (found.state, found.refunded_at) == (ChargeState.REFUNDED, NOON)
    assert [gone.grant_id for gone in busy.told(EntitlementRevoked)][-1] == found.purchase_id
    assert [gone.reason for gone in busy.told(PurchaseRefunded)][-1] is RefundReason.PROVIDER
    assert (run.repaired, run.diff_count) == (1, 0)


@pytest.mark.parametrize("due", DUES)
async def test_payment_and_refund_unheard_end_as_one_refunded_purchase(busy: World, due: Any):
    unheard = await busy.invoice(4, player_id=10)
    busy.charge(unheard, "c4")
    busy.stars.give_back("c4", NOON)
    busy.lost.add(CreditPurchase)
    busy.wait(minutes=3)
    run = await reconciled(busy, due)
    assert (await busy.purchase(unheard.purchase_id)).state is S.REFUNDED
    assert (run.repaired, run.diff_count) == (2, 0)


@pytest.mark.parametrize("due", DUES)
async def test_what_is_on_its_way_raises_no_alarm_and_is_left_to_itself(busy: World, due: Any):
    unheard = await busy.invoice(4, player_id=10)
    busy.charge(unheard, "c4")
    not_listed = busy.charge(await busy.invoice(5, player_id=11), "c5")
    listed = busy.stars.rows.pop()
    await busy.send(not_listed)
    busy.stars.give_back("c1", NOON)
    busy.wait(seconds=119)
    run = await reconciled(busy, due)
    assert (run.repaired, run.diff_count) == (0, 0)
    assert (await busy.purchase(unheard.purchase_id)).state is S.INVOICE_SENT
    busy.stars.rows.append(listed)
    busy.wait(minutes=15)
    later = await reconciled(busy, due)
    assert (later.repaired, later.diff_count) == (2, 0)


@pytest.mark.parametrize("due", DUES)
async def test_money_that_the_provider_does_not_have_alarms(busy: World, due: Any):
    forged = busy.charge(await busy.invoice(4, player_id=10), "forged")
    busy.stars.rows.pop()
    await busy.send(forged)
    busy.wait(minutes=3)
    run = await reconciled(busy, due)
    assert DiffKind.NOT_AT_PROVIDER in {diff.kind for diff in run.diffs}
    (alarm,) = busy.told(ReconciliationDiffDetected)
    assert (alarm.run_id, alarm.diff_count, alarm.full) == (run.run_id, run.diff_count, run.full)
    assert alarm.diffs[0] == "TELEGRAM charge forged: 10 XTR are in our books; the provider has no such payment"


@pytest.mark.parametrize("due", DUES)
async def test_a_repair_that_does_not_take_is_a_diff(busy: World, due: Any):
    """Part of the money went back: there is no path for that."""
    busy.stars.rows.append(row("c1", 4, at=NOON, direction=Direction.OUT, kind=TransactionKind.REFUND, user_id=7))
    busy.wait(minutes=3)
    run = await reconciled(busy, due)
    assert "TELEGRAM charge c1: the provider gave 4 XTR back of 10" in [diff.line for diff in run.diffs]
    assert run.repaired == 0


async def test_all_diffs_are_counted_and_some_are_told(busy: World):
    for number in range(1, 601):
        await busy.execute(
            "insert into charges (id, provider, player_id, state, payload, amount, currency, paid_at, recorded_at,"
            " problem) values ($1, 'TELEGRAM', 7, 'ORPHAN', '', 10, 'XTR', $2, $2, 'unknown_payload')",
            f"x{number}",
            NOON,
        )
    busy.wait(minutes=3)
    run = await reconciled(busy, reconcile_changes.due())
    (alarm,) = busy.told(ReconciliationDiffDetected)
    assert (run.diff_count, len(run.diffs), alarm.diff_count, len(alarm.diffs)) == (600, 200, 600, 20)


async def test_one_firing_is_one_run_however_often_it_is_heard(busy: World):
    await busy.send(busy.charge(await busy.invoice(4, player_id=10), "forged"))
    busy.stars.rows.pop()
    busy.wait(minutes=3)
    await busy.run(reconcile_changes.due(), "a")
    calls = busy.stars.calls
    await busy.run(reconcile_changes.due(), "a")
    assert busy.stars.calls == calls, "it was done"
    await busy.execute("update reconciliation_runs set finished_at = null")
    await busy.run(reconcile_changes.due(), "a")
    assert (len(await busy.runs()), len(busy.told(ReconciliationDiffDetected))) == (1, 1)
    await busy.run(reconcile_changes.due(), "b")
    assert len(await busy.runs()) == 2


async def test_a_run_that_was_cut_off_goes_on_when_its_firing_is_heard_again(busy: World):
    busy.stars.away = True
    with pytest.raises(ProviderUnavailableError):
        await busy.run(reconcile_changes.due(), "a")
    (cut,) = await busy.runs()
    assert cut.finished_at is None
    busy.stars.away = False
    busy.wait(minutes=20)
    await busy.run(reconcile_changes.due(), "a")
    (done,) = await busy.runs()
    assert (done.run_id, done.finished_at, done.started_at) == (cut.run_id, busy.now, busy.now)


async def test_a_run_looks_at_what_changed_since_the_last_one_and_no_more(busy: World):
    first = await reconciled(busy, reconcile_changes.due())
    busy.wait(hours=1)
    await reconciled(busy, reconcile_changes.due())  # once more, for the first one saw these rows
    busy.wait(hours=1)
    quiet = await reconciled(busy, reconcile_changes.due())
    await busy.sale(4, player_id=10)
    busy.wait(hours=1)
    third = await reconciled(busy, reconcile_changes.due())
    assert (first.looked_at, quiet.looked_at, third.looked_at) == (3, 0, 1)


async def test_what_was_on_its_way_at_one_run_is_looked_at_by_the_next(busy: World):
    """Also when a run comes late, after an outage of hours."""
    unheard = await busy.invoice(4, player_id=10)
    busy.charge(unheard, "c4")
    assert (await reconciled(busy, reconcile_changes.due())).repaired == 0
    busy.wait(hours=5)
    forged = busy.charge(await busy.invoice(5, player_id=11), "forged")
    busy.stars.rows.pop()
    await busy.send(forged)
    busy.wait(minutes=1)
    run = await reconciled(busy, reconcile_changes.due())
    assert (run.repaired, run.diff_count) == (1, 0)
    busy.wait(minutes=15)
    assert (await reconciled(busy, reconcile_changes.due())).diff_count == 1


# -- asked for by an operator -------------------------------------------------------------------


@pytest.mark.parametrize(("full", "due"), [(True, reconcile_everything.due), (False, reconcile_changes.due)])
async def test_an_operator_s_run_is_promised_and_fires_at_once(busy: World, full: bool, due: Any):
    _, command = asked(ACTOR, "reconciliation", "run", full=full)
    decision = await decide(ACTOR, command, now=busy.now)
    (answer,), (timer,) = decision.replies, decision.timers
    assert answer == ReconcileAnswer(started=True, run_id=answer.run_id)
    assert timer.message == due(run_id=answer.run_id)
    assert timer.when - busy.now == timedelta(seconds=1)
    assert isinstance(timer.message, Due)
    await busy.run(timer.message)
    (run,) = await busy.runs()
    assert (run.run_id, run.full) == (answer.run_id, full)
    other = await decide(ACTOR, ReconcileBooks(scope="full"), now=busy.now, message_id="other")
    assert other.timers[0].name != timer.name
