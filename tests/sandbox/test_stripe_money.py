"""Refunds, disputes and the books behind them, through the official SDK."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe
from stripe_stage import Shop, open_shop
from telegram_stage import RefusedError, Stage


@pytest.fixture(autouse=True)
def no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)


@pytest.fixture
async def shop(stage: Stage) -> AsyncIterator[Shop]:
    async with open_shop(stage) as one:
        yield one


async def refunded(shop: Shop, intent: str, key: str | None = None, **more: Any) -> stripe.Refund:
    options: Any = {"idempotency_key": key} if key else {}
    asked: Any = {"payment_intent": intent, **more}
    return await shop.v1.refunds.create_async(asked, options)


async def test_a_refund_and_its_events(shop: Shop) -> None:
    session = await shop.paid()
    refund = await refunded(shop, session["payment_intent"], reason="requested_by_customer")
    assert (refund.status, refund.amount, refund.reason) == ("succeeded", 499, "requested_by_customer")
    await shop.hook.wait_for("refund.created", "charge.refunded")
    told = shop.hook.of("charge.refunded")[0]["data"]
    assert (told["object"]["amount_refunded"], told["object"]["refunded"]) == (499, True)
    assert told["object"]["metadata"] == {"purchase_id": "p-1"}
    assert told["previous_attributes"] == {"amount_refunded": 0, "refunded": False}
    found = await shop.v1.refunds.list_async({"payment_intent": session["payment_intent"]})
    assert [one.id for one in found.data] == [refund.id]


async def test_a_second_refund_is_refused_and_a_repeated_call_is_not(shop: Shop) -> None:
    intent = (await shop.paid())["payment_intent"]
    first = await refunded(shop, intent, "refund:p-1")
    assert (await refunded(shop, intent, "refund:p-1")).id == first.id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await refunded(shop, intent)
    assert refused.value.code == "charge_already_refunded"
    assert len(shop.book.kinds["refunds"]) == 1


async def test_a_refund_in_parts(shop: Shop) -> None:
    intent = (await shop.paid())["payment_intent"]
    await refunded(shop, intent, amount=400)
    with pytest.raises(stripe.InvalidRequestError, match=r"4\.00.*0\.99"):
        await refunded(shop, intent, amount=400)
    assert (await refunded(shop, intent)).amount == 99
    charge = next(iter(shop.book.kinds["charges"].values()))
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 499)


@pytest.mark.parametrize("how", ["later", "declined"])
async def test_no_refund_before_there_is_money(shop: Shop, how: str) -> None:
    intent = (await shop.paid(how))["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        await refunded(shop, intent)


@pytest.mark.parametrize(("outcome", "left", "kinds"), [("succeeded", 499, 2), ("failed", 0, 3)])
async def test_a_pending_refund(shop: Shop, outcome: str, left: int, kinds: int) -> None:
    session = await shop.paid("later")
    await shop.do(f"sessions/{session['id']}/settle")
    refund = await refunded(shop, session["payment_intent"])
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    settled = await shop.do(f"refunds/{refund.id}/settle", outcome=outcome)
    assert settled["status"] == outcome
    charge = next(iter(shop.book.kinds["charges"].values()))
    assert charge["amount_refunded"] == left
    await shop.settled()
    assert ("refund.failed" in shop.hook.types) == (outcome == "failed")
    assert "refund.updated" in shop.hook.types
    assert len(shop.book.kinds["balance_transactions"]) == kinds
    with pytest.raises(RefusedError):
        await shop.do(f"refunds/{refund.id}/settle", outcome=outcome)


async def test_a_refund_from_the_dashboard(shop: Shop) -> None:
    session = await shop.paid()
    refund = await shop.do(f"charges/{session['payment_intent']}/refund", amount=100, pending=True)
    assert (refund["amount"], refund["status"], refund["metadata"]) == (100, "pending", {})
    with pytest.raises(RefusedError) as refused:
        await shop.do("charges/ch_none/refund")
    assert refused.value.status == 404


@pytest.mark.parametrize(("outcome", "back"), [("won", 1), ("lost", 0)])
async def test_a_dispute(shop: Shop, outcome: str, back: int) -> None:
    intent = (await shop.paid())["payment_intent"]
    dispute = await shop.do(f"charges/{intent}/dispute", reason="fraudulent")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await refunded(shop, intent)
    assert refused.value.code == "charge_disputed"
    closed = await shop.do(f"disputes/{dispute['id']}/close", outcome=outcome)
    await shop.settled()
    assert closed["status"] == outcome
    assert shop.hook.of("charge.dispute.closed")[0]["data"]["object"]["status"] == outcome
    assert shop.hook.of("charge.dispute.created")[0]["data"]["object"]["status"] == "needs_response"
    assert shop.hook.types.count("charge.dispute.funds_reinstated") == back
    seen = await shop.v1.disputes.retrieve_async(dispute["id"])
    assert (seen.status, len(seen.balance_transactions)) == (outcome, 1 + back)
    with pytest.raises(RefusedError) as again:
        await shop.do(f"disputes/{dispute['id']}/close", outcome=outcome)
    assert again.value.status == 409


async def test_the_balance_tells_every_movement(shop: Shop) -> None:
    intent = (await shop.paid())["payment_intent"]
    await refunded(shop, intent)
    dispute = await shop.do(f"charges/{(await shop.paid())['payment_intent']}/dispute")
    await shop.do(f"disputes/{dispute['id']}/close", outcome="won")
    found = await shop.v1.balance_transactions.list_async({"expand": ["data.source"]})
    told = [(one.type, one.reporting_category, one.amount, one.fee) for one in found.data]
    assert told == [
        ("adjustment", "dispute_reversal", 499, 0),
        ("adjustment", "dispute", -499, 2000),
        ("charge", "charge", 499, 32),
        ("refund", "refund", -499, 0),
        ("charge", "charge", 499, 32),
    ]
    assert [type(one.source).__name__ for one in found.data] == ["Dispute", "Dispute", "Charge", "Refund", "Charge"]
    overview = await shop.stage.api("GET", "stripe")
    assert overview["balance"] == {"eur": 499 - 32 - 32 - 2000}
    assert overview["counts"]["charges"] == 2


async def test_lists_come_in_pages(shop: Shop) -> None:
    for _ in range(5):
        await shop.paid()
        shop.stage.clock.advance(10)
    newest_first = list(reversed(shop.book.kinds["charges"]))
    first = await shop.v1.charges.list_async({"limit": 2})
    assert ([one.id for one in first.data], first.has_more) == (newest_first[:2], True)
    assert [one.id async for one in first.auto_paging_iter()] == newest_first
    since: Any = {"created": {"gte": 1_800_000_000 + 20}, "limit": 2}
    page = await shop.v1.charges.list_async(since)
    assert [one.id async for one in page.auto_paging_iter()] == newest_first[:3]
    page = await shop.v1.charges.list_async({"ending_before": newest_first[4], "limit": 2})
    assert [one.id async for one in page.auto_paging_iter()] == newest_first[3::-1]
    with pytest.raises(stripe.InvalidRequestError):
        await shop.v1.charges.list_async({"limit": 101})
    events = await shop.v1.events.list_async({"type": "charge.succeeded"})
    assert len(events.data) == 5
