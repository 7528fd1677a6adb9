"""A service asks at operators' endpoints for persons it has authenticated: both names stand in the audit."""

import json
from typing import Any

import pytest

from actors.asking import Asker, QueryError
from actors.clock import SystemClock
from actors.engine.publisher import Publisher

GIVE = "admin.stage.account.give"


@pytest.fixture
async def asker(stage: Any) -> Asker:
    return Asker(stage.nc, Publisher(stage.nc), clock=SystemClock(), service="door")


async def _vouch(asker: Asker, person: str = "mira", endpoint: str = GIVE, **request: Any) -> Any:
    return await asker.vouch(endpoint, request, person=person, answer=dict[str, int], timeout_seconds=10)  # type: ignore[type-var]


async def test_the_audit_names_who_vouches_and_for_whom(stage: Any, asker: Asker) -> None:
    await stage.start()
    given: dict[str, Any] = {"request_id": "r1", "account": "ann", "amount": 7}
    assert await _vouch(asker, **given) == {"balance": 7}
    assert await _vouch(asker, **given) == {"balance": 7}
    rows = await stage.connection.fetch("select request_id, operator, answer from audit")
    assert [(row[0], row[1], json.loads(row[2])) for row in rows] == [
        ("admin:stage.account.give:r1", "door.mira", {"balance": 7})
    ]
    assert await stage.balances() == {"ann": 7}


async def test_nobody_else_repeats_a_request_that_somebody_vouched_for(stage: Any, asker: Asker) -> None:
    await stage.start()
    given: dict[str, Any] = {"request_id": "r1", "account": "ann", "amount": 7}
    await _vouch(asker, **given)
    with pytest.raises(QueryError, match="409") as refused:
        await _vouch(asker, person="ben", **given)
    assert (refused.value.code, "door.mira" in refused.value.reason) == (409, True)
    operators = json.loads((await stage.nc.request(f"{GIVE}.mira", json.dumps(given).encode(), timeout=10)).data)
    assert operators["code"] == 409
    assert await stage.balances() == {"ann": 7}


async def test_of_two_replicas_one_answers(stage: Any, asker: Asker) -> None:
    await stage.start()
    await stage.start(replica="second")
    for number in range(10):
        await _vouch(asker, request_id=f"r{number}", account="ann", amount=1)
    assert await stage.balances() == {"ann": 10}


async def test_what_cannot_be_asked_says_so(stage: Any, asker: Asker) -> None:
    await stage.start()
    with pytest.raises(QueryError, match="404") as unknown:
        await _vouch(asker, endpoint="admin.stage.account.burn", request_id="r1")
    assert unknown.value.code == 404
    with pytest.raises(QueryError, match="400") as wrong:
        await _vouch(asker, request_id="r1", account="ann", amount="7")
    assert (wrong.value.code, "amount" in wrong.value.reason) == (400, True)
    with pytest.raises(QueryError) as absent:
        await _vouch(asker, endpoint="admin.nobody.account.give", request_id="r1")
    assert absent.value.code == 503
    for person in ("", "Mira", "a.b", "*", ">", "mira.gateway"):
        with pytest.raises(ValueError, match="operator"):
            await _vouch(asker, person=person, request_id="r1", account="ann", amount=1)
    assert await stage.balances() == {}


async def test_a_request_without_an_inbox_is_not_heard(stage: Any) -> None:
    await stage.start()
    heard = await stage.nc.subscribe("stage.evt.ann.deposited")
    body = json.dumps({"request_id": "r1", "account": "ann", "amount": 7}).encode()
    await stage.nc.publish(f"{GIVE}.door.mira", body, reply="stage.evt.ann.deposited")
    await stage.nc.publish(f"{GIVE}.door.mira", body)
    other = json.dumps({"request_id": "r2", "account": "bo", "amount": 1}).encode()
    assert (await stage.nc.request(f"{GIVE}.door.mira", other, timeout=10)).data
    assert await stage.balances() == {"bo": 1}
    assert heard.pending_msgs == 0
