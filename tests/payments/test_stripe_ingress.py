"""The endpoint for Stripe's events, and where they lead: real NATS and Postgres, the sandbox's Stripe (DOMAIN §6)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from nats.aio.client import Client
from web_stage import OLD_SECRET, SALE, SECRET, Stage, paid, signed

from contracts.payments import PurchaseState
from payments.web import metrics
from payments.web.webhook import BODY_BYTES_MAX

pytestmark = pytest.mark.services("payments")
S = PurchaseState


def counted(outcome: str) -> float:
    return metrics.WEBHOOK.labels(outcome)._value.get()


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
