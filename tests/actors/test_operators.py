"""Operators: who asks is what NATS authenticated, and one request acts once, for ever."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from actors.endpoints import AdminRequest, EndpointError
from actors.engine.auditing import Asked

GIVE = "admin.stage.account.give"


async def _ask(stage: Any, subject: str, **request: Any) -> Any:
    return json.loads((await stage.nc.request(subject, json.dumps(request).encode(), timeout=10)).data)


async def _audit(stage: Any) -> list[tuple[str, str, Any]]:
    rows = await stage.connection.fetch("select request_id, operator, answer from audit order by id")
    return [(row[0], row[1], row[2] and json.loads(row[2])) for row in rows]


async def test_the_last_part_of_the_subject_is_who_asked(stage: Any) -> None:
    await stage.start()
    await _ask(stage, f"{GIVE}.mira", request_id="r1", account="ann", amount=7)
    await _ask(stage, f"{GIVE}.ben", request_id="r2", account="ann", amount=1)
    assert await _audit(stage) == [
        ("admin:stage.account.give:r1", "mira", {"balance": 7}),
        ("admin:stage.account.give:r2", "ben", {"balance": 8}),
    ]


async def test_an_operator_s_command_does_not_travel_and_what_follows_from_it_does(stage: Any) -> None:
    await stage.start()
    stored = (await stage.js.stream_info("STAGE_CMD")).state.last_seq
    await _ask(stage, f"{GIVE}.mira", request_id="r1", account="ann", amount=7)
    await stage.until(stage.settled)
    assert (await stage.js.stream_info("STAGE_CMD")).state.last_seq == stored
    followed = [one for one in await stage.events() if not one[0].startswith("job:")]
    assert followed == [("admin:stage.account.give:r1/1", "stage.evt.ann.deposited")]


async def test_a_request_acts_once_though_the_inbox_has_long_forgotten_it(stage: Any) -> None:
    await stage.start()
    first = await _ask(stage, f"{GIVE}.mira", request_id="r1", account="ann", amount=5)
    await stage.connection.execute("delete from inbox")
    assert await _ask(stage, f"{GIVE}.mira", request_id="r1", account="ann", amount=5) == first
    for operator, amount in (("mira", 6), ("mallory", 5), ("mallory", 1_000_000)):
        refused = await _ask(stage, f"{GIVE}.{operator}", request_id="r1", account="ann", amount=amount)
        assert (refused["code"], "request_id: 'r1'" in refused["error"]) == (409, True)
        assert "use a new id" in refused["error"]
    assert await stage.balances() == {"ann": 5}
    assert len(await _audit(stage)) == 1


async def test_of_two_at_once_with_one_id_one_acts_and_the_other_is_refused(stage: Any) -> None:
    await stage.start()
    await stage.start(replica="second")
    for number in range(10):
        asked = {"request_id": f"r{number}", "account": f"a{number}"}
        answers = await asyncio.gather(*(_ask(stage, f"{GIVE}.mira", **asked, amount=amount) for amount in range(1, 6)))
        (acted,) = [answer for answer in answers if "code" not in answer]
        assert [answer["code"] for answer in answers if "code" in answer] == [409] * 4
        assert (await stage.balances())[f"a{number}"] == acted["balance"]
    assert len(await _audit(stage)) == 10


async def test_of_two_at_once_with_one_body_both_hear_the_one_answer(stage: Any) -> None:
    await stage.start()
    await stage.start(replica="second")
    asked = {"request_id": "r1", "account": "ann", "amount": 7}
    answers = await asyncio.gather(*(_ask(stage, f"{GIVE}.mira", **asked) for _ in range(8)))
    assert answers == [{"balance": 7}] * 8
    assert await stage.balances() == {"ann": 7}


async def test_what_cannot_be_written_down_is_not_done(stage: Any) -> None:
    """Somebody acted under this id between the look into the audit and the turn."""
    service = await stage.start()
    looked, audit = asyncio.Event(), service.engine._endpoints._audit
    look = audit.first_answer

    async def late(asked: Any) -> Any:
        found = await look(asked)
        if not looked.is_set():
            looked.set()
            await stage.connection.execute(
                "insert into audit (request_id, operator, subject, request, answer, at)"
                """ values ($1, 'ben', 'x', '{"request_id": "r1", "account": "bob", "amount": 1}', '1', now())""",
                asked.identifier,
            )
        return found

    audit.first_answer = late
    refused = await _ask(stage, f"{GIVE}.mira", request_id="r1", account="ann", amount=7)
    assert refused["code"] == 409
    assert await stage.balances() == {}


async def test_a_command_that_fails_is_told_at_once_and_leaves_nothing(stage: Any) -> None:
    await stage.start()
    for amount in (666, 13):  # a bug in the handler; a refusal of the database's
        refused = await asyncio.wait_for(
            _ask(stage, f"{GIVE}.mira", request_id=f"r{amount}", account="ann", amount=amount), 3
        )
        assert refused["code"] == 500
    assert (await stage.balances(), await _audit(stage)) == ({}, [])
    assert await stage.connection.fetchval("select count(*) from dead_letters") == 0
    await _ask(stage, f"{GIVE}.mira", request_id="r666", account="ann", amount=6)
    assert await stage.balances() == {"ann": 6}
    # Nor is it tried again behind the operator's back: no try of it is counted.
    assert await stage.connection.fetchval("select count(*) from tries") == 0


async def test_a_body_with_nul_in_it_is_refused_by_name(stage: Any) -> None:
    await stage.start()
    refused = await _ask(stage, f"{GIVE}.mira", request_id="r1", account="a\0b", amount=1)
    assert (refused["code"], "NUL" in refused["error"]) == (400, True)


async def test_dead_letters_are_dropped_and_replayed_once_per_request(stage: Any) -> None:
    await stage.start()
    for name in ("ann", "bob"):
        body = json.dumps({"account": name, "amount": "x"}).encode()
        await stage.js.publish(f"stage.cmd.{name}.deposit", body, headers={"ce-id": name})
    ids = [row[0] for row in await stage.until(lambda: _letters(stage, 2))]
    drop = "admin.stage.dead_letter.drop"
    answer = await _ask(stage, f"{drop}.mira", request_id="d1", ids=ids[:1])
    assert answer == {"dropped": ids[:1], "failed": {}}
    assert await _ask(stage, f"{drop}.mira", request_id="d1", ids=ids[:1]) == answer
    for operator, wanted in (("mira", ids), ("mira", []), ("ben", ids[:1])):
        refused = await _ask(stage, f"{drop}.{operator}", request_id="d1", ids=wanted)
        assert refused["code"] == 409
    at_once = [_ask(stage, f"{drop}.mira", request_id="d2", ids=[ids[1], number]) for number in range(90, 95)]
    answers = await asyncio.gather(*at_once)
    assert sorted(answer.get("code", 0) for answer in answers) == [0, 409, 409, 409, 409]
    assert [entry[:2] for entry in await _audit(stage)] == [
        ("admin:stage.dead_letter.drop:d1", "mira"),
        ("admin:stage.dead_letter.drop:d2", "mira"),
    ]


async def test_who_looked_at_dead_letters_is_in_the_audit_and_sees_them_as_they_are(stage: Any) -> None:
    """Each call of an operator is audited (DOMAIN), also one that changes nothing; it is answered anew each time."""
    await stage.start()
    look = "admin.stage.dead_letter.list"
    assert await _ask(stage, f"{look}.mira", limit=7) == {"letters": []}
    await stage.js.publish("stage.cmd.ann.deposit", b"{}", headers={"ce-id": "bad"})
    await stage.until(lambda: _letters(stage, 1))
    (letter,) = (await _ask(stage, f"{look}.ben", limit=7))["letters"]
    assert letter["message_id"] == "bad"
    rows = await stage.connection.fetch("select operator, subject, request, answer from audit order by id")
    assert [(row[0], row[1], json.loads(row[2]), row[3]) for row in rows] == [
        (operator, look, {"after": 0, "limit": 7}, "null") for operator in ("mira", "ben")
    ]


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": -1}, {"after": -1}, {"after": 2**63}])
async def test_a_page_of_dead_letters_that_cannot_be_is_refused_by_name(stage: Any, wrong: dict[str, int]) -> None:
    await stage.start()
    refused = await _ask(stage, "admin.stage.dead_letter.list.mira", **wrong)
    assert refused["code"] == 400
    assert f"$.{next(iter(wrong))}" in refused["error"]


class _Asking(AdminRequest, frozen=True, kw_only=True):
    amount: int


async def test_a_refused_request_may_be_put_right_under_its_id(stage: Any) -> None:
    service = await stage.start()
    audit = service.engine._endpoints._audit

    acted: list[int] = []

    def asked(amount: int) -> Asked:
        request = _Asking(request_id="r1", amount=amount)
        return Asked(identifier="admin:stage.x.y:r1", operator="mira", subject="admin.stage.x.y", request=request)

    async def refuse() -> Any:
        raise EndpointError(400, "amount: too much")

    async def act() -> Any:
        acted.append(1)
        return {"done": True}

    with pytest.raises(EndpointError):
        await audit.once(asked(1_000), refuse)
    assert await _audit(stage) == []
    assert msgspec.json.decode(await audit.once(asked(1), act)) == {"done": True}
    with pytest.raises(EndpointError, match="stands for another request"):
        await audit.once(asked(1_000), act)
    assert await audit.once(asked(1), act) is not None
    assert acted == [1]


async def test_an_answer_goes_to_an_inbox_or_nowhere(stage: Any) -> None:
    """On another subject it would be a message of the service's own, said with the service's rights."""
    await stage.start()
    heard: list[Any] = []

    async def note(msg: Any) -> None:
        heard.append(msg)

    await stage.nc.subscribe("stage.evt.>", cb=note)
    for subject, body in (
        ("query.stage.balance", b'{"account": "ann"}'),
        (f"{GIVE}.mira", b'{"request_id": "r1", "account": "ann", "amount": 7}'),
        ("$SRV.PING.stage", b""),
        ("$SRV.INFO", b""),
    ):
        await stage.nc.publish(subject, body, reply="stage.evt.ann.deposited")
    assert await _ask(stage, f"{GIVE}.mira", request_id="r2", account="bob", amount=1) == {"balance": 1}
    await stage.until(stage.settled)
    assert [msg.data for msg in heard if b"bob" not in msg.data] == []
    assert await stage.balances() == {"bob": 1}


async def test_discovery_finds_every_door(stage: Any) -> None:
    await stage.start()
    info = json.loads((await stage.nc.request("$SRV.INFO.stage", b"", timeout=5)).data)
    assert {one["subject"] for one in info["endpoints"]} == {
        "query.stage.balance",
        f"{GIVE}.*",
        *(f"admin.stage.dead_letter.{verb}.*" for verb in ("list", "replay", "drop")),
        *(f"admin.stage.approval.{verb}.*" for verb in ("list", "approve", "refuse")),
    }
    stats = json.loads((await stage.nc.request("$SRV.STATS.stage", b"", timeout=5)).data)
    assert {one["name"] for one in stats["endpoints"]} >= {"admin-stage-account-give", "query-stage-balance"}


async def test_a_door_says_what_a_call_does_before_it_is_made(stage: Any) -> None:
    await stage.start()
    info = json.loads((await stage.nc.request("$SRV.INFO.stage", b"", timeout=5)).data)
    said = {one["subject"]: one["metadata"] for one in info["endpoints"]}
    assert said["query.stage.balance"]["effect"] == "reads"
    assert said["admin.stage.dead_letter.list.*"]["effect"] == "reads"
    assert said[f"{GIVE}.*"]["effect"] == "changes"
    assert "irreversible" not in said[f"{GIVE}.*"]
    assert "never replayed" in said["admin.stage.dead_letter.drop.*"]["irreversible"]
    assert {one["role"] for one in said.values()} == {"OPERATOR"}


async def _letters(stage: Any, count: int) -> Any:
    rows = await stage.connection.fetch("select id, message_id, error from dead_letters order by message_id")
    return rows if len(rows) == count else None


async def test_every_door_says_what_it_takes_and_what_it_answers(stage: Any) -> None:
    await stage.start()
    info = json.loads((await stage.nc.request("$SRV.INFO.stage", b"", timeout=5)).data)
    lacking = [e["subject"] for e in info["endpoints"] if {"request_schema", "response_schema"} - e["metadata"].keys()]
    assert lacking == []
    listing = next(e for e in info["endpoints"] if ".dead_letter.list" in e["subject"])
    assert "received_at" in listing["metadata"]["response_schema"]
