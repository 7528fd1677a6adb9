"""Endpoints: queries, admin commands, dead letters; idempotent, audited, with errors that name the field."""

import json
from typing import Any

from stage.language import Deposit

from actors.clock import SystemClock
from actors.engine.running_job import INBOX_KEPT, RunningJob
from actors.engine.tables import SQL


async def _ask(stage: Any, subject: str, body: Any) -> tuple[Any, dict[str, str]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await stage.nc.request(subject, data, timeout=10)
    return json.loads(answer.data), answer.headers or {}


async def test_a_query_is_answered_and_listed_with_its_schema(stage: Any) -> None:
    await stage.start()
    answer, _ = await _ask(stage, "query.stage.balance", {"account": "ann"})
    assert answer == {"balance": 0}
    info, _ = await _ask(stage, "$SRV.INFO.stage", b"")
    endpoint = next(e for e in info["endpoints"] if e["subject"] == "query.stage.balance")
    assert "account" in endpoint["metadata"]["request_schema"]
    admin = next(e for e in info["endpoints"] if e["subject"] == "admin.stage.account.give.*")
    assert "amount" in admin["metadata"]["request_schema"]
    assert json.loads(admin["metadata"]["response_schema"])["additionalProperties"] == {"type": "integer"}


async def test_bad_input_names_the_field_and_the_remedy(stage: Any) -> None:
    await stage.start()
    request = {"request_id": "r 1", "account": "a", "amount": 1}
    answer, headers = await _ask(stage, "admin.stage.account.give.eve", request)
    assert answer["code"] == 400
    assert "request_id" in answer["error"]
    assert headers["Nats-Service-Error-Code"] == "400"
    answer, _ = await _ask(stage, "admin.stage.account.give.eve", {"request_id": "r1", "account": "a"})
    assert "amount" in answer["error"]
    answer, _ = await _ask(stage, "admin.stage.account.give.eve", b"no json")
    assert answer["code"] == 400
    answer, _ = await _ask(stage, "query.stage.balance", b'{"account": "ann", "more": ' + b"[" * 50_000)
    assert (answer["code"], "no JSON" in answer["error"]) == (400, True)
    signed = {"request_id": "r1", "operator": "mira", "account": "a", "amount": 1}
    answer, _ = await _ask(stage, "admin.stage.account.give.eve", signed)
    assert (answer["code"], "last part of the subject" in answer["error"]) == (400, True)


async def test_an_admin_command_is_idempotent_and_audited(stage: Any) -> None:
    await stage.start()
    request = {"request_id": "r1", "account": "ann", "amount": 7}
    first, _ = await _ask(stage, "admin.stage.account.give.eve", request)
    again, _ = await _ask(stage, "admin.stage.account.give.eve", request)
    assert first == again == {"balance": 7}
    assert await stage.balances() == {"ann": 7}
    rows = await stage.connection.fetch("select operator, request, answer from audit")
    assert [(row[0], json.loads(row[1])["amount"], json.loads(row[2])) for row in rows] == [("eve", 7, {"balance": 7})]


async def test_dead_letters_are_listed_replayed_and_dropped(stage: Any) -> None:
    await stage.start()
    await stage.js.publish("stage.cmd.ann.deposit", b'{"account": "ann", "amount": "x"}', headers={"ce-id": "bad1"})
    await stage.js.publish("stage.cmd.bob.deposit", b'{"account": "bob", "amount": "x"}', headers={"ce-id": "bad2"})
    await stage.until(lambda: _waiting(stage, 2))
    listed, _ = await _ask(stage, "admin.stage.dead_letter.list.eve", {})
    ann, bob = sorted(listed["letters"], key=lambda letter: letter["subject"])
    assert "amount" in ann["error"]
    # The sender's mistake is mended in the table; what is replayed has its effect once, and only once.
    await stage.connection.execute(
        "update dead_letters set body = $1 where id = $2", b'{"account":"ann","amount":3}', ann["id"]
    )
    request = {"request_id": "p1", "ids": [ann["id"]]}
    replayed, _ = await _ask(stage, "admin.stage.dead_letter.replay.eve", request)
    repeated, _ = await _ask(stage, "admin.stage.dead_letter.replay.eve", request)
    assert replayed == repeated == {"replayed": [ann["id"]], "failed": {}}
    # A letter that was replayed waits no more, nor does one that never was: whoever names them is told so.
    request = {"request_id": "p2", "ids": [ann["id"], 99]}
    again, _ = await _ask(stage, "admin.stage.dead_letter.replay.eve", request)
    assert again["replayed"] == []
    assert set(again["failed"]) == {str(ann["id"]), "99"}
    assert "no dead letter waits" in again["failed"]["99"]
    request = {"request_id": "d1", "ids": [bob["id"], 98]}
    dropped, _ = await _ask(stage, "admin.stage.dead_letter.drop.eve", request)
    assert (dropped["dropped"], list(dropped["failed"])) == ([bob["id"]], ["98"])
    assert await stage.balances() == {"ann": 3}
    assert ("bad1/1", "stage.evt.ann.deposited") in await stage.until(lambda: _events_with(stage, "bad1/1"))
    assert await stage.connection.fetchval("select count(*) from dead_letters where state = 'waiting'") == 0


async def test_a_job_takes_turns_once_for_its_name_however_often_it_fires(stage: Any) -> None:
    await stage.start()
    for number in range(5):
        await stage.send(Deposit(account=f"a{number}", amount=10), f"m{number}")
    await stage.until(stage.settled)
    for _ in range(3):
        await stage.js.publish("stage.due.count", b"{}")
        await stage.until(lambda: _jobs_done(stage))
    assert set((await stage.balances()).values()) == {11}


async def _waiting(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from dead_letters where state = 'waiting'") == count


async def _events_with(stage: Any, identifier: str) -> Any:
    found = await stage.events()
    return found if any(event[0] == identifier for event in found) else None


async def _jobs_done(stage: Any) -> bool:
    info = await stage.js.stream_info("STAGE_TIMER", subjects_filter="stage.due.>")
    return not info.state.subjects


async def test_the_inbox_is_forgotten_after_thirty_days_in_chunks(stage: Any) -> None:
    await stage.connection.execute(
        "insert into inbox (id, handled_at)"
        " select n::text, now() - make_interval(days => case when n <= 25 then 31 else 29 end)"
        " from generate_series(1, 30) as n"
    )
    job = RunningJob(service="stage", clock=SystemClock(), acquire=stage.acquire, take=_nobody)
    deleted = await job.delete(SQL["delete_old_inbox"], job.now - INBOX_KEPT, at_once=10)
    assert deleted == 25
    assert await stage.connection.fetchval("select count(*) from inbox") == 5


async def _nobody(_: Any) -> None:
    raise AssertionError("nothing to take a turn for")
