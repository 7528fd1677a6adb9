"""Bytes that are no UTF-8, halves of surrogate pairs, NUL: every update is kept, and none stops anything."""

import json
import re
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec
import pytest
from aiohttp import web
from tests.gateway.conftest import NOW, PLAYER, Desk
from tests.gateway.test_payments import MONEY, note, row
from tests.gateway.test_polling import Lock, Stream, Telegram, poll, telegram
from tests.gateway.test_webhook_ingress import FakePublisher, door, knock, stream

from contracts.gateway import TelegramPaymentUpdate, TelegramUpdate
from contracts.message import decode
from contracts.payments import RecordPayment, RecordRefund
from devstack.databases import Database
from gateway import store
from gateway.domain.effects import AnswerPreCheckout
from gateway.ingress.addressing import BYTES_MAX, Address, NotAnUpdateError, address, read_address
from gateway.telegram.session import LeanSession

__all__ = ["door", "stream", "telegram"]

FROM = b'"from":{"id":7,"is_bot":false,"first_name":"%b"},"chat":{"id":7,"type":"private"}'
MENDED = {
    "bytes that are no UTF-8": b"Kim \xed\xa0\xbd",
    "half of a surrogate pair": b"Kim \\ud83d",
    "the other half": b"\\ude00",
    "NUL": b"Kim \\u0000",
    "a raw NUL": b"Kim \x00",
    "a line break": b"Kim\n",
    "an unknown escape": b"Kim \\q",
}


def _update(name: bytes, number: int = 5, more: bytes = b"") -> bytes:
    return b'{"update_id":%d,"message":{"message_id":1,"date":1,%b,"text":"hi"%b}}' % (number, FROM % name, more)


@pytest.mark.parametrize("name", MENDED.values(), ids=MENDED)
async def test_an_odd_character_is_kept_as_ufffd_and_answered(
    door: Any, stream: FakePublisher, desk: Desk, name: bytes
) -> None:
    raw = _update(name)
    assert (await knock(door, raw)).status == 200
    ((subject, headers, body),) = stream.stored
    assert (subject, headers["ce-id"]) == ("gateway.update.message.7", "tg:5")
    update = decode(TelegramUpdate, body)
    assert msgspec.json.decode(update.update)["message"]["text"] == "hi"
    decision = await desk.hear(update)
    assert row(decision).status == "handled"
    assert desk.chat.first_name.replace("Kim", "").strip(" \ufffdq\n") == ""


def _said(message: bytes) -> bytes:
    return b'{"update_id":5,"message":%b}' % message


ANNA = b'{"from":{"id":7},'
ADDRESSES = {
    "a byte order mark": (b"\xef\xbb\xbf" + _update(b"Kim"), Address(5, "message", 7, False)),
    "ids as fractions": (b'{"update_id":5.0,"message":{"from":{"id":7.0}}}', Address(5, "message", 7, False)),
    "no kind": (b'{"update_id":5}', Address(5, "unknown", 0, False)),
    "a kind that is no word": (b'{"update_id":5,"Message":{}}', Address(5, "unknown", 0, False)),
    "a kind with a line break": (b'{"update_id":5,"message\\n":{}}', Address(5, "unknown", 0, False)),
    "a kind that brings nothing": (_said(b"null"), Address(5, "message", 0, False)),
    "a stray member first": (b'{"trace":"\xff","update_id":5,"poll":{"user":{"id":7}}}', Address(5, "poll", 7, False)),
    "a stray object first": (
        b'{"update_id":5,"trace":{"from":{"id":9}},"message":{"from":{"id":7}}}', Address(5, "message", 7, False)
    ),
    "a stray object first, and bytes": (
        b'{"update_id":5,"trace":{"a":"\xff"},"message":' + ANNA + b'"successful_payment":{}}}',
        Address(5, "message", 7, True),
    ),
    "money that is nothing": (_said(ANNA + b'"successful_payment":null}'), Address(5, "message", 7, False)),
    "money that is nothing, and bytes": (
        _said(ANNA + b'"text":"\xff","refunded_payment":null}'), Address(5, "message", 7, False)
    ),
    "an update id twice": (b'{"update_id":4,"message":{},"update_id":5}', Address(5, "message", 0, False)),
    "a player beyond 64 bits": (_said(b'{"from":{"id":92233720368547758080}}'), Address(5, "message", 0, False)),
    "a player that is a text": (_said(b'{"from":{"id":"7"}}'), Address(5, "message", 0, False)),
    "a sender that is none": (_said(b'{"from":[7]}'), Address(5, "message", 0, False)),
    "nesting": (_said(ANNA + b'"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"), Address(5, "message", 7, False)),
    "a number without end": (_said(ANNA + b'"a":1' + b"0" * 9_000 + b"}"), Address(5, "message", 7, False)),
    "a text without end": (_update(b"\xff" * 900_000), Address(5, "message", 7, False)),
    "members without end": (_update(b"Kim", more=b',"a":[' + b"{}," * 3**11 + b"{}]"), Address(5, "message", 7, False)),
    "refund of nobody": (_said(b'{"chat":{"id":%d},"refunded_payment":{}}' % (2**63,)), Address(5, "message", 0, True)),
    "an odd payment": (_said(ANNA + b'"successful_payment":{"x":"\\ud83d"}}'), Address(5, "message", 7, True)),
    "cut off": (_update(b"Kim")[:60], Address(5, "message", 0, False)),
    "money, cut off": (_said(ANNA + b'"successful_payment":{"x"')[:-1], Address(5, "message", 0, True)),
    "no JSON, the id twice": (b'{"update_id":5,"update_id":6,"message":{"id":01}}', Address(5, "unknown", 0, False)),
    "no JSON further on": (b'{"update_id":5,"callback_query":{"id":01}}', Address(5, "callback_query", 0, False)),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "seen"), ADDRESSES.values(), ids=ADDRESSES)
def test_whatever_has_an_update_id_has_an_address(raw: bytes, seen: Address) -> None:
    found, kept = address(raw)
    assert found == seen
    assert len(kept) <= BYTES_MAX
    assert read_address(kept) == seen or found.is_payment


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"5", b"[]", b"{}", b'"update_id"', b'{"update_id":"5","message":{}}', b'{"update_id":true,"message":{}}',
        b'{"update_id":-1,"message":{}}', b'{"update_id":1.5,"message":{}}', b'{"update_id":null}',
        b'{"update_id":{"update_id":5}}', b'{"message":{"update_id":5}}', b'{"update_id":4611686018427387904}',
        b'{"update_id":99999999999999999999,"message":{', b"\xff\xfe{\x00", b'{"update_id"',
    ],
)  # fmt: skip
async def test_what_has_none_is_answered_counted_and_nothing_more(door: Any, stream: FakePublisher, raw: bytes) -> None:
    with pytest.raises(NotAnUpdateError):
        read_address(raw)
    assert (await knock(door, raw)).status == 200
    assert stream.stored == []


# -- long polling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MENDED.values(), ids=MENDED)
async def test_an_odd_row_in_a_list_stops_neither_the_list_nor_the_polling(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any], name: bytes
) -> None:
    fake, session = telegram
    rows = [_update(b"Anna", 10), _update(name, 11), b"5", b'{"update_id":"x"}', _update(b"Ben", 12)]

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/getUpdates"):
            offset = (await request.json())["offset"]
            fake.offsets.append(offset)
            due = [one for one in rows if int((re.findall(rb'"update_id":(\d+)', one) or [b"99"])[0]) >= offset]
            body = b'{"ok":true,"result":[%b]}' % (b",".join(due) if offset < 13 else b"")
            return web.Response(body=body, content_type="application/json")
        return web.json_response({"ok": True, "result": True})

    fake.handle_with = answer
    kept = Stream()
    polling = poll(session, kept, Lock())
    await polling.start()
    await wait_until(lambda: fake.offsets and fake.offsets[-1] == 13, "the last row confirmed")
    await polling.stop()
    assert kept.stored == ["tg:10", "tg:11", "tg:12"]


# -- money ---------------------------------------------------------------------------------------------

ODD_MONEY = {
    "NUL in the payload": (rb'"invoice_payload":"sq1:\u0000"', {"payload": "sq1:\ufffd"}),
    "half a pair in the payload": (rb'"invoice_payload":"sq1:\ud83d"', {"payload": "sq1:\ufffd"}),
    "no UTF-8 in the payload": (b'"invoice_payload":"sq1:\xed"', {"payload": "sq1:\ufffd"}),
    "NUL in the charge": (rb'"telegram_payment_charge_id":"st\u0000"', {"charge_id": r'json:"st\u0000"'}),
    "half a pair in the charge": (rb'"telegram_payment_charge_id":"st\ud83d"', {"charge_id": r'json:"st\ud83d"'}),
    "an amount beyond 64 bits": (b'"total_amount":92233720368547758080', {"amount": 0}),
    "an amount that is a text": (b'"total_amount":"ten"', {"amount": 0}),
    "an amount as a fraction": (b'"total_amount":10.0', {"amount": 10}),
    "no currency": (b'"currency":null', {"currency": ""}),
}


def _paid(odd: bytes) -> bytes:
    parts = json.dumps(MONEY).encode()[:-1] + b"," + odd + b"}"
    return b'{"update_id":9,"message":{"message_id":3,"date":1772000000,%b,"successful_payment":%b}}' % (
        FROM % b"K",
        parts,
    )


@pytest.mark.parametrize(("odd", "said"), ODD_MONEY.values(), ids=ODD_MONEY)
async def test_money_is_written_down_whatever_its_texts_are(
    door: Any, stream: FakePublisher, desk: Desk, odd: bytes, said: dict[str, Any]
) -> None:
    assert (await knock(door, _paid(odd))).status == 200
    ((subject, _, body),) = stream.stored
    assert subject == "gateway.payment.message.7"
    decision = await desk.hear(decode(TelegramPaymentUpdate, body))
    payment = decision.only(RecordPayment)
    assert {name: getattr(payment, name) for name in said} == said
    assert row(decision).status == "handled"


async def test_charges_that_differ_in_what_cannot_be_kept_are_two(door: Any, stream: FakePublisher, desk: Desk) -> None:
    ids = (rb"st\u0000", rb"st\ud83d", rb"st\ude00", rb"st\ufffd", b"st\xed", rb"st\udced", b"st")
    for one in ids:
        assert (await knock(door, _paid(b'"telegram_payment_charge_id":"%b"' % one))).status == 200
    bodies = [decode(TelegramPaymentUpdate, body) for _, _, body in stream.stored]
    charges = {(await desk.hear(body)).only(RecordPayment).charge_id for body in bodies}
    assert len(charges) == len(ids)


async def test_a_payment_without_a_charge_is_written_down_as_what_it_is(desk: Desk) -> None:
    for money in ({"total_amount": 1}, 5, {}):
        raw = msgspec.json.encode({"update_id": 9, "message": note(successful_payment=money)})
        update = TelegramPaymentUpdate(
            update_id=9, player_id=PLAYER, kind="message", update=msgspec.Raw(raw), received_at=NOW
        )
        payment = (await desk.hear(update)).only(RecordPayment)
        assert re.fullmatch("unreadable:[0-9a-f]{64}", payment.charge_id)


async def test_a_refund_without_a_charge_is_said_so(desk: Desk) -> None:
    raw = msgspec.json.encode({"update_id": 9, "message": note(refunded_payment={"total_amount": 1})})
    update = TelegramPaymentUpdate(
        update_id=9, player_id=PLAYER, kind="message", update=msgspec.Raw(raw), received_at=NOW
    )
    decision = await desk.hear(update)
    assert (row(decision).status, [one for one in decision.emitted if isinstance(one, RecordRefund)]) == (
        "unreadable", [],
    )  # fmt: skip


async def test_an_odd_pre_checkout_is_answered(desk: Desk) -> None:
    query = {"id": "pc1", "from": {"id": "x"}, "total_amount": 1.5, "currency": 1}
    raw = msgspec.json.encode({"update_id": 9, "pre_checkout_query": query})
    update = TelegramPaymentUpdate(
        update_id=9, player_id=PLAYER, kind="pre_checkout_query", update=msgspec.Raw(raw), received_at=NOW
    )
    (effect,) = (await desk.hear(update)).effects
    assert isinstance(effect, AnswerPreCheckout)
    assert (effect.query_id, effect.payload, effect.amount, effect.currency) == ("pc1", "", 0, "")


@pytest.mark.parametrize("query_id", ["", "x" * 65, "a b", "ä", "a\nb"])
async def test_a_pre_checkout_that_nobody_can_answer_is_said_so(desk: Desk, query_id: str) -> None:
    raw = msgspec.json.encode({"update_id": 9, "pre_checkout_query": {"id": query_id, "from": {"id": PLAYER}}})
    update = TelegramPaymentUpdate(
        update_id=9, player_id=PLAYER, kind="pre_checkout_query", update=msgspec.Raw(raw), received_at=NOW
    )
    decision = await desk.hear(update)
    assert (decision.effects, row(decision).status) == ([], "unreadable")


# -- what is read narrowly -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"first_name": 5}, {"username": None}, {"language_code": ["de"]}, {"is_bot": "no"}, {"first_name": None},
    ],
)  # fmt: skip
async def test_an_odd_field_of_a_player_is_as_if_it_were_not_there(desk: Desk, odd: dict[str, Any]) -> None:
    person = {"id": PLAYER, "is_bot": False, "first_name": "Anna"} | odd
    tap = {"id": "q1", "from": person, "chat_instance": "1", "data": "h", "message": {"message_id": 2**70, "chat": 7}}
    decision = await desk.update("callback_query", tap)
    assert (row(decision).status, row(decision).chat_id) == ("handled", 0)


@pytest.mark.parametrize("query_id", ["a b", "a:b", "ä", "x" * 65, "", "a\r\nce-id: b"])
async def test_a_tap_whose_id_cannot_travel_is_heard_without_it(desk: Desk, query_id: str) -> None:
    chat = {"id": PLAYER, "type": "private"}
    message = {"message_id": 50, "chat": chat}
    person = {"id": PLAYER, "is_bot": False, "first_name": "Anna"}
    decision = await desk.update("callback_query", {"id": query_id, "from": person, "data": "x", "message": message})
    assert decision.origins
    assert all(re.fullmatch(r"[!-~]*", origin) for origin in decision.origins)


# -- the log of dead letters ---------------------------------------------------------------------------


@pytest.mark.services("gateway")
async def test_one_odd_dead_letter_keeps_no_other_from_its_line(database: Database) -> None:
    letters = [
        ("tg:1", b'{"player_id": 7, "kind": "message", "update": {}}'),
        ("tg:2", b'{"player_id": 7, "kind": "message", "update": {"text": "Kim \xed\xa0\xbd"}}'),
        ("tg:3", b'{"player_id": 7, "kind": "mess\\ud83d\\u0000age"}'),
        ("tg:4", b'{"player_id": 99999999999999999999, "kind": 5}'),
        ("tg:5", b"\x00"),
        ("tg:6", b"[" * 100_000),
        ("tg:9999999999999999999", b"{}"),
        ("tg:99999999999999999999999", b"{}"),
        ("tg:7", b'{"player_id": 7, "kind": "message"}'),
    ]
    sql = """insert into dead_letters (message_id, type_name, subject, headers, body, error, attempts, received_at)
             values ($1, 'gateway.update', 's', '', $2, 'x', 5, $3)"""
    connection = await asyncpg.connect(database.dsn("gateway"))
    try:
        await connection.executemany(sql, [(*letter, NOW) for letter in letters])
        for _ in range(2):
            await store.log_dead_updates(connection)
        rows = await connection.fetch("select update_id, player_id, kind, status from updates order by 1")
    finally:
        await connection.close()
    assert [tuple(one) for one in rows] == [
        (1, 7, "message", "failed"), (2, 7, "message", "failed"), (3, 7, "mess\ufffd\ufffdage", "failed"),
        (4, 0, "", "failed"), (5, 0, "", "failed"), (6, 0, "", "failed"), (7, 7, "message", "failed"),
    ]  # fmt: skip
