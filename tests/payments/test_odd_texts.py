"""Texts that nobody can keep as they are: money is written down all the same, and one odd row stops no job (§6)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest
from aiohttp import web
from star_list import list_of
from till import NOON, World, reconciled, row
from web_stage import SECRET, Stage, paid, signed

from contracts.message import decode, encode
from contracts.payments import Provider, PurchaseState, RecordPayment, RecordRefund, RefundReason
from payments.domain.charge import ChargeState
from payments.domain.stripe_events import meaning
from payments.handlers.reconciliation_job import reconcile_changes
from payments.providers.star_rows import transaction
from payments.providers.stripe_client import StripeProvider
from payments.providers.telegram_stars import StarsProvider
from payments.store import reconciliation as store

pytestmark = pytest.mark.services("payments")

ODD = {"NUL": "x\x00", "half of a surrogate pair": "x\ud83d", "long": "x" * 5_000}
IDS = ("c", "c\x00", "c\ufffd", "c\ud83d", "c\ude00", "c" * 300, "c" * 299 + "d")


@pytest.fixture
async def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


def _payment(charge_id: str, payload: str = "sq1:x", **more: Any) -> RecordPayment:
    given: dict[str, Any] = {"player_id": 7, "provider": Provider.TELEGRAM, "amount": 10, "currency": "XTR"}
    return RecordPayment(charge_id=charge_id, payload=payload, paid_at=NOON, **(given | more))


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_a_payment_with_an_odd_payload_has_its_charge(world: World, text: str) -> None:
    await world.send(_payment("c1", text, currency=text[:2]))
    charge = await world.recorded("c1")
    assert charge is not None
    assert (charge.state, charge.amount) == (ChargeState.ORPHAN, 10)
    assert charge.payload == text.replace("\x00", "\ufffd").replace("\ud83d", "\ufffd")


async def test_charges_whose_ids_differ_in_what_cannot_be_kept_are_two(world: World) -> None:
    await world.send(*map(_payment, IDS))
    assert await world.value("select count(*) from charges") == len(IDS)
    await world.send(*map(_payment, IDS))
    assert await world.value("select count(*) from charges") == len(IDS), "heard again"
    refund = RecordRefund(
        player_id=7, provider=Provider.TELEGRAM, charge_id="c\x00", reason=RefundReason.PROVIDER, refunded_at=NOON
    )
    await world.send(refund)
    back = await world.value("select array_agg(id) from charges where state = 'REFUNDED'")
    assert back == [r'json:"c\u0000"']


def test_a_command_about_money_travels_and_is_the_same() -> None:
    for charge_id in IDS:
        payment = _payment(charge_id, "sq1:\x00")
        assert decode(RecordPayment, encode(payment)) == payment


# -- Telegram's list -----------------------------------------------------------------------------------


def _odd_rows(at: int) -> list[bytes]:
    user = (
        b'"type":"user","transaction_type":"invoice_payment","user":{"id":7,"first_name":"%b"},"invoice_payload":"%b"'
    )
    sale = b'{"id":"%b","amount":10,"date":%d,"source":{%b}}'
    return [
        sale % (b"r1", at, user % (b"Kim \xed\xa0\xbd", b"x")),
        sale % (b"r2", at, user % (b"Kim \\ud83d", b"x")),
        sale % (b"r3", at, user % (b"Kim", b"x\\u0000")),
        sale % (b"r4\\u0000", at, user % (b"Kim", b"x")),
        sale % (b"r4\\ud83d", at, user % (b"Kim", b"x")),
        sale % (b"r4\\ufffd", at, user % (b"Kim", b"x")),
        sale % (b"r" * 5_000, at, user % (b"Kim", b"x")),
        sale % (b"r5", at, user % (b"Kim", b"x") + b',"new":' + b"[" * 5_000 + b"]" * 5_000),
        sale % (b"r6", at, user % (b"Kim", b"x") + b',"new":1e400'),
        sale % (b"r7", at, user % (b"Kim", b"x")),
    ]


async def test_odd_rows_of_the_list_are_written_down_and_stop_nothing(world: World) -> None:
    rows = [transaction(msgspec.Raw(raw)) for raw in _odd_rows(int(NOON.timestamp()))]
    list_of(world, *rows)
    world.wait(minutes=15)
    run = await reconciled(world, reconcile_changes.due())
    assert run.repaired == len(rows)
    assert await world.value("select count(*) from charges where amount = 10 and player_id = 7") == len(rows)
    world.wait(minutes=15)
    assert (await reconciled(world, reconcile_changes.due())).repaired == 0


async def test_a_list_with_an_odd_row_is_read_to_its_end() -> None:
    async def answer(_: web.Request) -> web.Response:
        body = b'{"ok":true,"result":{"transactions":[%b]}}' % b",".join(_odd_rows(1_772_000_000))
        return web.Response(body=body, content_type="application/json")

    async with _serving(answer) as (session, base):
        found = await StarsProvider("1:x", session, base).star_transactions(0)
    assert [one.row_id for one in found][-1] == "r7"
    assert len({one.row_id for one in found}) == len(_odd_rows(1))
    assert {one.amount for one in found} == {10}


async def test_telegram_is_asked_to_refund_what_it_called_the_charge() -> None:
    asked: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((await request.json())["telegram_payment_charge_id"])
        return web.json_response({"ok": True, "result": True})

    async with _serving(answer) as (session, base):
        stars = StarsProvider("1:x", session, base)
        for charge_id in ("c1", _payment("c\x00").charge_id):
            await stars.refund_star_payment(7, charge_id)
    assert asked == ["c1", "c\ufffd"]


async def test_a_row_that_postgres_refuses_keeps_no_other_back(world: World) -> None:
    """Whatever it is: here an amount that no column takes."""
    list_of(world, *(row(f"r{number}", at=NOON, user_id=7, payload="x") for number in range(20)))
    world.stars.rows[7] = msgspec.structs.replace(world.stars.rows[7], amount=2**63)
    world.wait(minutes=15)
    await reconciled(world, reconcile_changes.due())
    assert await world.value("select count(*) from charges") == 19
    async with world.pool.acquire() as connection:
        cursor = await store.read_cursor(connection, Provider.TELEGRAM)
    assert cursor is not None
    assert cursor.position == 20


@asynccontextmanager
async def _serving(answer: Any) -> AsyncGenerator[tuple[aiohttp.ClientSession, str]]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield session, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


# -- Stripe --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [b"\xed\xa0\xbd", rb"\ud83d", rb"\u0000", b"\n"], ids=repr)
async def test_an_event_with_an_odd_text_is_money_all_the_same(stage: Stage, odd: bytes) -> None:
    session, body = await paid(stage)
    body = body.rstrip()[:-1] + b', "odd": "Kim ' + odd + b'"}'
    assert await stage.knock(body, signed(body, SECRET)) == 200
    await stage.becomes(session, PurchaseState.CREDITED)


@pytest.mark.parametrize(
    "odd",
    [
        {"amount_total": None}, {"amount_total": 2**70}, {"amount_total": "10"}, {"currency": None},
        {"metadata": [1]}, {"metadata": {"player_id": "9" * 40}}, {"payment_intent": "pi\x00"},
        {"payment_intent": 5, "charge": None, "id": None},
    ],
)  # fmt: skip
def test_whatever_is_odd_about_a_paid_session_it_is_a_payment(odd: dict[str, Any]) -> None:
    session = {"id": "cs_1", "payment_status": "paid", "payment_intent": "pi_1", "amount_total": 10, "currency": "eur"}
    for created in (1_772_000_000, 1_772_000_000.5, 10**15):
        event = {"created": created, "data": {"object": session | odd}}
        found = meaning("checkout.session.completed", msgspec.json.encode(event), NOON)
        assert isinstance(found, RecordPayment)
        assert 0 <= found.amount < 2**63
        assert found.player_id < 2**63


async def test_odd_rows_of_stripes_list_keep_no_other_back() -> None:
    def sale(number: int, **more: Any) -> dict[str, Any]:
        source = {"id": f"ch_{number}", "object": "charge", "amount": 10, "currency": "eur", "metadata": {"a": None}}
        given = {"id": f"txn_{number}", "object": "balance_transaction", "amount": 10, "created": 1_772_000_000}
        return given | {"reporting_category": "charge", "source": source} | more

    rows = [sale(1), sale(2, created=10**15), sale(3, amount="ten"), sale(4, source={"id": 4}), sale(5)]
    listed = msgspec.json.encode({"object": "list", "has_more": False, "url": "/v1/x", "data": rows})

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=listed.replace(b"txn_5", b"txn_5\xed"), content_type="application/json")

    async with _serving(answer) as (session, base):
        stripe = StripeProvider("sk_test_x", session, base)
        found = [one async for one in stripe.transactions_since(None)]
    assert [one.charge_id for one in found] == ["ch_1", "ch_5"]


def test_the_words_of_a_row_that_is_no_plain_json_can_be_kept() -> None:
    kept = transaction(msgspec.Raw(b'{"id":"a","amount":1,"date":1,"source":{"type":"other","x":"\xff"}}')).said
    assert kept == b'{"id":"a","amount":1,"date":1,"source":{"type":"other","x":"\xef\xbf\xbd"}}'
