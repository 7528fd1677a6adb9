"""What a person settles of reconciliation's diffs (DOMAIN §6): chargebacks of Stars, disputes that were won."""

from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from till import ACTOR, NOON, FakeStripe, World, reconciled, row

from actors.testing import asked, decide
from contracts.payments import (
    Currency,
    Provider,
    ReconciliationDiffDetected,
    RecordPayment,
    RecordRefund,
    RefundPurchase,
    RefundReason,
    SettleDiff,
    SettlementKind,
)
from contracts.payments import PurchaseState as S
from payments.domain.charge import Charge, ChargeState
from payments.domain.reconciliation import DiffKind
from payments.domain.settlement import ProviderListEntry, Settled
from payments.domain.stars import NANOS
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything
from payments.handlers.reconciliation_settlement import SettleAnswer
from payments.providers import Direction, TransactionKind
from payments.providers.registry import PaymentProviders
from payments.store.reconciliation import RunRow, read_cursor, read_list_totals

pytestmark = pytest.mark.services("payments")

EARLIER = NOON - timedelta(hours=1)
CHARGEBACK = SettlementKind.CHARGEBACK
ACKNOWLEDGED = SettlementKind.ACKNOWLEDGED
WITHDRAWAL = row("c1", 3, at=EARLIER, direction=Direction.OUT, kind=TransactionKind.OTHER)
"""Has the id of a charge by chance."""


def word(
    charge_id: str = "c1", kind: SettlementKind = CHARGEBACK, provider: Provider = Provider.TELEGRAM
) -> SettleDiff:
    return SettleDiff(provider=provider, charge_id=charge_id, kind=kind, note="mira: seen")


@pytest.fixture
async def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    """Four sales an hour ago; all books agree."""
    made = World(pool)
    made.clock.set(EARLIER)
    for number in range(1, 5):
        await made.sale(number, player_id=number)
    made.stars.rows.append(WITHDRAWAL)
    made.clock.set(NOON)
    return made


async def charge_back(world: World, number: int) -> None:
    """Telegram takes the money of a sale back; an operator takes back what it bought."""
    world.stars.lost += 10
    purchase_id = (await world.recorded(f"c{number}")).purchase_id  # type: ignore[union-attr]
    assert purchase_id is not None
    await world.send(RefundPurchase(player_id=number, purchase_id=purchase_id, reason=RefundReason.OPERATOR))
    await world.perform(lambda _: None)  # CHARGE_ALREADY_REFUNDED
    assert (await world.purchase(purchase_id)).state is S.REFUNDED


async def next_night(world: World) -> RunRow:
    world.wait(days=1)
    return await reconciled(world, reconcile_everything.due())


def kinds(run: RunRow) -> list[DiffKind]:
    return sorted(diff.kind for diff in run.diffs)


ALL_OF_A_CHARGEBACK = [DiffKind.BALANCE_DIFFERS, DiffKind.NOT_REFUNDED_AT_PROVIDER, DiffKind.TOTALS_DIFFER]


async def test_a_chargeback_that_is_settled_is_not_found_again_and_the_next_one_is(world: World) -> None:
    await charge_back(world, 1)
    assert [kinds(await next_night(world)) for _ in range(2)] == [ALL_OF_A_CHARGEBACK] * 2
    await world.send(word())
    assert [(await next_night(world)).diffs for _ in range(2)] == [(), ()]
    world.stars.lost += 10
    assert [diff.line for diff in (await next_night(world)).diffs] == [
        "TELEGRAM holds 17, its transactions add up to 27: -10 (a chargeback lowers the balance and has no row)"
    ]
    world.stars.lost -= 10
    await charge_back(world, 2)
    assert kinds(await next_night(world)) == ALL_OF_A_CHARGEBACK
    await world.send(word("c2"))
    assert (await next_night(world)).diffs == ()


async def test_a_run_over_what_changed_finds_a_settled_chargeback_in_order(world: World) -> None:
    await charge_back(world, 1)
    world.wait(minutes=3)
    assert (await reconciled(world, reconcile_changes.due())).diff_count == 1
    await world.send(word())
    assert (await reconciled(world, reconcile_changes.due())).diff_count == 0


async def test_rows_of_ours_do_not_count_as_read_and_hide_no_row_that_was_missed(world: World) -> None:
    await charge_back(world, 1)
    await world.run(reconcile_changes.due())
    await world.send(word(), word(), word("c2", ACKNOWLEDGED))
    async with world.pool.acquire() as connection:
        seen, cursor = (
            await read_list_totals(connection, Provider.TELEGRAM),
            await read_cursor(connection, Provider.TELEGRAM),
        )
    assert cursor is not None
    assert (seen.count, seen.rest) == (cursor.position, await world.stars.star_balance() * NANOS)
    assert seen.count == len(world.stars.rows)
    assert await world.value("select count(*) from provider_transactions where payload = 'mira: seen'") == 2


async def test_a_row_that_is_put_in_long_before_is_read_in_spite_of_rows_of_ours(world: World) -> None:
    for number in range(300):
        world.stars.take(f"x{number}", 1, 7, "?", EARLIER)
    world.wait(minutes=3)
    await world.run(reconcile_everything.due())
    await charge_back(world, 1)
    await world.send(word())
    world.stars.rows.insert(2, row("late", 5, at=EARLIER, user_id=7, payload="?"))
    await next_night(world)
    run = await next_night(world)
    assert await world.recorded("late") is not None
    assert run.diffs == ()


# -- acknowledged -------------------------------------------------------------------------------


async def won_dispute(world: World, number: int = 1) -> None:
    """A dispute took the goods of a sale of the web back, and was won."""
    charge_id = f"pi_{number}"
    bought = await world.invoice(90 + number, provider=Provider.STRIPE, currency=Currency.EUR, player_id=90 + number)
    stripe = world.providers.stripe
    assert isinstance(stripe, FakeStripe)
    given: dict[str, Any] = {"currency": "EUR", "purchase_id": str(bought.purchase_id)}
    out = {"direction": Direction.OUT, "kind": TransactionKind.DISPUTE}
    stripe.rows += [
        row(charge_id, 10, at=world.now, row_id=f"txn_{number}a", **given),
        row(charge_id, 10, at=world.now, row_id=f"txn_{number}b", **given, **out),
        row(charge_id, 10, at=world.now, row_id=f"txn_{number}c", **given, kind=TransactionKind.DISPUTE_REVERSAL),
    ]
    about: dict[str, Any] = {"player_id": bought.player_id, "provider": Provider.STRIPE, "charge_id": charge_id}
    money: dict[str, Any] = {"amount": 10, "currency": "EUR", "paid_at": world.now}
    await world.send(
        RecordPayment(payload=bought.payload, **money, **about),
        RecordRefund(reason=RefundReason.DISPUTE, refunded_at=world.now, **about),
    )


async def night_at_stripe(world: World) -> RunRow:
    world.wait(days=1)
    await world.run(reconcile_everything.due())
    return max((run for run in await world.runs() if run.provider is Provider.STRIPE), key=lambda run: run.started_at)


async def test_a_won_dispute_is_acknowledged_and_no_other_charge_with_it(world: World) -> None:
    world.providers = PaymentProviders(world.stars, FakeStripe())
    await won_dispute(world)
    for _ in range(2):
        assert kinds(await night_at_stripe(world)) == [DiffKind.NOT_REFUNDED_AT_PROVIDER, DiffKind.TOTALS_DIFFER]
    await world.send(word("pi_1", ACKNOWLEDGED, Provider.STRIPE))
    alarms = len(world.told(ReconciliationDiffDetected))
    for _ in range(2):
        assert (await night_at_stripe(world)).diffs == ()
    assert len(world.told(ReconciliationDiffDetected)) == alarms
    await won_dispute(world, 2)
    run = await night_at_stripe(world)
    assert kinds(run) == [DiffKind.NOT_REFUNDED_AT_PROVIDER, DiffKind.TOTALS_DIFFER]
    assert {diff.charge_id for diff in run.diffs} == {"pi_2", ""}


async def test_what_the_ledger_lacks_is_left_out_of_totals_and_balance_once_acknowledged(world: World) -> None:
    """A charge that says it is credited, in no ledger; and one with a wrong state, which the ledger knows."""
    await world.send(world.charge(await world.invoice(5, player_id=5), "c5"))
    await world.execute("update purchases set state = 'REFUND_PENDING' where charge_id = 'c5'")
    await world.execute("update charges set amount = 11 where id = 'c5'")
    found = kinds(await next_night(world))
    assert {DiffKind.OTHER_AMOUNT, DiffKind.LEDGER_DIFFERS, DiffKind.TOTALS_DIFFER} == set(found)
    await world.send(word("c5", ACKNOWLEDGED))
    assert (await next_night(world)).diffs == ()


async def test_of_an_acknowledged_charge_the_provider_s_word_is_still_taken(world: World) -> None:
    await world.execute("update charges set currency = 'EUR' where id = 'c3'")
    await world.send(word("c3", ACKNOWLEDGED))
    world.stars.give_back("c3", world.now)
    run = await next_night(world)
    assert (run.repaired, run.diffs) == (1, ())


# -- the endpoint -----------------------------------------------------------------------------------


def charged(state: ChargeState = ChargeState.REFUNDED, **more: Any) -> Charge:
    given: dict[str, Any] = {"charge_id": "c1", "provider": Provider.TELEGRAM, "player_id": 7, "purchase_id": None}
    given |= {"state": state, "payload": "", "amount": 10, "currency": "XTR", "paid_at": NOON, "recorded_at": NOON}
    return Charge(**(given | more))


LISTED = ProviderListEntry("c1", "TELEGRAM", 10, 0)
STRIPE = Provider.STRIPE


@pytest.mark.parametrize(
    ("command", "charge", "listed", "words"),
    [
        (word(), None, ProviderListEntry("c1"), ("charge_id: ", "copy it")),
        (word("c1", ACKNOWLEDGED), None, ProviderListEntry("c1"), ("charge_id: ", "copy it")),
        (word(provider=STRIPE), charged(), LISTED, ("provider: ", "TELEGRAM")),
        (word("c1", ACKNOWLEDGED, STRIPE), None, LISTED, ("provider: ", "TELEGRAM")),
        (
            word(),
            charged(),
            ProviderListEntry("c1", "TELEGRAM", 10, 10, ("CHARGEBACK",)),
            ("kind: ", "CHARGEBACK already"),
        ),
        (
            word("c1", ACKNOWLEDGED),
            charged(),
            ProviderListEntry("c1", "TELEGRAM", 10, 0, ("ACKNOWLEDGED",)),
            ("kind: ", "already"),
        ),
        (word(), None, LISTED, ("charge_id: ", "not in our books", "refund.start")),
        (word(), charged(ChargeState.TAKEN, purchase_id=NOON), LISTED, ("charge_id: ", "TAKEN", "refund.start")),
        (word(), charged(ChargeState.ORPHAN), LISTED, ("charge_id: ", "ORPHAN", "refund.orphan")),
        (
            word(provider=STRIPE),
            charged(provider=STRIPE),
            ProviderListEntry("c1", "STRIPE", 10, 0),
            ("kind: ", "ACKNOWLEDGED"),
        ),
        (word(), charged(), ProviderListEntry("c1", "TELEGRAM", 10, 10), ("kind: ", "has its refund", "ACKNOWLEDGED")),
        (word(), charged(), ProviderListEntry("c1", "TELEGRAM"), ("kind: ", "no such payment", "ACKNOWLEDGED")),
    ],
)
async def test_a_refusal_names_the_field_and_the_remedy(
    command: SettleDiff, charge: Charge | None, listed: ProviderListEntry, words: tuple[str, ...]
) -> None:
    decision = await decide(ACTOR, command, charge, listed, now=NOON)
    (answer,) = decision.replies
    assert (answer.settled, decision.records) == (False, [])
    assert answer.reason.startswith(words[0])
    assert all(said in answer.reason for said in words)


@pytest.mark.parametrize(("kind", "amount"), [(CHARGEBACK, 10), (ACKNOWLEDGED, 0)])
async def test_what_is_not_refused_is_written_once(kind: SettlementKind, amount: int) -> None:
    decision = await decide(ACTOR, word("c1", kind), charged(), LISTED, now=NOON)
    (settled,) = decision.records
    assert isinstance(settled, Settled)
    assert (settled.kind, settled.amount, settled.note, settled.at) == (kind, amount, "mira: seen", NOON)
    assert decision.replies == [SettleAnswer(settled=True, amount=amount)]


async def test_a_row_that_only_the_provider_has_can_be_acknowledged() -> None:
    decision = await decide(ACTOR, word("c1", ACKNOWLEDGED), None, LISTED, now=NOON)
    assert decision.replies == [SettleAnswer(settled=True)]


def test_a_request_with_a_word_nobody_knows_is_refused_by_name() -> None:
    said = {"provider": "TELEGRAM", "charge_id": "c1", "kind": "CHARGEBACK", "note": "seen"}
    assert asked(ACTOR, "reconciliation", "settle", **said)[1] == msgspec.structs.replace(word(), note="seen")
    with pytest.raises(ValueError, match="kind: there is no 'LOST'; use one of CHARGEBACK, ACKNOWLEDGED"):
        asked(ACTOR, "reconciliation", "settle", **said | {"kind": "LOST"})
    with pytest.raises(ValueError, match="provider: there is no 'BANK'; use one of TELEGRAM, STRIPE"):
        asked(ACTOR, "reconciliation", "settle", **said | {"provider": "BANK"})
