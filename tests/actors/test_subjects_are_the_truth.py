"""What a message is follows from the subject it came on; whatever else says otherwise makes it a dead letter."""

import json
from typing import Any

import pytest
from stage.app import actor, count
from stage.language import Deposit, Move, RingLater

from actors.engine.delivery import local
from actors.testing import NOON, decide
from actors.turn import Turn
from contracts.envelope import Envelope, first_envelope
from contracts.message import encode

DEPOSIT = b'{"account": "ann", "amount": 7}'


async def _letter(stage: Any, identifier: str) -> Any:
    return await stage.until(
        lambda: stage.connection.fetchrow("select * from dead_letters where message_id = $1", identifier)
    )


@pytest.mark.parametrize(
    ("subject", "headers", "body", "error"),
    [
        (
            "stage.cmd.ann.move",
            {"ce-type": "stage.cmd.deposit"},
            DEPOSIT,
            "header says stage.cmd.deposit, subject says",
        ),
        ("stage.evt.ann.rang", {"ce-type": "stage.cmd.deposit"}, DEPOSIT, "subject says stage.evt.rang"),
        ("stage.due.count", {"ce-type": "stage.cmd.deposit"}, DEPOSIT, "subject says stage.due.count"),
        ("stage.cmd.ann.move", {"ce-type": "stage.due.count"}, b"{}", "subject says stage.cmd.move"),
        ("stage.cmd.bob.deposit", {}, DEPOSIT, "the body is not for stage.cmd.bob.deposit"),
        ("stage.cmd.deposit", {}, DEPOSIT, "the body is not for stage.cmd.deposit"),
        ("stage.cmd.ann.ann.deposit", {}, DEPOSIT, "the body is not for stage.cmd.ann.ann.deposit"),
        ("stage.due.cmd.bob.deposit.soon", {}, DEPOSIT, "the body is not for stage.due.cmd.bob.deposit.soon"),
        ("stage.cmd.ann.deposit", {"ce-replyto": "stage.evt.ann.rang"}, DEPOSIT, "stage.evt.ann.rang is no inbox"),
        ("stage.cmd.ann.deposit", {"ce-replyto": "_INBOX_stage.>"}, DEPOSIT, "is no inbox"),
        ("stage.cmd.ann.deposit", {"ce-replyto": "_INBOX"}, DEPOSIT, "is no inbox"),
    ],
)
async def test_a_message_that_is_not_what_its_subject_says_is_put_aside(
    stage: Any, subject: str, headers: dict[str, str], body: bytes, error: str
) -> None:
    await stage.start()
    await stage.js.publish(subject, body, headers={"ce-id": "m1", **headers})
    letter = await _letter(stage, "m1")
    assert error in letter["error"]
    assert letter["type_name"].startswith("stage.")
    await stage.until(stage.settled)
    assert await stage.balances() == {}
    assert await stage.connection.fetchval("select count(*) from inbox") == 0
    request = json.dumps({"request_id": "again"}).encode()
    answer = json.loads((await stage.nc.request("admin.stage.dead_letter.replay.mira", request, timeout=5)).data)
    assert answer["replayed"] == []
    assert error in answer["failed"][str(letter["id"])]


async def test_no_message_from_a_stream_is_an_operator_s(stage: Any) -> None:
    await stage.start()
    origin = {"ce-origin": "admin:mira"}
    claimed = "admin:stage.account.give:r1"
    await stage.js.publish("stage.cmd.ann.deposit", DEPOSIT, headers={"ce-id": claimed, **origin})
    assert "is an operator's own" in (await _letter(stage, claimed))["error"]
    for identifier in ("m1", f"{claimed}/1"):
        await stage.js.publish("stage.cmd.ann.deposit", DEPOSIT, headers={"ce-id": identifier, **origin})
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 14}
    assert await stage.connection.fetchval("select count(*) from audit") == 0
    # The id was not taken: the operator's own request under it acts.
    request = json.dumps({"request_id": "r1", "account": "ann", "amount": 1}).encode()
    answer = await stage.nc.request("admin.stage.account.give.mira", request, timeout=5)
    assert json.loads(answer.data) == {"balance": 15}


async def test_a_letter_does_not_become_another_by_being_replayed(stage: Any) -> None:
    """An effect cannot be put in by a message that calls itself one, nor by a row that was tampered with."""
    await stage.start()
    effect = {
        "lane": "ann",
        "priority": "0",
        "envelope": json.dumps({"id": "x", "type_name": "y", "time": "2026-03-04T12:00:00Z"}),
    }
    headers = {"ce-id": "m1", "ce-type": "effect.Ring", **effect}
    await stage.js.publish("stage.cmd.ann.move", b'{"account": "ann", "number": 1}', headers=headers)
    letter = await _letter(stage, "m1")
    assert letter["type_name"] == "stage.cmd.move"
    for type_name in ("effect.Ring", "stage.cmd.deposit"):
        await stage.connection.execute("update dead_letters set type_name = $1, body = $2", type_name, DEPOSIT)
        request = json.dumps({"request_id": type_name}).encode()
        answer = json.loads((await stage.nc.request("admin.stage.dead_letter.replay.mira", request, timeout=5)).data)
        assert f"the letter says {type_name}" in answer["failed"][str(letter["id"])]
    assert await stage.balances() == {}
    assert await stage.connection.fetchval("select count(*) from effects") == 0


async def test_a_local_message_is_replayed_as_what_its_row_says(stage: Any) -> None:
    """It never had a subject: a job's command, an effect's result."""
    service = await stage.start()
    message = Deposit(account="ann", amount=666)
    envelope = first_envelope(message, identifier="job:1", time=NOON, source="stage")
    loop = service.engine.loops["main"]
    loop.offer_hopeless(local(message, envelope), ValueError("for the test"))
    letter = await _letter(stage, "job:1")
    assert (letter["subject"], letter["type_name"]) == ("", "stage.cmd.deposit")
    await stage.connection.execute("update dead_letters set body = $1", encode(Deposit(account="ann", amount=3)))
    request = json.dumps({"request_id": "again"}).encode()
    answer = json.loads((await stage.nc.request("admin.stage.dead_letter.replay.mira", request, timeout=5)).data)
    assert answer["replayed"] == [letter["id"]]
    assert await stage.balances() == {"ann": 3}


async def test_a_timer_fires_on_a_subject_that_says_what_it_is(stage: Any) -> None:
    await stage.start()
    await stage.send(RingLater(account="ann", seconds=1.5), "m1")
    await stage.until(stage.settled)
    stored = await stage.js.get_last_msg("STAGE_TIMER", "stage.timer.ring-ann")
    assert stored.headers["Nats-Schedule-Target"] == "stage.due.cmd.ann.ring_later.ring-ann"
    await stage.until(lambda: stage.connection.fetchval("select count(*) = 3 from bells"))
    assert await stage.connection.fetchval("select count(*) from dead_letters") == 0


def _turn() -> Turn:
    return Turn(Envelope(id="m", type_name="stage.cmd.move", time=NOON), NOON, service="stage")


def test_a_timer_of_a_due_fires_on_the_due_s_subject_and_its_own_name() -> None:
    turn = _turn()
    turn.at(NOON, count.due(), name="now")
    assert turn.timers[0].fires_on == "stage.due.count.now"


def test_a_timer_s_name_is_one_token_and_its_message_the_service_s_own() -> None:
    for name in ("", "a.b", "a b", "*"):
        with pytest.raises(ValueError, match="one subject token"):
            _turn().at(NOON, Deposit(account="ann", amount=1), name=name)
    other = Turn(Envelope(id="m", type_name="x", time=NOON), NOON, service="other")
    with pytest.raises(ValueError, match="messages of other only"):
        other.at(NOON, Deposit(account="ann", amount=1), name="soon")


async def test_a_handler_is_told_the_operator_and_nothing_else_tells_it() -> None:
    move = Move(account="ann", target="bob", amount=1)
    seen: list[tuple[str, str]] = []

    def look(command: Move, turn: Turn) -> None:
        seen.append((turn.operator, turn.signed("why")))

    looking = type(actor)("stage")
    looking.on(Move)(look)
    await decide(looking, move, operator="mira")
    await decide(looking, move, origin="admin:mira", message_id="admin:stage.account.give:r1")
    assert seen == [("mira", "mira: why"), ("", "why")]
