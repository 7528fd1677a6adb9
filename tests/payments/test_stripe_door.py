"""The door for Stripe's events, and where they lead: real NATS and Postgres, the sandbox's Stripe (DOMAIN §6)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import asyncpg
import pytest
from nats.aio.client import Client
from web_stage import NUMBER, OLD_SECRET, SECRET, Stage, opened, signed

from contracts.payments import PurchaseState
from payments.domain.purchase import Purchase
from payments.providers import Direction, RefundOutcome
from payments.providers.stripe_client import StripeProvider
from payments.web import metrics
from payments.web.webhook import BODY_BYTES_MAX

pytestmark = pytest.mark.services("payments")
S = PurchaseState
SALE = [
    ("house:PROVIDER_CLEARING:STRIPE", "EUR", 69),
    ("house:SALES", "EUR", -69),
    ("house:SALES", "PAID_ENERGY", -10),
    (f"player:{NUMBER}", "PAID_ENERGY", 10),
]
REFUND = [
    ("house:PROVIDER_CLEARING:STRIPE", "EUR", -69),
    ("house:REFUNDS", "EUR", 69),
    ("house:REFUNDS", "PAID_ENERGY", 10),
    (f"player:{NUMBER}", "PAID_ENERGY", -10),
]


@pytest.fixture
async def stage(
    database: Any, nats_server: Any, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]"
) -> AsyncIterator[Stage]:
    async with opened(database, nats_server.url, nats_client, pool) as made:
        yield made


def counted(outcome: str) -> float:
    return metrics.WEBHOOK.labels(outcome)._value.get()


async def paid(stage: Stage, product: str = "ENERGY_10", how: str = "card") -> tuple[str, bytes]:
    """A session that was paid while nobody listened → its id, and the event as Stripe posts it."""
    session = await stage.order(product)
    await stage.stripe(f"sessions/{session}/pay", how=how)
    return session, event(stage, "checkout.session.completed")


def event(stage: Stage, kind: str) -> bytes:
    """The newest event of a kind, as it is posted."""
    found = [one for one in stage.book.kinds["events"].values() if one["type"] == kind]
    return json.dumps(found[-1], indent=2).encode()


async def refund(stage: Stage, nats_client: Client, purchase: Purchase, request_id: str = "r-1") -> Any:
    """An operator gives the money of a purchase back."""
    request = {
        "request_id": request_id,
        "operator": "mira",
        "player_id": purchase.player_id,
        "purchase_id": str(purchase.purchase_id),
        "note": "test",
    }
    answer = await nats_client.request("admin.payments.refund.start", json.dumps(request).encode(), timeout=10)
    return json.loads(answer.data)


# -- who is let in -------------------------------------------------------------------------------------


async def test_an_event_that_is_signed_takes_effect_once(stage: Stage) -> None:
    session, body = await paid(stage)
    for _ in range(3):
        assert await stage.knock(body, signed(body, SECRET)) == 200
    await stage.becomes(session, S.CREDITED)
    assert await stage.entries("SALE") == SALE
    assert await stage.value("select count(*) from inbox where id like 'stripe:evt_%' and id not like '%/%'") == 1


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (lambda body: signed(body, SECRET, age=301.9), "too_old"),
        (lambda body: signed(body, "whsec_wrong"), "mismatch"),
        (lambda body: signed(body + b" ", SECRET), "mismatch"),
        (lambda body: signed(body, SECRET).replace("v1=", "v0="), "unsigned"),
        (lambda body: signed(body, SECRET).replace("v1=", "v1=é"), "mismatch"),
        (lambda _: "t=x", "malformed"),
        (lambda _: None, "missing"),
    ],
)
async def test_what_is_not_stripe_s_is_400_and_counted(stage: Stage, signature: Any, reason: str) -> None:
    session, body = await paid(stage)
    before = counted(reason)
    assert await stage.knock(body, signature(body)) == 400
    assert counted(reason) == before + 1
    assert (await stage.bought(session)).state is S.CREATED
    assert await stage.value("select count(*) from inbox where id like 'stripe:%'") == 0


async def test_an_altered_body_is_400(stage: Stage) -> None:
    session, body = await paid(stage)
    altered = body.replace(b'"amount_total": 69', b'"amount_total": 1')
    assert altered != body
    assert await stage.knock(altered, signed(body, SECRET)) == 400
    assert (await stage.bought(session)).state is S.CREATED


async def test_a_signature_of_almost_300_seconds_is_let_in(stage: Stage) -> None:
    session, body = await paid(stage)
    assert await stage.knock(body, signed(body, SECRET, age=298)) == 200
    await stage.becomes(session, S.CREDITED)


@pytest.mark.parametrize("secrets", [("whsec_wrong", SECRET), (OLD_SECRET, SECRET), (OLD_SECRET,), (SECRET, "x")])
async def test_one_right_signature_of_several_is_enough_while_a_secret_changes(
    stage: Stage, secrets: tuple[str, ...]
) -> None:
    session, body = await paid(stage)
    assert await stage.knock(body, signed(body, *secrets)) == 200
    await stage.becomes(session, S.CREDITED)


@pytest.mark.parametrize("declared", [True, False])
async def test_more_than_one_mebibyte_is_413(stage: Stage, declared: bool) -> None:
    body = b" " * (BODY_BYTES_MAX + 1)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 65536):
            yield body[at : at + 65536]

    headers = {"Stripe-Signature": signed(body, SECRET)}
    given = body if declared else pieces()
    async with stage.browser.post(f"{stage.page}/webhook/stripe", data=given, headers=headers) as answer:
        assert answer.status == 413


async def test_kinds_that_mean_nothing_are_answered_and_forgotten(stage: Stage, nats_client: Client) -> None:
    body = b'{"id": "evt_1", "type": "customer.created", "created": 1, "data": {"object": {}}}'
    before = counted("meaningless")
    assert await stage.knock(body, signed(body, SECRET)) == 200
    assert counted("meaningless") == before + 1
    info = await nats_client.jetstream().stream_info("PAYMENTS_MONEY")
    assert info.state.last_seq == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"id": 5, "type": "charge.refunded"}',
        b'{"id": "evt.*", "type": "charge.refunded"}',
        b'{"id": "", "type": "charge.refunded"}',
        b'{"id": "evt\\u00e9", "type": "charge.refunded"}',
        b"\xff\xfe",
        b'{"id": "' + b"x" * 256 + b'", "type": "charge.refunded"}',
    ],
)
async def test_what_cannot_be_an_event_is_400_although_it_is_signed(stage: Stage, body: bytes) -> None:
    before = counted("unreadable")
    assert await stage.knock(body, signed(body, SECRET)) == 400
    assert counted("unreadable") == before + 1


async def test_other_methods_are_refused(stage: Stage) -> None:
    assert (await stage.get("/webhook/stripe")).status == 405


async def test_while_nats_is_down_stripe_is_told_to_come_again(stage: Stage, nats_server: Any) -> None:
    session, body = await paid(stage)
    await asyncio.to_thread(nats_server.kill)
    async with aiohttp.ClientSession() as client:
        headers = {"Stripe-Signature": signed(body, SECRET)}
        async with client.post(f"{stage.page}/webhook/stripe", data=body, headers=headers) as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) >= 1
    page = await stage.post("/check", {**(await stage.get("/")).fields("check"), "product": "ENERGY_10", "number": "7"})
    assert (page.status, "Es wurde nichts abgebucht" in page.words) == (503, True)
    await asyncio.to_thread(nats_server.start)

    async def stored() -> bool:
        return await stage.knock(body, signed(body, SECRET)) == 200

    await stage.until(stored, "NATS")
    await stage.becomes(session, S.CREDITED)
    assert await stage.entries("SALE") == SALE


# -- where it leads ------------------------------------------------------------------------------------


async def test_money_that_comes_later(stage: Stage) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay", how="later")
    await stage.delivered()
    assert (await stage.bought(session)).state is S.CREATED
    await stage.stripe(f"sessions/{session}/settle")
    await stage.becomes(session, S.CREDITED)
    assert await stage.entries("SALE") == SALE


async def test_money_that_never_comes(stage: Stage) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay", how="later")
    await stage.stripe(f"sessions/{session}/fail")
    await stage.delivered()
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
    await stage.delivered()
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
    await stage.delivered()
    assert await stage.entries("REFUND") == REFUND


async def test_a_refund_by_an_operator(stage: Stage, nats_client: Client) -> None:
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay")
    purchase = await stage.becomes(session, S.CREDITED)
    assert (await refund(stage, nats_client, purchase))["started"]
    assert (await stage.becomes(session, S.REFUNDED)).reason == "operator"
    assert len(stage.book.kinds["refunds"]) == 1
    assert await stage.entries("REFUND") == REFUND


async def test_a_refund_that_a_bank_sends_back_is_pending_until_ops_try_again(
    stage: Stage, nats_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pending is not refunded, failed is not refunded; a new wish is a new refund at Stripe, not the old answer."""
    monkeypatch.setattr("payments.handlers.refunds._LOOK_AGAIN_SECONDS", 0.2)
    await stage.hook()
    session = await stage.order("ENERGY_10")
    await stage.stripe(f"sessions/{session}/pay", how="later")
    await stage.stripe(f"sessions/{session}/settle")
    purchase = await stage.becomes(session, S.CREDITED)
    reviews = await nats_client.jetstream().pull_subscribe("payments.evt.*.review_required", "looker")
    await refund(stage, nats_client, purchase)
    await stage.until(lambda: _true(len(stage.book.kinds["refunds"]) == 1), "a refund at Stripe")
    await stage.delivered()
    await stage.until(lambda: _asked_nothing(stage), "an answer about the refunds")
    assert (await stage.bought(session)).state is S.REFUND_PENDING
    assert await stage.entries("REFUND") == []
    (first,) = list(stage.book.kinds["refunds"])
    await stage.stripe(f"refunds/{first}/settle", outcome="failed")
    said: list[str] = []
    while not {"a refund failed", "the provider refuses"} <= {" ".join(one.split()[:3]) for one in said}:
        said += [json.loads(told.data)["reason"] for told in await reviews.fetch(1, timeout=10)]
    assert all("declined" in one for one in said)
    assert (await stage.bought(session)).state is S.REFUND_PENDING
    await refund(stage, nats_client, purchase, "r-2")
    await stage.until(lambda: _true(len(stage.book.kinds["refunds"]) == 2), "a second refund at Stripe")
    second = list(stage.book.kinds["refunds"])[1]
    await stage.stripe(f"refunds/{second}/settle", outcome="succeeded")
    assert (await stage.becomes(session, S.REFUNDED)).reason == "operator"
    assert await stage.entries("REFUND") == REFUND


async def test_reconciliation_waits_for_the_bank_too(
    database: Any, nats_server: Any, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """The money has left the account while a refund is pending; it is no refund before the bank has taken it."""
    async with opened(database, nats_server.url, nats_client, pool, in_flight_seconds=0.01) as stage:
        await stage.hook()
        session = await stage.order("ENERGY_10")
        await stage.stripe(f"sessions/{session}/pay", how="later")
        await stage.stripe(f"sessions/{session}/settle")
        purchase = await stage.becomes(session, S.CREDITED)
        await stage.delivered()
        await refund(stage, nats_client, purchase)
        await stage.until(lambda: _true(len(stage.book.kinds["refunds"]) == 1), "a refund at Stripe")
        await stage.delivered()
        await stage.until(lambda: _asked_nothing(stage), "an answer about the refunds")
        await reconcile(stage, nats_client, "q-1")
        assert (await stage.bought(session)).state is S.REFUND_PENDING
        # Settled, but the event is lost: the next run finds it.
        await stage.stripe("faults", faults=[{"on": "event", "do": "drop"}])
        (made,) = list(stage.book.kinds["refunds"])
        await stage.stripe(f"refunds/{made}/settle", outcome="succeeded")
        await reconcile(stage, nats_client, "q-2")
        await stage.becomes(session, S.REFUNDED)
        assert await stage.entries("REFUND") == REFUND


async def reconcile(stage: Stage, nats_client: Client, request_id: str) -> None:
    """Compare all books with Stripe's, and find no difference that stands."""
    request = json.dumps({"request_id": request_id, "operator": "mira", "full": True}).encode()
    run_id = json.loads((await nats_client.request("admin.payments.reconciliation.run", request, timeout=10)).data)
    found = "select diffs::text from reconciliation_runs where id = $1::uuid and provider = 'STRIPE'"
    done = "select count(*) from reconciliation_runs where id = $1::uuid and finished_at is not null"

    async def finished() -> bool:
        return await stage.value(done, run_id["run_id"]) == 2

    await stage.until(finished, "a run")
    assert await stage.value(found, run_id["run_id"]) == "[]"


# -- Stripe's side of a refund ---------------------------------------------------------------------------


async def test_a_key_is_one_refund_for_ever_and_another_key_another(stage: Stage) -> None:
    async with aiohttp.ClientSession() as client:
        provider = StripeProvider("sk_test_sandbox", client, f"{stage.base}/stripe")
        session, _ = await paid(stage, how="later")
        await stage.stripe(f"sessions/{session}/settle")
        intent = stage.book.get("sessions", session)["payment_intent"]
        before = datetime.now(UTC)
        assert await provider.refund(intent, "wish-1") is RefundOutcome.PENDING
        # All is on its way back, so that Stripe refuses another refund; that is not "already refunded".
        assert await provider.refund(intent, "wish-2") is RefundOutcome.PENDING
        assert [one async for one in provider.transactions_since(None) if one.direction is Direction.OUT] == []
        (made,) = stage.book.kinds["refunds"].values()
        await stage.stripe(f"refunds/{made['id']}/settle", outcome="succeeded")
        assert await provider.refund(intent, "wish-1") is RefundOutcome.REFUNDED
        assert await provider.refund(intent, "wish-2") is RefundOutcome.ALREADY_REFUNDED
        # It was made before the cursor and settled after it: it is told all the same.
        made["created"] -= 5 * 86_400
        stage.book.get("balance_transactions", made["balance_transaction"])["created"] -= 5 * 86_400
        told = [one async for one in provider.transactions_since(before)]
        assert [(one.charge_id, one.amount) for one in told if one.direction is Direction.OUT] == [(intent, 69)]
        assert len(stage.book.kinds["refunds"]) == 1


async def _asked_nothing(stage: Stage) -> bool:
    return await stage.value("select count(*) from effects where kind = 'AskAboutRefunds'") == 0


async def _true(value: bool) -> bool:
    return value
