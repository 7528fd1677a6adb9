"""The three money methods of the Bot API, against the sandbox and against answers a Bot API may give."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from payments.providers import (
    Direction,
    ProviderRefusedError,
    ProviderTransaction,
    ProviderUnavailableError,
    RefundOutcome,
    TransactionKind,
)
from payments.providers.telegram_stars import StarsProvider
from sandbox.app import Server, assemble
from sandbox.settings import Settings

ANNA = 5_000_000_001
TOKEN = "1:sandbox"
PRICE = [{"label": "Premium", "amount": 99}]


@dataclass
class Till:
    session: aiohttp.ClientSession
    base: str
    stars: StarsProvider

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.session.post(f"{self.base}/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def fault(self, **rule: Any) -> None:
        await self.post("sandbox/api/faults", {"faults": [rule], "clear": True})

    async def charge(self, payload: str = "sq1:x") -> str:
        """A player has paid 99 Stars → the charge id."""
        await self.fault(on="payment", do="unasked")
        invoice = {"chat_id": ANNA, "title": "Premium", "description": "30 Tage", "payload": payload}
        more = {"currency": "XTR", "prices": PRICE, "start_parameter": "x"}
        sent = await self.post(f"bot{TOKEN}/sendInvoice", {**invoice, **more})
        paid = await self.post(f"sandbox/api/players/{ANNA}/pay", {"message_id": sent["result"]["message_id"]})
        return paid["charge_id"]


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    server = Server(assemble(Settings(start_players=1)))
    await server.start()
    base = f"http://127.0.0.1:{server.port}"
    async with aiohttp.ClientSession() as session:
        made = Till(session, base, StarsProvider(TOKEN, session, base, timeout_seconds=5))
        await made.post(f"sandbox/api/players/{ANNA}/send", {"text": "/start"})
        yield made
    await server.stop()


async def test_a_refund_and_a_second_one(till: Till) -> None:
    charge = await till.charge()
    assert await till.stars.star_balance() == 99
    assert await till.stars.refund_star_payment(ANNA, charge) is RefundOutcome.REFUNDED
    assert await till.stars.refund_star_payment(ANNA, charge) is RefundOutcome.ALREADY_REFUNDED
    assert await till.stars.star_balance() == 0


async def test_a_refund_that_timed_out_after_it_took_effect(till: Till) -> None:
    charge = await till.charge()
    await till.fault(on="method", method="refundStarPayment", do="timeout_after", seconds=0.01, count=1)
    with pytest.raises(ProviderUnavailableError) as unknown:
        await till.stars.refund_star_payment(ANNA, charge)
    assert TOKEN not in str(unknown.value)
    assert await till.stars.refund_star_payment(ANNA, charge) is RefundOutcome.ALREADY_REFUNDED


async def test_a_charge_that_is_not_there(till: Till) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await till.stars.refund_star_payment(ANNA, "stxnone")
    assert refused.value.code == "CHARGE_NOT_FOUND"


async def test_transactions_in_the_order_they_happened(till: Till) -> None:
    first, second = await till.charge("sq1:a"), await till.charge("sq1:b")
    await till.stars.refund_star_payment(ANNA, first)
    rows = await till.stars.star_transactions(0)
    assert [(one.charge_id, one.direction, one.kind) for one in rows] == [
        (first, Direction.IN, TransactionKind.PAYMENT),
        (second, Direction.IN, TransactionKind.PAYMENT),
        (first, Direction.OUT, TransactionKind.REFUND),
    ]
    assert {(one.amount, one.currency, one.user_id) for one in rows} == {(99, "XTR", ANNA)}
    assert [one.payload for one in rows[:2]] == ["sq1:a", "sq1:b"]
    assert all(abs(one.at - datetime.now(UTC)) < timedelta(minutes=1) for one in rows)
    assert await till.stars.star_transactions(1, 1) == rows[1:2]
    assert await till.stars.star_transactions(3) == []


async def test_a_chargeback_only_lowers_the_balance(till: Till) -> None:
    charge = await till.charge()
    await till.post(f"sandbox/api/charges/{charge}/chargeback", {})
    assert await till.stars.star_balance() == 0
    assert len(await till.stars.star_transactions(0)) == 1


async def test_too_many_requests_say_how_long(till: Till) -> None:
    await till.fault(on="method", do="429", retry_after=7)
    with pytest.raises(ProviderUnavailableError) as later:
        await till.stars.star_balance()
    assert later.value.retry_after_seconds == 7


@pytest.mark.parametrize("do", ["500", "502", "503"])
async def test_an_outage_is_no_refusal(till: Till, do: str) -> None:
    await till.fault(on="method", do=do)
    with pytest.raises(ProviderUnavailableError) as later:
        await till.stars.star_transactions(0)
    assert later.value.retry_after_seconds is None


async def test_nobody_there_and_a_wrong_token(till: Till) -> None:
    with pytest.raises(ProviderUnavailableError):
        await StarsProvider(TOKEN, till.session, "http://127.0.0.1:9").star_balance()
    with pytest.raises(ProviderRefusedError) as refused:
        await StarsProvider("1:other", till.session, till.base).star_balance()
    assert (refused.value.code, "1:other" in str(refused.value)) == ("Unauthorized", False)


async def said(body: str, ask: str = "star_balance", status: int = 200) -> Any:
    """What the provider makes of a Bot API that answers this."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, status=status, content_type="application/json")

    app = web.Application()
    app.router.add_post("/{call:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            stars = StarsProvider(TOKEN, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
            return await (stars.star_transactions(0) if ask == "transactions" else stars.star_balance())
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "status"),
    [("<html>Bad Gateway</html>", 502), ("", 200), ('{"ok": true, "result": []}', 200), ('{"ok": true}', 200)],
)
async def test_an_answer_that_is_none(body: str, status: int) -> None:
    with pytest.raises(ProviderUnavailableError):
        await said(body, status=status)


async def test_a_debt() -> None:
    assert await said('{"ok": true, "result": {"amount": -40, "nanostar_amount": 0}}') == -40


async def test_transactions_that_are_no_business_with_a_player() -> None:
    rows: list[ProviderTransaction] = await said(
        """{"ok": true, "result": {"transactions": [
            {"id": "a", "amount": 500, "date": 1800000000, "receiver": {"type": "fragment"}},
            {"id": "b", "amount": 3, "date": 1800000001, "source": {"type": "telegram_api", "request_count": 9}},
            {"id": "c", "amount": 25, "date": 1800000002, "nanostar_amount": 5, "receiver":
                {"type": "user", "transaction_type": "gift_purchase", "user": {"id": 7, "is_bot": false}}},
            {"id": "d", "amount": 1, "date": 1800000003}
        ]}}""",
        "transactions",
    )
    assert [one.kind for one in rows] == [TransactionKind.OTHER] * 4
    assert [one.direction for one in rows] == [Direction.OUT, Direction.IN, Direction.OUT, Direction.OUT]
    assert [one.user_id for one in rows] == [None, None, 7, None]
