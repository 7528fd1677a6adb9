"""Refunds at Stripe: pending is not refunded, failed is not refunded, and each wish is one refund (DOMAIN §6)."""

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
import asyncpg
import pytest
from nats.aio.client import Client
from web_stage import REFUND, Stage, opened, paid, refund

from actors.effects import Again, Attempt, Done, Failed
from actors.testing import NOON
from contracts.payments import Provider, PurchaseState, RefundReason
from payments.handlers.refund_steps import RefundAtProvider
from payments.handlers.refunds import refund_at_provider
from payments.providers import Direction, ProviderRefusedError, ProviderUnavailableError, RefundOutcome
from payments.providers.registry import PaymentProviders
from payments.providers.stripe_client import StripeProvider

pytestmark = pytest.mark.services("payments")
S = PurchaseState


class Till(PaymentProviders):
    """A provider that answers as it is told."""

    def __init__(self, outcome: RefundOutcome | Exception) -> None:
        self.outcome = outcome
        self.keys: list[str] = []

    async def refund(self, provider: Provider, charge_id: str, player_id: int, key: str) -> RefundOutcome:
        self.keys.append(key)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (RefundOutcome.REFUNDED, Done),
        (RefundOutcome.ALREADY_REFUNDED, Done),
        (RefundOutcome.PENDING, Again),
        (ProviderUnavailableError("?"), Again),
        (ProviderRefusedError("refund_failed", "?"), Failed),
    ],
)
async def test_a_refund_is_written_down_when_it_is_settled_and_not_before(outcome: Any, result: type) -> None:
    till = Till(outcome)
    effect = RefundAtProvider(Provider.STRIPE, "pi_1", 7, RefundReason.OPERATOR)
    for effect_id in ("m1/e1", "m1/e1", "m2/e1"):
        attempt = Attempt(effect_id=effect_id, number=1, ordering_key="refund:pi_1", created_at=NOON, now=NOON)
        assert isinstance(await refund_at_provider(effect, till, attempt), result)
    first, again, another_wish = till.keys
    assert first == again != another_wish


async def test_a_refund_that_a_bank_sends_back_leaves_the_goods_until_ops_try_again(
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
    await refund(nats_client, purchase)
    await stage.until(lambda: _true(len(stage.book.kinds["refunds"]) == 1), "a refund at Stripe")
    await stage.heard()
    await stage.until(lambda: _asked_nothing(stage), "an answer about the refunds")
    assert (await stage.bought(session)).state is S.REFUND_PENDING
    assert await stage.entries("REFUND") == []
    (first,) = list(stage.book.kinds["refunds"])
    await stage.stripe(f"refunds/{first}/settle", outcome="failed")
    said: list[str] = []
    while not {"a refund failed", "the provider refuses"} <= {" ".join(one.split()[:3]) for one in said}:
        said += [json.loads(told.data)["reason"] for told in await reviews.fetch(1, timeout=10)]
    assert all("declined" in one for one in said)
    assert (await stage.bought(session)).state is S.CREDITED
    await refund(nats_client, purchase, "r-2")
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
        await stage.heard()
        await refund(nats_client, purchase)
        await stage.until(lambda: _true(len(stage.book.kinds["refunds"]) == 1), "a refund at Stripe")
        await stage.heard()
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
    request = json.dumps({"request_id": request_id, "full": True}).encode()
    subject = "admin.payments.reconciliation.run.mira"
    run_id = json.loads((await nats_client.request(subject, request, timeout=10)).data)
    found = "select diffs::text from reconciliation_runs where id = $1::uuid and provider = 'STRIPE'"
    done = "select count(*) from reconciliation_runs where id = $1::uuid and finished_at is not null"

    async def finished() -> bool:
        return await stage.value(done, run_id["run_id"]) == 2

    await stage.until(finished, "a run")
    assert await stage.value(found, run_id["run_id"]) == "[]"


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
