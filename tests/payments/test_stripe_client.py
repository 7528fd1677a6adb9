"""Our side of Stripe, against the sandbox's stand-in through the official SDK."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from payments.providers import (
    Direction,
    ProviderRefusedError,
    ProviderTransaction,
    ProviderUnavailableError,
    RefundOutcome,
    TransactionKind,
)
from payments.providers.stripe_client import CheckoutOrder, StripeProvider
from sandbox.app import Sandbox, Server, assemble
from sandbox.settings import Settings

IN, OUT = Direction.IN, Direction.OUT
START = int(datetime.now(UTC).timestamp())


@dataclass
class Shop:
    sandbox: Sandbox
    session: aiohttp.ClientSession
    base: str
    stripe: StripeProvider

    async def do(self, path: str, **body: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.base}/sandbox/api/stripe/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def fault(self, do: str, **more: Any) -> None:
        await self.do("faults", faults=[{"on": "call", "do": do, "count": 1, **more}])

    async def paid(self, number: int = 1, how: str = "card") -> str:
        """A purchase that was paid → its payment intent."""
        made = await self.stripe.create_session(order(number))
        return (await self.do(f"sessions/{made.id}/pay", how=how))["payment_intent"]

    async def movements(self, since: datetime | None = None) -> list[ProviderTransaction]:
        return [one async for one in self.stripe.transactions_since(since)]

    def count(self, kind: str) -> int:
        return len(self.sandbox.stripe.book.kinds[kind])


def order(number: int = 1, **more: Any) -> CheckoutOrder:
    given: dict[str, Any] = {
        "purchase_id": f"p-{number}",
        "player_id": 5_000_000_000 + number,
        "title": "Premium, 30 Tage",
        "amount_minor": 499,
        "currency": "EUR",
        "success_url": "http://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/",
        "expires_at": datetime.fromtimestamp(START + 3600, UTC),
    }
    return CheckoutOrder(**{**given, **more})


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    sandbox = assemble(Settings(start_players=0))
    server = Server(sandbox)
    await server.start()
    base = f"http://127.0.0.1:{server.port}"
    async with aiohttp.ClientSession() as session:
        provider = StripeProvider("sk_test_sandbox", session, f"{base}/stripe/", timeout_seconds=5)
        yield Shop(sandbox, session, base, provider)
    await server.stop()


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    check = "import sys, payments.providers.stripe_client as c; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


async def test_a_checkout(shop: Shop) -> None:
    made = await shop.stripe.create_session(order(language="en"))
    assert made.url.startswith(f"{shop.base}/stripe/pay/cs_")
    kept = shop.sandbox.stripe.book.get("sessions", made.id)
    assert (kept["amount_total"], kept["currency"], kept["locale"]) == (499, "eur", "en")
    assert kept["client_reference_id"] == "p-1"
    assert kept["metadata"] == {"purchase_id": "p-1", "player_id": "5000000001"}
    assert kept["expires_at"] == START + 3600


async def test_a_checkout_is_made_once(shop: Shop) -> None:
    await shop.fault("timeout_after", seconds=0.01)
    with pytest.raises(ProviderUnavailableError):
        await shop.stripe.create_session(order())
    assert await shop.stripe.create_session(order()) == await shop.stripe.create_session(order())
    assert shop.count("sessions") == 1
    with pytest.raises(ProviderRefusedError) as refused:
        await shop.stripe.create_session(order(amount_minor=1))
    assert refused.value.code == "idempotency_error"


async def test_a_refund_is_made_once(shop: Shop) -> None:
    intent = await shop.paid()
    await shop.fault("timeout_after", call="POST /v1/refunds", seconds=0.01)
    with pytest.raises(ProviderUnavailableError):
        await shop.stripe.refund(intent, "refund:1")
    assert await shop.stripe.refund(intent, "refund:1") is RefundOutcome.REFUNDED
    assert await shop.stripe.refund(intent, "another key") is RefundOutcome.ALREADY_REFUNDED
    assert shop.count("refunds") == 1


async def test_a_refund_to_a_bank_account_is_pending(shop: Shop) -> None:
    made = await shop.stripe.create_session(order())
    intent = (await shop.do(f"sessions/{made.id}/pay", how="later"))["payment_intent"]
    with pytest.raises(ProviderRefusedError):
        await shop.stripe.refund(intent, "too early")
    await shop.do(f"sessions/{made.id}/settle")
    assert await shop.stripe.refund(intent, "refund:1") is RefundOutcome.PENDING


async def test_a_disputed_payment_is_not_refunded(shop: Shop) -> None:
    intent = await shop.paid()
    await shop.do(f"charges/{intent}/dispute")
    with pytest.raises(ProviderRefusedError) as refused:
        await shop.stripe.refund(intent, "refund:1")
    assert refused.value.code == "charge_disputed"


async def test_what_is_not_there_is_refused(shop: Shop) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await shop.stripe.refund("pi_none", "refund:1")
    assert refused.value.code == "resource_missing"


@pytest.mark.parametrize("do", ["429", "500", "503"])
async def test_an_outage_is_no_refusal(shop: Shop, do: str) -> None:
    intent = await shop.paid()
    await shop.fault(do)
    with pytest.raises(ProviderUnavailableError):
        await shop.stripe.refund(intent, "refund:1")
    await shop.fault(do)
    with pytest.raises(ProviderUnavailableError):
        await shop.movements()
    assert await shop.stripe.refund(intent, "refund:1") is RefundOutcome.REFUNDED


async def test_nobody_there_no_answer_and_a_wrong_key(shop: Shop) -> None:
    with pytest.raises(ProviderUnavailableError):
        await StripeProvider("sk", shop.session, "http://127.0.0.1:9").refund("pi_1", "k")
    await shop.fault("timeout")
    with pytest.raises(ProviderUnavailableError):
        await StripeProvider("sk_test_sandbox", shop.session, f"{shop.base}/stripe", 0.05).refund("pi_1", "k")
    with pytest.raises(ProviderRefusedError) as refused:
        await StripeProvider("sk_test_wrong", shop.session, f"{shop.base}/stripe").refund("pi_1", "k")
    assert "sk_test_wrong" not in str(refused.value)


async def test_an_answer_that_breaks_off(shop: Shop) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"id":')
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ProviderUnavailableError):
            await StripeProvider("sk", shop.session, f"http://127.0.0.1:{port}").refund("pi_1", "k")


async def test_every_movement_names_its_purchase(shop: Shop) -> None:
    first, second = await shop.paid(1), await shop.paid(2)
    await shop.do(f"charges/{first}/refund", amount=99)
    dispute = await shop.do(f"charges/{second}/dispute")
    await shop.do(f"disputes/{dispute['id']}/close", outcome="won")
    refund = await shop.do(f"charges/{first}/refund", pending=True)
    await shop.do(f"refunds/{refund['id']}/settle", outcome="failed")
    kinds = TransactionKind
    told = [(one.kind, one.direction, one.charge_id, one.amount, one.purchase_id) for one in await shop.movements()]
    assert told == [
        (kinds.REFUND_FAILURE, IN, first, 400, "p-1"),
        (kinds.REFUND, OUT, first, 400, "p-1"),
        (kinds.DISPUTE_REVERSAL, IN, second, 499, "p-2"),
        (kinds.DISPUTE, OUT, second, 499, "p-2"),
        (kinds.REFUND, OUT, first, 99, "p-1"),
        (kinds.PAYMENT, IN, second, 499, "p-2"),
        (kinds.PAYMENT, IN, first, 499, "p-1"),
    ]
    newest = (await shop.movements())[0]
    assert (newest.currency, newest.user_id, newest.payload) == ("EUR", 5_000_000_001, None)
    assert abs(newest.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert len({one.row_id for one in await shop.movements()}) == 7


async def test_movements_since_and_in_pages(shop: Shop) -> None:
    for number in range(3):
        await shop.paid(number)
    entries = list(shop.sandbox.stripe.book.kinds["balance_transactions"].values())
    for age, entry in enumerate(reversed(entries)):
        entry["created"] = START - 100 * age
    since = datetime.fromtimestamp(START - 100, UTC)
    assert [one.row_id for one in await shop.movements(since)] == [entries[2]["id"], entries[1]["id"]]
    for _ in range(117):
        shop.sandbox.stripe.book.move("charge", 1, {"id": entries[0]["source"], "currency": "eur"})
    assert len(await shop.movements()) == 120


async def test_fees_and_payouts_are_no_movements_of_ours(shop: Shop) -> None:
    await shop.paid()
    charge = next(iter(shop.sandbox.stripe.book.kinds["charges"].values()))
    shop.sandbox.stripe.book.move("payout", -400, charge)
    shop.sandbox.stripe.book.move("fee", -5, charge)["source"] = None
    assert [one.kind for one in await shop.movements()] == [TransactionKind.PAYMENT]
