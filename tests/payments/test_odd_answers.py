"""What answers in a provider's place says nothing about money: its outcome is unknown, and it is asked for again."""

from typing import Any

import pytest
from tests.payments import test_stripe_client, test_telegram_stars
from tests.payments.test_stripe_client import Shop, order
from tests.payments.test_telegram_stars import ANNA, TOKEN, Till

from payments.providers import ProviderUnavailableError, RefundOutcome, stripe_http

shop = test_stripe_client.shop
till = test_telegram_stars.till

PAGES: dict[str, dict[str, Any]] = {
    "a proxy's page": {},
    "a page that says 200": {"status": 200},
    "a page that says 403": {"status": 403},
    "an empty body": {"status": 200, "body": ""},
    "JSON, but no object": {"status": 200, "body": "[]"},
    "a list that says 403": {"status": 403, "body": "[]"},
    "an object of somebody else": {"status": 200, "body": "{}"},
    "a proxy's own JSON": {"status": 403, "body": '{"ok":false,"error":"forbidden"}'},
    "a proxy's own JSON in an object": {"status": 400, "body": '{"ok":false,"error":{"message":"no"}}'},
    "another result": {"status": 200, "body": '{"ok":true,"result":false,"url":7,"data":"x"}'},
    "JSON that breaks off": {"status": 200, "body": '{"ok":true,"resu'},
    "a redirect": {"status": 302, "body": "", "location": "/elsewhere"},
}


@pytest.mark.parametrize("after", ["", "_after"])
@pytest.mark.parametrize("page", PAGES)
async def test_a_refund_of_stars(till: Till, page: str, after: str) -> None:
    charge = await till.charge()
    for do, details in ((f"raw{after}", PAGES[page]), (f"cut{after}", {})):
        rule = {"on": "method", "method": "refundStarPayment", "do": do, "count": 1, **details}
        await till.fault(**rule)
        with pytest.raises(ProviderUnavailableError) as unknown:
            await till.stars.refund_star_payment(ANNA, charge)
        assert TOKEN not in str(unknown.value)
        if after:
            break  # it has taken effect
    expected = RefundOutcome.ALREADY_REFUNDED if after else RefundOutcome.REFUNDED
    assert await till.stars.refund_star_payment(ANNA, charge) is expected


@pytest.mark.parametrize("page", PAGES)
async def test_the_list_and_the_balance_of_stars(till: Till, page: str) -> None:
    await till.charge()
    await till.fault(on="method", do="raw", count=2, **PAGES[page])
    with pytest.raises(ProviderUnavailableError):
        await till.stars.star_transactions(0)
    with pytest.raises(ProviderUnavailableError):
        await till.stars.star_balance()
    assert len(await till.stars.star_transactions(0)) == 1


@pytest.mark.parametrize("content", [b"[]", b"5", b'"x"', b"null", b""])
def test_an_answer_of_stripe_is_an_object(content: bytes) -> None:
    with pytest.raises(ProviderUnavailableError):
        stripe_http._read(content, 200)


@pytest.mark.parametrize("after", ["", "_after"])
@pytest.mark.parametrize("page", PAGES)
async def test_a_refund_by_stripe(shop: Shop, page: str, after: str) -> None:
    intent = await shop.paid()
    for do, details in ((f"raw{after}", PAGES[page]), (f"cut{after}", {})):
        await shop.fault(do, call="POST /v1/refunds", **details)
        with pytest.raises(ProviderUnavailableError):
            await shop.stripe.refund(intent, "refund:1")
        if after:
            break  # it has taken effect, and is found by its key
    assert await shop.stripe.refund(intent, "refund:1") is RefundOutcome.REFUNDED
    assert shop.count("refunds") == 1


@pytest.mark.parametrize("page", PAGES)
async def test_a_checkout_and_the_movements_at_stripe(shop: Shop, page: str) -> None:
    await shop.fault("raw", **PAGES[page])
    with pytest.raises(ProviderUnavailableError):
        await shop.stripe.create_session(order())
    await shop.paid()
    await shop.fault("raw", call="GET /v1/balance_transactions", **PAGES[page])
    with pytest.raises(ProviderUnavailableError):
        await shop.movements()
    assert len(await shop.movements()) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_elsewhere_is_called(shop: Shop, till: Till, status: int) -> None:
    """Where a redirect leads, the token and the key would be given away; here it leads to who would answer."""
    there = f"{till.base}/bot{TOKEN}/getMyStarBalance"
    await till.fault(on="method", do="raw", status=status, body="", location=there, count=1)
    with pytest.raises(ProviderUnavailableError):
        await till.stars.star_balance()
    await shop.fault("raw", call="GET /v1/balance_transactions", status=status, location="/stripe/v1/refunds")
    with pytest.raises(ProviderUnavailableError):
        await shop.movements()
