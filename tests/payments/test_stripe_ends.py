"""Where Stripe's events lead: each purchase ends in its right state, with its ledger in euros (DOMAIN §6, Stripe)."""

import json

import pytest
from nats.aio.client import Client
from web_stage import REFUND, SALE, SECRET, Stage, paid, refund, signed

from contracts.payments import PurchaseState

pytestmark = pytest.mark.services("payments")
S = PurchaseState


# -- where it leads ------------------------------------------------------------------------------------


async def test_money_that_comes_later(stage: Stage) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay", how="later")
    await stage.heard()
    assert (await stage.bought(session)).state is S.CREATED
    await stage.stripe(f"sessions/{session}/settle")
    await stage.becomes(session, S.CREDITED)
    assert await stage.entries("SALE") == SALE


async def test_money_that_never_comes(stage: Stage) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay", how="later")
    await stage.stripe(f"sessions/{session}/fail")
    await stage.heard()
    assert (await stage.bought(session)).state is S.CREATED
    assert await stage.entries("SALE") == []


async def test_an_order_that_lapsed_is_honoured_when_it_is_paid(stage: Stage, nats_client: Client) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay", how="later")
    await stage.value("update purchases set expires_at = now() - interval '1 minute', created_at = created_at")
    await nats_client.jetstream().publish("payments.due.stale_invoices", b"{}")
    await stage.becomes(session, S.FAILED)
    await stage.stripe(f"sessions/{session}/settle")
    assert (await stage.becomes(session, S.CREDITED)).late


async def test_every_event_twice_in_any_order_and_a_refund_before_the_payment(stage: Stage) -> None:
    session, _ = await paid(stage)
    intent = stage.book.get("sessions", session)["payment_intent"]
    await stage.stripe(f"charges/{intent}/refund")
    told = [json.dumps(one, indent=2).encode() for one in stage.book.kinds["events"].values()]
    for body in [*reversed(told), *told]:
        assert await stage.knock(body, signed(body, SECRET)) == 200
    purchase = await stage.becomes(session, S.REFUNDED)
    assert purchase.charge_id == intent
    refunds = await stage.entries("REFUND")
    assert [one for one in refunds if one[1] == "EUR"] == [one for one in REFUND if one[1] == "EUR"]
    assert await stage.value("select count(*) from ledger_transactions where kind = 'REFUND'") == 1
    assert await stage.value("select sum(balance) from ledger_balances where account like 'house:PROVIDER%'") == 0


async def test_events_dropped_doubled_and_out_of_order_end_the_same(stage: Stage) -> None:
    await stage.stripe("faults", seed=7, faults=[{"on": "event", "do": "duplicate"}])
    await stage.stripe("faults", faults=[{"on": "event", "type": "checkout.session.completed", "do": "reorder"}])
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay")
    await stage.becomes(session, S.CREDITED)
    await stage.stripe(f"charges/{stage.book.get('sessions', session)['payment_intent']}/refund")
    await stage.becomes(session, S.REFUNDED)
    await stage.heard()
    assert await stage.entries("SALE") == SALE
    assert await stage.entries("REFUND") == REFUND


async def test_a_dispute_takes_back_what_was_bought(stage: Stage) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay")
    await stage.becomes(session, S.CREDITED)
    dispute = await stage.stripe(f"charges/{stage.book.get('sessions', session)['payment_intent']}/dispute")
    purchase = await stage.becomes(session, S.REFUNDED)
    assert purchase.reason == "dispute"
    await stage.stripe(f"disputes/{dispute['id']}/close", outcome="lost")
    await stage.heard()
    assert await stage.entries("REFUND") == REFUND


async def test_a_refund_by_an_operator(stage: Stage, nats_client: Client) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay")
    purchase = await stage.becomes(session, S.CREDITED)
    assert (await refund(nats_client, purchase))["started"]
    assert (await stage.becomes(session, S.REFUNDED)).reason == "operator"
    assert len(stage.book.kinds["refunds"]) == 1
    assert await stage.entries("REFUND") == REFUND
