"""Signed events: delivered until a 2xx, and what faults do to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import stripe
from stripe_stage import SECRET, Shop, open_shop
from telegram_stage import RefusedError, Stage, until

DONE, REFUNDED = "checkout.session.completed", "charge.refunded"


@pytest.fixture(autouse=True)
def no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)


def webhook(shop: Shop) -> str:
    """The address events go to."""
    assert shop.delivery.endpoint is not None
    return shop.delivery.endpoint.url


@pytest.fixture
async def shop(stage: Stage) -> AsyncIterator[Shop]:
    async with open_shop(stage) as one:
        await one.do("webhook", url=webhook(one), events=[DONE, REFUNDED])
        yield one


async def told(shop: Shop, kind: str) -> dict[str, Any]:
    """The one event of a kind as the scripts see it."""
    [event] = [one for one in await shop.stage.api("GET", "stripe/events") if one["type"] == kind]
    return event


async def test_only_what_was_asked_for_is_sent(shop: Shop) -> None:
    await shop.paid()
    await shop.settled()
    assert shop.hook.types == [DONE]
    assert len(shop.book.kinds["events"]) == 4


async def test_an_event_is_sent_until_a_2xx_and_is_the_same_each_time(shop: Shop) -> None:
    shop.hook.statuses = [500, 302]
    await shop.paid()
    for pause in (1.0, 2.0):
        await until(lambda pause=pause: pause in shop.stage.clock.naps)
        shop.stage.clock.advance(pause)
    await until(lambda: len(shop.hook.events) == 3)
    await shop.settled()
    assert shop.hook.events[0] == shop.hook.events[1] == shop.hook.events[2]
    assert [header.partition(",")[0] for header in shop.hook.headers] == [f"t={1_800_000_000 + n}" for n in (0, 1, 3)]
    seen = await told(shop, DONE)
    assert seen["delivery"] == {"attempts": 3, "delivered": 1, "last_status": 200, "fault": None}


async def test_the_pauses_grow_to_an_hour_and_end_after_three_days(shop: Shop) -> None:
    shop.hook.statuses = [500] * 200
    await shop.paid()
    doubling, hourly = [2.0**n for n in range(12)], [3600.0] * 71
    assert sum(doubling + hourly[1:]) < 3 * 86_400 <= sum(doubling + hourly)
    for pause in doubling + hourly:
        await until(lambda pause=pause: pause in shop.stage.clock.naps, f"a pause of {pause} s")
        shop.stage.clock.advance(pause)
    await shop.settled()
    assert (await told(shop, DONE))["delivery"]["attempts"] == 12 + 71


async def test_every_secret_signs(shop: Shop) -> None:
    url = webhook(shop)
    await shop.do("webhook", url=url, secrets=["whsec_new", SECRET])
    await shop.paid()
    await shop.settled()
    shop.hook.secret = "whsec_new"
    await shop.paid()
    await shop.settled()
    assert shop.hook.types.count(DONE) == 2
    assert all(header.count("v1=") == 2 for header in shop.hook.headers)


async def test_events_wait_for_a_webhook(shop: Shop) -> None:
    url = webhook(shop)
    await shop.stage.api("DELETE", "stripe/webhook")
    await shop.paid()
    await until(lambda: shop.delivery.under_way == 4)
    assert shop.hook.events == []
    await shop.do("webhook", url=url, secrets=[SECRET])
    await shop.hook.wait_for(DONE)
    await shop.settled()


async def test_dropped_and_delivered_again_by_hand(shop: Shop) -> None:
    await shop.fault(on="event", type=DONE, do="drop", count=1)
    await shop.paid()
    await shop.settled()
    seen = await told(shop, DONE)
    assert (seen["delivery"]["attempts"], seen["delivery"]["fault"]) == (0, "drop")
    assert shop.hook.events == []
    await shop.do(f"events/{seen['id']}/redeliver")
    await shop.hook.wait_for(DONE)
    assert shop.hook.events[0]["id"] == seen["id"]


async def test_doubled(shop: Shop) -> None:
    await shop.fault(on="event", type=DONE, do="duplicate")
    await shop.paid()
    await shop.settled()
    assert shop.hook.types == [DONE, DONE]
    assert shop.hook.events[0]["id"] == shop.hook.events[1]["id"]


async def test_a_refund_before_the_completion_it_belongs_to(shop: Shop) -> None:
    await shop.fault(on="event", type=DONE, do="delay", delay_ms=5000)
    intent = (await shop.paid())["payment_intent"]
    await shop.v1.refunds.create_async({"payment_intent": intent})
    await shop.hook.wait_for(REFUNDED)
    assert shop.hook.types == [REFUNDED]
    shop.stage.clock.advance(5)
    await shop.hook.wait_for(DONE)


async def test_reordered(shop: Shop) -> None:
    await shop.fault(on="event", type=DONE, do="reorder", count=1)
    intent = (await shop.paid())["payment_intent"]
    await shop.v1.refunds.create_async({"payment_intent": intent})
    await until(lambda: len(shop.hook.events) == 2)
    assert shop.hook.types == [REFUNDED, DONE]
    await shop.fault(on="event", type=DONE, do="reorder", count=1)
    await shop.paid()
    await until(lambda: 1.0 in shop.stage.clock.naps)
    shop.stage.clock.advance(1.0)
    await until(lambda: len(shop.hook.events) == 3)


async def test_wrong_faults_are_refused_by_field(shop: Shop) -> None:
    for rule, field in (
        ({"on": "moon"}, "on"),
        ({"on": "event", "do": "500"}, "do"),
        ({"on": "event", "do": "delay"}, "delay_ms"),
        ({"on": "call", "do": "500", "call": "POST /v1/refund"}, "call"),
    ):
        with pytest.raises(RefusedError) as refused:
            await shop.fault(**rule)
        assert refused.value.body["field"] == f"faults[0].{field}"
    await shop.fault(on="call", call="POST /v1/refunds", do="500")
    shown = await shop.stage.api("GET", "stripe/faults")
    assert shown["faults"][0]["call"] == "post /v1/refunds"
    assert await shop.stage.api("DELETE", "stripe/faults") == {"faults": []}


async def test_the_webhook_of_the_settings(start: Callable[..., Awaitable[Stage]]) -> None:
    stage = await start(stripe_webhook_url="http://127.0.0.1:9/none", stripe_webhook_secret="whsec_mine")
    assert (await stage.api("GET", "stripe"))["webhook"] == {
        "url": "http://127.0.0.1:9/none",
        "secrets": 1,
        "events": ["*"],
    }
    endpoint = stage.sandbox.stripe.delivery.endpoint
    assert endpoint is not None
    assert endpoint.secrets == ("whsec_mine",)


async def test_it_stops_with_deliveries_hanging(shop: Shop) -> None:
    shop.hook.gate.clear()
    await shop.paid()
    await until(lambda: len(shop.hook.events) == 1)
    async with asyncio.timeout(2):
        await shop.delivery.close()
    assert shop.delivery.under_way == 0
