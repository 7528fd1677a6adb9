"""What one message may hold: none of it passes for an outage, holds up a neighbour, or is too strange to keep."""

import asyncio
import json
from typing import Any

import pytest
from stage.language import Deposit

from actors import exits
from actors.clock import SystemClock
from actors.delivery import Delivery
from actors.logs import _render
from actors.storable import headers_of, storable, storable_headers
from contracts.envelope import LENGTH_MAX, Envelope

NEIGHBOURS = 20
_BODY = b'{"account":"evil","amount":1}'
_NESTED = b'{"account":"evil","amount":1,"more":' + b"[" * 5_000 + b"]" * 5_000 + b"}"


def _with_id(identifier: str) -> dict[str, str]:
    return {"ce-id": identifier, "ce-type": "stage.cmd.deposit", "ce-time": "2026-03-04T12:00:00+00:00"}


UNREADABLE = {
    "nested too deep": (_NESTED, None),
    "no JSON": (b"{", None),
    "not UTF-8": (b'{"account":"\xff","amount":1}', None),
    "half of a surrogate pair": (b'{"account":"\\ud800","amount":1}', None),
    "another type": (b'{"account":"evil","amount":"one"}', None),
    "a number beyond any": (b'{"account":"evil","amount":1' + b"0" * 5_000 + b"}", None),
    "a NUL in its id": (_BODY, _with_id("a\x00b")),
    "an id that is too long": (_BODY, _with_id("x" * (LENGTH_MAX + 1))),
    "an answer to no subject": (_BODY, _with_id("m") | {"ce-replyto": "a b c"}),
}

REFUSED = {
    "a NUL in its key": b'{"account":"a\\u0000b","amount":1}',
    "a number beyond bigint": b'{"account":"evil","amount":%d}' % 2**63,
    "a row that the database forbids": b'{"account":"evil","amount":13}',
    "an amount that makes the sum too large": b'{"account":"evil","amount":%d}' % (2**63 - 1),
}


async def _send_neighbours(stage: Any, start: int) -> None:
    for number in range(start, start + NEIGHBOURS):
        await stage.send(Deposit(account=f"a{number}", amount=1), f"good{number}")


@pytest.mark.parametrize(("body", "headers"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_put_aside_at_once_and_alone(
    stage: Any, body: bytes, headers: dict[str, str] | None
) -> None:
    await _send_neighbours(stage, 0)
    await stage.js.publish("stage.cmd.evil.deposit", body, headers=headers)
    await _send_neighbours(stage, NEIGHBOURS)
    await stage.start()
    letter = await stage.until(lambda: _letter(stage))
    await stage.until(stage.settled)
    assert letter["body"] == body
    assert headers is None or headers_of(letter["headers"]) == headers
    assert letter["attempts"] == 1
    assert set(await stage.balances()) == {f"a{number}" for number in range(2 * NEIGHBOURS)}
    assert await stage.connection.fetchval("select count(*) from dead_letters") == 1


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
async def test_what_postgres_refuses_is_put_aside_after_its_tries_and_alone(
    stage: Any, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(exits, "_BACKOFF_SECONDS", (0.01,))
    await stage.connection.execute("insert into accounts values ('evil', 1)")
    await _send_neighbours(stage, 0)
    await stage.js.publish("stage.cmd.evil.deposit", body)
    await _send_neighbours(stage, NEIGHBOURS)
    await stage.start()
    letter = await stage.until(lambda: _letter(stage))
    await stage.until(stage.settled)
    assert letter["attempts"] == exits.TRIES_MAX
    assert set(await stage.balances()) == {"evil", *(f"a{number}" for number in range(2 * NEIGHBOURS))}
    consumer = await stage.js.consumer_info("STAGE_CMD", "stage")
    assert consumer.delivered.consumer_seq == 2 * NEIGHBOURS + exits.TRIES_MAX, "a neighbour was delivered again"


async def test_an_answer_that_nats_refuses_holds_up_nobody(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service = await stage.start()
    publish = service.engine.loops["main"]._nc.publish

    async def refusing(subject: str, *args: Any, **more: Any) -> None:
        if subject == "_INBOX_test.evil":
            raise ValueError("larger than NATS takes")
        await publish(subject, *args, **more)

    monkeypatch.setattr(service.engine.loops["main"]._nc, "publish", refusing)
    await stage.send(Deposit(account="evil", amount=1), "evil", reply_to="_INBOX_test.evil")
    await _send_neighbours(stage, 0)
    await stage.until(stage.settled)


async def test_a_message_with_a_status_header_is_a_message(stage: Any) -> None:
    """Not the server's word on a pull, which has no address for an acknowledgement."""
    await stage.start()
    headers = {"Status": "409", "Nats-Pending-Messages": "many"}
    await stage.js.publish("stage.cmd.evil.deposit", b"", headers=headers)
    await _send_neighbours(stage, 0)
    await stage.until(stage.settled)
    assert await _letter(stage)


async def test_dead_letters_hold_whatever_there_is_and_a_refused_one_holds_up_no_other(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways_out = exits.Exits("stage", pool, SystemClock())
    strange = "a\x00b\ud800c"
    letters = [
        (_delivery(strange, headers={"x": strange}), ValueError(strange)),
        (_delivery("fine"), _UnsayableError()),
    ]
    keep = ways_out._keep

    async def refusing(some: Any) -> Any:
        if any(delivery.envelope.id == "refused" for delivery, _, _ in some):
            raise ValueError("not this one")
        return await keep(some)

    monkeypatch.setattr(ways_out, "_keep", refusing)
    again: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(exits, "_UNKEPT_SECONDS", 0.0)
    refused = _delivery("refused")
    notices = await ways_out.unreadable([*letters, (refused, ValueError())], again.set_result)
    assert await asyncio.wait_for(again, 5) is refused
    assert len(notices) == 2
    rows = await pool.fetch("select * from dead_letters order by id")
    assert [row["message_id"] for row in rows] == ["a\ufffdb\ufffdc", "fine"]
    assert rows[0]["subject"] == rows[0]["type_name"] == "a\ufffdb\ufffdc"
    assert headers_of(rows[0]["headers"]) == {"x": strange}
    assert rows[0]["error"] == "ValueError: a\ufffdb\ufffdc"
    assert rows[1]["error"].startswith("_UnsayableError: ")


def test_text_is_made_storable_and_headers_are_kept_as_they_are() -> None:
    assert storable("ä\x00\udcff\U0001f600") == "ä\ufffd\ufffd\U0001f600"
    assert storable("abc", length_max=2) == "ab"
    assert headers_of(storable_headers({"a": "\x00\udcff"})) == {"a": "\x00\udcff"}


def test_a_strange_message_can_be_logged() -> None:
    assert json.loads(_render({"id": "a\udcff"})) == {"id": "a\udcff"}


class _UnsayableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def _delivery(text: str, *, headers: dict[str, str] | None = None) -> Delivery:
    envelope = Envelope(id=text, type_name=text, time=SystemClock().now())
    return Delivery(text, headers or {}, b"{", envelope)


async def _letter(stage: Any) -> Any:
    return await stage.connection.fetchrow("select * from dead_letters")
