"""Amounts that no sum can hold and instants that have not come: of one odd row nothing stops, and no money is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from star_list import house, list_of, said
from till import DUES, NOON, FakeStripe, World, reconciled, row

from contracts.payments import Provider, RecordPayment, SettleDiff, SettlementKind
from contracts.payments import PurchaseState as S
from payments.domain.reconciliation import DiffKind
from payments.domain.stars import STARS_MAX
from payments.domain.stripe_events import meaning
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything
from payments.providers.stripe_objects import Source

pytestmark = pytest.mark.services("payments")
FAR = 253_402_300_799
"""The last second of the year 9999."""
SALE = {"type": "user", "transaction_type": "invoice_payment", "user": {"id": 7}, "invoice_payload": "x"}
GIFT = {"type": "user", "transaction_type": "gift_purchase", "affiliate": {"amount": 9_000_000_000}}


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


@pytest.mark.parametrize("amount", [9_000_000_000, -9_000_000_000, 2**63 - 1])
@pytest.mark.parametrize("partner", [{"type": "fragment"}, SALE, GIFT], ids=["other", "sale", "affiliate"])
async def test_rows_of_more_stars_than_there_are_stop_nothing(
    world: World, amount: int, partner: dict[str, Any]
) -> None:
    moment = int(world.now.timestamp())
    list_of(world, *(said(id=f"r{n}", date=moment, amount=amount, source=partner) for n in range(3)))
    bought = await world.sale(1)
    for due in DUES:
        world.wait(hours=2)
        assert {diff.kind for diff in (await reconciled(world, due)).diffs} == {DiffKind.UNEXPLAINED}
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED


async def test_a_sum_of_rows_may_be_more_than_64_bits(world: World) -> None:
    """Each is as large as can be read, and the ledger keeps what it can."""
    await world.execute(
        "insert into provider_transactions (provider, id, direction, kind, charge_id, amount, currency, player_id,"
        " payload, at, seen_at, movement, booked_at) select 'TELEGRAM', 'r' || n, 'IN', 'OTHER', 'r' || n, 2000000000,"
        " 'XTR', 0, '', $1, $1, 'GIFT', $1 from generate_series(1, 20) as n",
        world.now,
    )
    world.wait(hours=2)
    run = await reconciled(world, reconcile_everything.due())
    assert any("the provider's list comes to -40000000000" in diff.line for diff in run.diffs)


@pytest.mark.parametrize("due", DUES)
async def test_a_sale_that_its_row_dates_into_the_future_is_credited(world: World, due: Any) -> None:
    bought = await world.invoice(1)
    partner = SALE | {"invoice_payload": bought.payload}
    list_of(world, said(id="c1", date=FAR, amount=bought.amount, source=partner))
    await reconciled(world, reconcile_changes.due())
    world.wait(hours=2)
    assert (await reconciled(world, due)).diffs == ()
    credited = await world.purchase(bought.purchase_id)
    assert credited.state is S.CREDITED
    assert credited.paid_at is not None
    assert credited.paid_at <= world.now


async def test_a_row_of_stripes_in_the_future_does_not_end_the_reading(world: World) -> None:
    world.providers.stripe = stripe = FakeStripe()
    stripe.rows.append(row("pi_1", 199, at=datetime.fromtimestamp(FAR, UTC), row_id="txn_1", currency="EUR"))
    for _ in range(2):
        await world.run(reconcile_changes.due())
        world.wait(hours=1)
    assert stripe.asked == [None, NOON - timedelta(hours=1)]


@pytest.mark.parametrize("amount", [{"amount": 0}, {"amount": 0, "nanostar_amount": 5}])
@pytest.mark.parametrize("side", ["source", "receiver"])
async def test_a_sale_of_less_than_a_star_is_for_a_person(world: World, side: str, amount: dict[str, int]) -> None:
    list_of(world, said(id="r1", date=int(world.now.timestamp()), **amount, **{side: SALE}))
    for due in DUES:
        world.wait(hours=2)
        assert [diff.kind for diff in (await reconciled(world, due)).diffs] == [DiffKind.UNEXPLAINED]
    seen = SettleDiff(provider=Provider.TELEGRAM, charge_id="r1", kind=SettlementKind.ACKNOWLEDGED, note="mira: seen")
    await world.send(seen)
    assert (await reconciled(world, reconcile_everything.due())).diffs == ()
    nano = amount.get("nanostar_amount", 0)
    assert set((await house(world)).values()) == ({nano, -nano} if nano else set())


def test_what_stripe_says_is_in_bounds() -> None:
    session = {"payment_status": "paid", "payment_intent": "pi_1", "amount_total": 10**13, "currency": "eur"}
    word = meaning(
        "checkout.session.completed", msgspec.json.encode({"created": FAR, "data": {"object": session}}), NOON
    )
    assert isinstance(word, RecordPayment)
    assert (word.amount, word.paid_at) == (0, NOON)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": "ch_1", "amount": 10**13, "currency": "eur", "object": "charge"}, Source)


@pytest.mark.parametrize("sign", [1, -1])
async def test_rows_whose_sum_no_balance_can_hold_stop_nothing(world: World, sign: int) -> None:
    moment = int(world.now.timestamp())
    partner = {"type": "fragment"}
    way = {"source": partner} if sign > 0 else {"receiver": partner}
    list_of(world, *(said(id=f"r{n}", date=moment, amount=STARS_MAX, **way) for n in range(30)))
    bought = await world.sale(1)
    for due in (*DUES, *DUES):
        world.wait(hours=2)
        kinds = {diff.kind for diff in (await reconciled(world, due)).diffs}
        assert due is not DUES[-1] or DiffKind.STARS_DIFFER in kinds
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED
