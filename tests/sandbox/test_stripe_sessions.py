"""Checkout sessions through the official SDK, and the page a buyer sees."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe
from stripe_stage import Shop, open_shop
from telegram_stage import RefusedError, Stage, until

CARD = {"payment_intent.created", "payment_intent.succeeded", "charge.succeeded", "checkout.session.completed"}


@pytest.fixture(autouse=True)
def no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)


@pytest.fixture
async def shop(stage: Stage) -> AsyncIterator[Shop]:
    async with open_shop(stage) as one:
        yield one


async def test_a_session_paid_by_card(shop: Shop) -> None:
    session = await shop.open()
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 499)
    await shop.do(f"sessions/{session.id}/pay")
    await shop.settled()
    assert set(shop.hook.types) == CARD
    told = shop.hook.of("checkout.session.completed")[0]["data"]["object"]
    assert (told["payment_status"], told["metadata"]["purchase_id"]) == ("paid", "p-1")
    intent = await shop.v1.payment_intents.retrieve_async(told["payment_intent"], {"expand": ["latest_charge"]})
    assert (intent.status, intent.metadata["purchase_id"]) == ("succeeded", "p-1")
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (intent.latest_charge.status, intent.latest_charge.metadata["purchase_id"]) == ("succeeded", "p-1")
    again = await shop.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["line_items"]})
    assert (again.status, again.url) == ("complete", None)
    assert again.line_items is not None
    assert again.line_items.data[0].description == "Premium, 30 Tage"


async def test_paid_later(shop: Shop) -> None:
    session = await shop.paid("later")
    await shop.hook.wait_for("checkout.session.completed")
    told = shop.hook.of("checkout.session.completed")[0]["data"]["object"]
    assert (told["status"], told["payment_status"]) == ("complete", "unpaid")
    assert not shop.book.kinds["balance_transactions"]
    await shop.do(f"sessions/{session['id']}/settle")
    await shop.hook.wait_for("checkout.session.async_payment_succeeded", "charge.succeeded")
    told = shop.hook.of("checkout.session.async_payment_succeeded")[0]["data"]["object"]
    assert told["payment_status"] == "paid"
    assert len(shop.book.kinds["balance_transactions"]) == 1
    with pytest.raises(RefusedError):
        await shop.do(f"sessions/{session['id']}/fail")


async def test_a_bank_that_does_not_pay(shop: Shop) -> None:
    session = await shop.paid("later")
    told = await shop.do(f"sessions/{session['id']}/fail")
    assert (told["status"], told["payment_status"]) == ("complete", "unpaid")
    await shop.hook.wait_for("checkout.session.async_payment_failed", "payment_intent.payment_failed")
    assert not shop.book.kinds["balance_transactions"]


async def test_a_declined_card_leaves_the_session_open(shop: Shop) -> None:
    session = await shop.paid("declined")
    assert session["status"] == "open"
    paid = await shop.do(f"sessions/{session['id']}/pay")
    assert (paid["payment_status"], paid["payment_intent"]) == ("paid", session["payment_intent"])
    await shop.settled()
    assert {"charge.failed", "payment_intent.payment_failed", "checkout.session.completed"} <= set(shop.hook.types)
    charges = await shop.v1.charges.list_async({"payment_intent": paid["payment_intent"]})
    assert [one.status for one in charges.data] == ["succeeded", "failed"]


async def test_a_session_expires_by_itself_and_by_call(shop: Shop) -> None:
    now = int(shop.stage.clock.now())
    early = await shop.open(expires_at=now + 1800)
    late = await shop.open()
    await until(lambda: bool(shop.stage.clock.naps))
    shop.stage.clock.advance(1801)
    await shop.hook.wait_for("checkout.session.expired")
    assert [one["data"]["object"]["id"] for one in shop.hook.events] == [early.id]
    assert (await shop.v1.checkout.sessions.retrieve_async(late.id)).status == "open"
    assert (await shop.v1.checkout.sessions.expire_async(late.id)).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        await shop.v1.checkout.sessions.expire_async(late.id)
    with pytest.raises(RefusedError):
        await shop.do(f"sessions/{early.id}/pay")


REFUSED: list[tuple[dict[str, Any], str | None]] = [
    ({"mode": "subscription"}, "mode"),
    ({"line_items": []}, "line_items"),
    ({"amount": 10}, None),
    ({"currency": "xyz"}, "currency"),
    ({"expires_at": 1_800_000_000 + 60}, "expires_at"),
    ({"expires_at": 1_800_000_000 + 2 * 86_400}, "expires_at"),
    ({"success_url": "thanks"}, "success_url"),
    ({"colour": "blue"}, "colour"),
    ({"metadata": {"note": "x" * 501}}, "metadata[note]"),
]


@pytest.mark.parametrize(("wrong", "param"), REFUSED)
async def test_wrong_orders_are_refused_by_parameter(shop: Shop, wrong: dict[str, Any], param: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await shop.open(**wrong)
    assert (refused.value.http_status, refused.value.param) == (400, param)
    assert not shop.book.kinds["sessions"]


async def test_a_wrong_key_and_an_unknown_id(shop: Shop) -> None:
    with pytest.raises(stripe.AuthenticationError):
        await shop.v1.charges.list_async(options={"api_key": "sk_test_other"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await shop.v1.checkout.sessions.retrieve_async("cs_test_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


async def test_an_idempotency_key_gives_the_first_answer_again(shop: Shop) -> None:
    asked: Any = {"mode": "payment", "success_url": "http://shop.test/"}
    price = {"currency": "eur", "unit_amount": 100, "product_data": {"name": "x"}}
    asked["line_items"] = [{"price_data": price, "quantity": 1}]
    first, second = [
        await shop.v1.checkout.sessions.create_async(asked, {"idempotency_key": "checkout:p-1"}) for _ in range(2)
    ]
    assert first.id == second.id
    assert first.last_response is not None
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    other: Any = {**asked, "success_url": "http://other.test/"}
    with pytest.raises(stripe.IdempotencyError):
        await shop.v1.checkout.sessions.create_async(other, {"idempotency_key": "checkout:p-1"})
    shop.stage.clock.advance(24 * 3600 + 1)
    third = await shop.v1.checkout.sessions.create_async(asked, {"idempotency_key": "checkout:p-1"})
    assert third.id != first.id


async def test_a_call_that_times_out_after_it_took_effect(shop: Shop) -> None:
    await shop.fault(on="call", call="POST /v1/checkout/sessions", do="timeout_after", seconds=0.01, count=1)
    options: Any = {"idempotency_key": "k"}
    price = {"currency": "eur", "unit_amount": 100, "product_data": {"name": "x"}}
    asked: Any = {
        "mode": "payment",
        "success_url": "http://shop.test/",
        "line_items": [{"price_data": price, "quantity": 1}],
    }
    with pytest.raises(stripe.APIConnectionError):
        await shop.v1.checkout.sessions.create_async(asked, options)
    assert len(shop.book.kinds["sessions"]) == 1
    again = await shop.v1.checkout.sessions.create_async(asked, options)
    assert [again.id] == list(shop.book.kinds["sessions"])


@pytest.mark.parametrize(("do", "error"), [("429", stripe.RateLimitError), ("503", stripe.APIError)])
async def test_calls_refused(shop: Shop, do: str, error: type[Exception]) -> None:
    await shop.fault(on="call", do=do, count=1)
    with pytest.raises(error):
        await shop.open()
    await shop.open()


async def browse(shop: Shop, verb: str, url: str, language: str = "de") -> tuple[int, str, str]:
    """A browser's request → (status, where it is sent, text)."""
    headers = {"Accept-Language": language}
    async with shop.stage.http.request(verb, url, allow_redirects=False, headers=headers) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def test_the_page_says_what_it_is_and_what_is_bought(shop: Shop) -> None:
    price = {"currency": "eur", "unit_amount": 499, "product_data": {"name": "<b>Premium & mehr</b>"}}
    session = await shop.open(line_items=[{"price_data": price, "quantity": 2}])
    status, _, text = await browse(shop, "GET", session.url or "")
    assert status == 200
    assert "Stripe-Testkasse" in text
    assert "9,98 €" in text
    assert "&lt;b&gt;Premium &amp; mehr&lt;/b&gt; × 2" in text
    assert "<b>Premium" not in text
    assert 'href="http://shop.test/back"' in text
    assert "Stripe test checkout" in (await browse(shop, "GET", session.url or "", "en-GB,de"))[2]
    assert (await browse(shop, "GET", "/stripe/pay/cs_test_none"))[0] == 404
    assert (await browse(shop, "GET", "/stripe/static/checkout.css"))[0] == 200


async def test_the_page_s_buttons(shop: Shop) -> None:
    session = await shop.open()
    page = f"/stripe/pay/{session.id}"
    status, where, _ = await browse(shop, "POST", f"{page}/declined")
    assert (status, where) == (303, f"{page}?refused")
    assert "abgelehnt" in (await browse(shop, "GET", where))[2]
    status, where, _ = await browse(shop, "POST", f"{page}/card")
    assert (status, where) == (303, f"http://shop.test/thanks?session={session.id}")
    assert "schon abgeschlossen" in (await browse(shop, "POST", f"{page}/card"))[2]
    assert len(shop.book.kinds["balance_transactions"]) == 1
