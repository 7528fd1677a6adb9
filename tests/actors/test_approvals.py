"""Four eyes (DOMAIN §13): what waits changes nothing until another operator approves it, once, in time."""

import asyncio
import json
from typing import Any

import pytest

GIVE = "admin.stage.account.give"
MUCH = 2_000_000


async def _ask(stage: Any, subject: str, request_id: str, **fields: Any) -> Any:
    body = json.dumps({"request_id": request_id, **fields}).encode()
    return json.loads((await stage.nc.request(subject, body, timeout=10)).data)


async def _held(stage: Any, amount: int = MUCH) -> str:
    """Mira asks for much; returns the id of what waits."""
    await stage.start()
    held = await _ask(stage, f"{GIVE}.mira", "g1", account="ann", amount=amount)
    assert (held["waits_for_approval"], held["reason"]) == (True, f"{amount} is much")
    assert await stage.balances() == {}
    return held["approval_id"]


async def _approve(stage: Any, who: str, approval_id: str, request_id: str = "a1") -> Any:
    return await _ask(stage, f"admin.stage.approval.approve.{who}", request_id, approval_id=approval_id)


async def test_what_needs_nobody_else_is_done_at_once(stage: Any) -> None:
    await stage.start()
    assert await _ask(stage, f"{GIVE}.mira", "g1", account="ann", amount=1_000_000) == {"balance": 1_000_000}


async def test_it_is_done_once_when_another_operator_approves_and_in_the_name_of_who_asked(stage: Any) -> None:
    waiting = await _held(stage)
    again = await _ask(stage, f"{GIVE}.mira", "g1", account="ann", amount=MUCH)
    assert again["approval_id"] == waiting
    answer = await _approve(stage, "ben", waiting)
    assert (answer["operator"], answer["answer"]) == ("mira", {"balance": MUCH})
    assert await _approve(stage, "ben", waiting) == answer
    assert (await _approve(stage, "ben", waiting, "a2"))["answer"] == {"balance": MUCH}
    assert await stage.balances() == {"ann": MUCH}
    rows = await stage.connection.fetch("select request_id, operator from audit order by at, request_id")
    assert [tuple(row) for row in rows] == [
        ("admin:stage.account.give:g1", "mira"),
        ("admin:stage.approval.approve:a1", "ben"),
        ("admin:stage.account.give:g1:approved", "mira"),
        ("admin:stage.approval.approve:a2", "ben"),
    ]
    listed = await _listed(stage, all=True)
    assert [(one["state"], one["operator"], one["decided_by"]) for one in listed] == [("APPROVED", "mira", "ben")]


async def _listed(stage: Any, **fields: Any) -> Any:
    answer = await stage.nc.request("admin.stage.approval.list.mira", json.dumps(fields).encode(), timeout=10)
    return json.loads(answer.data)["approvals"]


async def test_nobody_approves_what_they_asked_for(stage: Any) -> None:
    waiting = await _held(stage)
    answer = await _approve(stage, "mira", waiting)
    assert (answer["code"], "another operator" in answer["error"]) == (403, True)
    assert await stage.balances() == {}
    assert (await _approve(stage, "ben", waiting))["answer"] == {"balance": MUCH}


async def test_nobody_approves_what_a_service_vouched_for_in_their_name(stage: Any) -> None:
    waiting = await _held(stage)
    await stage.connection.execute("update approvals set operator = 'gateway.ben'")
    assert (await _approve(stage, "ben", waiting))["code"] == 403
    assert await stage.balances() == {}


async def test_after_a_day_it_has_to_be_asked_for_anew(stage: Any) -> None:
    waiting = await _held(stage)
    (shown,) = await _listed(stage)
    assert (shown["approval_id"], shown["request"]["amount"]) == (waiting, MUCH)
    assert await stage.connection.fetchval("select expires_at - asked_at = interval '24 hours' from approvals")
    await stage.connection.execute("update approvals set expires_at = now() - interval '1 second'")
    answer = await _approve(stage, "ben", waiting)
    assert (answer["code"], "anew" in answer["error"]) == (409, True)
    assert await stage.balances() == {}
    assert await _listed(stage) == []
    assert [one["state"] for one in await _listed(stage, all=True)] == ["EXPIRED"]


@pytest.mark.parametrize("who", ["mira", "ben"])
async def test_what_is_refused_is_never_done(stage: Any, who: str) -> None:
    waiting = await _held(stage)
    words = {"approval_id": waiting, "note": "a slip"}
    assert (await _ask(stage, f"admin.stage.approval.refuse.{who}", "n1", **words))["refused"] is True
    answer = await _approve(stage, "cleo", waiting)
    assert (answer["code"], f"{who} has decided" in answer["error"]) == (409, True)
    assert await stage.balances() == {}


async def test_of_two_who_approve_at_once_one_does(stage: Any) -> None:
    waiting = await _held(stage)
    answers = await asyncio.gather(*(_approve(stage, who, waiting, who) for who in ("ben", "cleo")))
    assert sorted("answer" in one for one in answers) == [False, True]
    assert await stage.balances() == {"ann": MUCH}


async def test_who_approved_and_heard_nothing_asks_again_and_it_is_done(stage: Any) -> None:
    """The process died between the approval and the turn."""
    waiting = await _held(stage)
    await stage.connection.execute("update approvals set state = 'APPROVED', decided_by = 'ben', decided_at = now()")
    assert (await _approve(stage, "cleo", waiting, "c1"))["code"] == 409
    assert (await _approve(stage, "ben", waiting, "b1"))["answer"] == {"balance": MUCH}
    assert await stage.balances() == {"ann": MUCH}


async def test_what_nobody_asked_for_cannot_be_approved(stage: Any) -> None:
    await stage.start()
    assert (await _approve(stage, "ben", "019d3ab0-3dae-791d-9d1e-819decaf1d42"))["code"] == 404
