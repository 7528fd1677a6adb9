"""What a provider's error says: no secret of ours is kept, and nothing that has no end is kept or even read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.payments import test_stripe_client, test_telegram_stars
from tests.payments.test_stripe_client import Shop
from tests.payments.test_telegram_stars import ANNA, TOKEN, Till

from actors.effects import Again, Attempt
from payments.handlers.stripe import AskAboutRefunds, ask_about_refunds
from payments.providers import (
    ProviderDeniedError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
    stripe_http,
    telegram_stars,
)
from payments.providers.registry import PaymentProviders

shop = test_stripe_client.shop
till = test_telegram_stars.till

KEY = "sk_test_sandbox"
SECRET = TOKEN.partition(":")[2]


def kept(error: BaseException) -> str:
    """Whatever of an error may be written down."""
    causes = kept(error.__cause__) if error.__cause__ is not None else ""
    return f"{error} {getattr(error, 'code', '')} {causes}"


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500])
async def test_an_error_of_telegram_has_no_token_and_an_end(till: Till, code: int) -> None:
    said = f"no route to /bot{TOKEN}/x " + "x" * 10_000
    body = f'{{"ok":false,"error_code":{code},"description":"{said}"}}'
    await till.fault(on="method", do="raw", status=code, body=body)
    with pytest.raises(ProviderError) as raised:
        await till.stars.refund_star_payment(ANNA, "c")
    assert SECRET not in kept(raised.value)
    assert "no route" in kept(raised.value)
    assert len(kept(raised.value)) < 1000


@pytest.mark.parametrize("status", [400, 401, 402, 403, 429, 500])
async def test_an_error_of_stripe_has_no_key_and_an_end(shop: Shop, status: int) -> None:
    said = f"no such key {KEY} " + "x" * 10_000
    body = f'{{"error":{{"type":"invalid_request_error","code":"c {said}","message":"{said}"}}}}'
    await shop.fault("raw", status=status, body=body)
    with pytest.raises(ProviderError) as raised:
        await shop.stripe.refund("pi_1", "refund:1")
    assert KEY not in kept(raised.value)
    assert "no such key" in kept(raised.value)
    assert len(kept(raised.value)) < 1000


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_stripe_does_not_take_says_nothing_about_the_refund(shop: Shop, status: int) -> None:
    body = '{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}'
    await shop.fault("raw", status=status, body=body)
    with pytest.raises(ProviderDeniedError):
        await shop.stripe.refund("pi_1", "refund:1")


async def test_while_stripe_does_not_take_the_key_what_it_told_of_refunds_waits(shop: Shop, till: Till) -> None:
    body = '{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}'
    await shop.fault("raw", status=401, body=body)
    now = datetime.now(UTC)
    attempt = Attempt(effect_id="e", number=1, ordering_key="l", created_at=now, now=now)
    said = await ask_about_refunds(AskAboutRefunds("pi_1", ANNA), PaymentProviders(till.stars, shop.stripe), attempt)
    assert isinstance(said, Again)


async def test_a_token_that_was_taken_to_another_server_says_nothing_about_the_refund(till: Till) -> None:
    body = '{"ok":false,"error_code":400,"description":"Logged out"}'
    await till.fault(on="method", do="raw", status=400, body=body)
    with pytest.raises(ProviderDeniedError):
        await till.stars.refund_star_payment(ANNA, "c")


async def test_a_refusal_keeps_the_words_that_it_is_known_by(till: Till) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await till.stars.refund_star_payment(ANNA, "stxnone")
    assert refused.value.code == "CHARGE_NOT_FOUND"


async def test_an_answer_without_end_is_not_read(till: Till, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_stars, "ANSWER_BYTES_MAX", 10_000)
    monkeypatch.setattr(stripe_http, "ANSWER_BYTES_MAX", 10_000)
    for body in ("x" * 10_001, '{"ok":true,"result":{"amount":1}}' + " " * 10_000):
        rule: dict[str, Any] = {"status": 200, "body": body}
        await till.fault(on="method", do="raw", count=1, **rule)
        with pytest.raises(ProviderUnavailableError, match="BodyTooLongError"):
            await till.stars.star_balance()
        await shop.fault("raw", **rule)
        with pytest.raises(ProviderUnavailableError, match="BodyTooLongError"):
            await shop.movements()
    assert await till.stars.star_balance() == 0
    assert await shop.movements() == []
