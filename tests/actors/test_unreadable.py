"""What one message may hold: none of it passes for an outage or holds up a neighbour."""

import asyncio
from typing import Any

import pytest
from stage.app import Account, Accounts
from stage.language import Deposit

from actors.actor import Actor
from actors.clock import SystemClock
from actors.engine import async_handlers, settlement
from actors.engine import delivery as delivery_module
from actors.engine.delivery import Delivery, local
from actors.engine.turn_result import TurnResult
from actors.engine.turns import Turns
from actors.storable import headers_of
from actors.turn import Turn
from contracts.envelope import LENGTH_MAX, Envelope, first_envelope
from contracts.message import type_name_of_subject

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
    "an answer to no subject": (_BODY, _with_id("m") | {"ce-replyto": "_INBOX_test.a b"}),
}


def _raw(subject: bytes, headers: bytes = b"") -> bytes:
    """Return a publish as it goes over the wire: what no client library would send."""
    if not headers:
        return b"PUB %b %d\r\n%b\r\n" % (subject, len(_BODY), _BODY)
    sizes = (len(headers), len(headers) + len(_BODY))
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (subject, *sizes, headers, _BODY)


UNDECODABLE = {
    "a subject that is not UTF-8": _raw(b"stage.cmd.\xff.deposit"),
    "headers without their first line": _raw(b"stage.cmd.evil.deposit", b"\r\n"),
    "headers that end too early": _raw(b"stage.cmd.evil.deposit", b"NATS/1.0"),
}
READABLE = {
    "a status that is not UTF-8": _raw(b"stage.cmd.evil.deposit", b"NATS/1.0 \xff\xff\xff\r\n\r\n"),
    "a form feed in the subject": _raw(b"stage.cmd.e\x0cvil.deposit"),
    "a vertical tab in the subject": _raw(b"stage.cmd.e\x0bvil.deposit"),
    "a NUL in the subject": _raw(b"stage.cmd.e\x00vil.deposit"),
    "headers that begin like the server's own": _raw(b"stage.cmd.evil.deposit", b"NATS/1.0 409\r\n\r\n"),
}

REFUSED = {
    "a NUL in its key": ("e\x00vil", b'{"account":"e\\u0000vil","amount":1}'),
    "a number beyond bigint": ("evil", b'{"account":"evil","amount":%d}' % 2**63),
    "a row that the database forbids": ("evil", b'{"account":"evil","amount":13}'),
    "an amount that makes the sum too large": ("evil", b'{"account":"evil","amount":%d}' % (2**63 - 1)),
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


async def _send_raw(stage: Any, raw: bytes) -> None:
    host, port = stage.nats_server.url.removeprefix("nats://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b'CONNECT {"verbose":false,"headers":true}\r\n' + raw + b"PING\r\n")
    await reader.readuntil(b"PONG")
    writer.close()
    assert (await stage.js.stream_info("STAGE_CMD")).state.messages


@pytest.mark.parametrize("raw", UNDECODABLE.values(), ids=UNDECODABLE)
async def test_what_the_client_cannot_decode_does_not_stop_it_and_is_put_aside(stage: Any, raw: bytes) -> None:
    await _send_raw(stage, raw)
    await _send_neighbours(stage, 0)
    await stage.start()
    letter = await stage.until(lambda: _letter(stage))
    await stage.until(stage.settled)
    assert letter["error"].startswith("UnreadableMessageError: the ")
    assert len(await stage.balances()) == NEIGHBOURS


@pytest.mark.parametrize("raw", READABLE.values(), ids=READABLE)
async def test_what_merely_looks_strange_does_not_stop_the_client(stage: Any, raw: bytes) -> None:
    await _send_raw(stage, raw)
    await _send_neighbours(stage, 0)
    await stage.start()
    await stage.until(stage.settled)
    assert set(await stage.balances()) >= {f"a{number}" for number in range(NEIGHBOURS)}


@pytest.mark.parametrize(("account", "body"), REFUSED.values(), ids=REFUSED)
async def test_what_postgres_refuses_is_put_aside_after_its_tries_and_alone(
    stage: Any, monkeypatch: pytest.MonkeyPatch, account: str, body: bytes
) -> None:
    monkeypatch.setattr(settlement, "_BACKOFF_SECONDS", (0.01,))
    await stage.connection.execute("insert into accounts values ('evil', 1)")
    await _send_neighbours(stage, 0)
    await stage.js.publish(f"stage.cmd.{account}.deposit", body)
    await _send_neighbours(stage, NEIGHBOURS)
    await stage.start()
    letter = await stage.until(lambda: _letter(stage))
    await stage.until(stage.settled)
    assert letter["attempts"] == settlement.TRIES_MAX
    assert set(await stage.balances()) == {"evil", *(f"a{number}" for number in range(2 * NEIGHBOURS))}
    consumer = await stage.js.consumer_info("STAGE_CMD", "stage")
    assert consumer.delivered.consumer_seq == 2 * NEIGHBOURS + settlement.TRIES_MAX, "a neighbour was delivered again"


class _Unfindable(Accounts):
    def key(self, message: Any, field: str | None = None) -> str:
        if message.account == "evil":
            raise TimeoutError("a key without a number")
        return super().key(message, field)


async def _wait(command: Deposit, account: Account, turn: Turn) -> None:
    account.balance += command.amount
    if command.account == "cancelled":
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        never.cancel()
        await never
    if command.account == "late":
        raise TimeoutError("it took too long")
    if command.account == "hanging":
        await asyncio.Event().wait()


@pytest.mark.parametrize("account", ["evil", "cancelled", "late", "hanging"])
async def test_what_a_key_or_a_handler_raises_is_no_outage(
    pool: Any, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a TimeoutError, not an OSError: these only the driver may say. Nor does it end the lane."""
    monkeypatch.setattr(async_handlers, "HANDLER_SECONDS_MAX", 0.2)
    actor = Actor("stage")
    actor.on(Deposit)(_wait)
    actor.keep(_Unfindable())
    turns = Turns(actor, pool=pool, clock=SystemClock())
    taken = await turns.take([_local(name) for name in ("ann", account, "bob")])
    assert [delivery.envelope.id for delivery, _ in taken.failed] == [account]
    assert [delivery.envelope.id for delivery in taken.done] == ["ann", "bob"]
    rows = await pool.fetch("select account, balance from accounts order by account")
    assert [tuple(row) for row in rows] == [("ann", 1), ("bob", 1)]


async def test_a_turn_that_is_cancelled_blames_nobody(pool: Any) -> None:
    begun = asyncio.Event()

    async def hang(command: Deposit, turn: Turn) -> None:
        begun.set()
        await asyncio.Event().wait()

    actor = Actor("stage")
    actor.on(Deposit)(hang)
    task = asyncio.create_task(Turns(actor, pool=pool, clock=SystemClock()).take([_local("ann")]))
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_message_for_which_there_is_no_memory_is_tried_again(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(contract: type[Deposit], body: bytes) -> Deposit:
        if body == b"large":
            raise MemoryError
        return Deposit(account="ann", amount=1)

    monkeypatch.setattr(delivery_module, "decode", decode)
    actor = Actor("stage")
    actor.on(Deposit)(_wait)
    actor.keep(Accounts())
    heard = [_delivery("stage.cmd.ann.deposit", body=body, identifier=body.decode()) for body in (b"large", b"small")]
    taken = await Turns(actor, pool=pool, clock=SystemClock()).take(heard)
    assert [(delivery.envelope.id, type(error)) for delivery, error in taken.failed] == [("large", MemoryError)]
    assert [delivery.envelope.id for delivery in taken.done] == ["small"]


async def test_a_firing_that_cannot_be_read_is_put_aside_like_any_message(stage: Any) -> None:
    await stage.start()
    await stage.js.publish("stage.due.count", b"[" * 5_000)
    letter = await stage.until(lambda: _letter(stage))
    assert (letter["type_name"], letter["attempts"]) == ("stage.due.count", 1)


async def test_an_answer_that_nats_refuses_holds_up_nobody(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service = await stage.start()
    publish = service.engine.loops["main"]._nc.publish

    answered: list[str] = []

    async def refusing(subject: str, *args: Any, **more: Any) -> None:
        if subject == "_INBOX_test.evil":
            raise ValueError("larger than NATS takes")
        answered.append(subject)
        await publish(subject, *args, **more)

    monkeypatch.setattr(service.engine.loops["main"]._nc, "publish", refusing)
    await stage.send(Deposit(account="evil", amount=1), "evil", reply_to="_INBOX_test.evil")
    await _send_neighbours(stage, 0)
    await stage.until(stage.settled)
    asked = [("_INBOX_test.evil", b"{}"), ("_INBOX_test.good", b"{}")]
    await service.engine.loops["main"]._finish(TurnResult(replies=asked))
    assert "_INBOX_test.good" in answered


async def test_a_message_with_a_status_header_is_a_message(stage: Any) -> None:
    """Not the server's word on a pull, which has no address for an acknowledgement."""
    await stage.start()
    headers = {"Status": "409", "Nats-Pending-Messages": "many"}
    await stage.js.publish("stage.cmd.evil.deposit", b"", headers=headers)
    await _send_neighbours(stage, 0)
    await stage.until(stage.settled)
    assert await _letter(stage)


def _local(account: str) -> Delivery:
    command = Deposit(account=account, amount=1)
    return local(command, first_envelope(command, identifier=account, time=SystemClock().now(), source="test"))


def _delivery(
    text: str, *, headers: dict[str, str] | None = None, body: bytes = b"{", identifier: str = ""
) -> Delivery:
    envelope = Envelope(id=identifier or text, type_name=type_name_of_subject(text), time=SystemClock().now())
    return Delivery(text, headers or {}, body, envelope)


async def _letter(stage: Any) -> Any:
    return await stage.connection.fetchrow("select * from dead_letters")
