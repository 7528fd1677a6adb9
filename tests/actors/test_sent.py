"""What JetStream took and lost is said again, under the same logical ids, and has its effect once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from stage.app import SPEC
from stage.language import Deposit, Move

from actors.clock import SystemClock
from actors.engine.running_job import RunningJob
from actors.engine.runtime import running
from actors.engine.tables import SQL, batch_at

KEEPING = msgspec.structs.replace(SPEC, keeps_sent=True)
SINCE = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
DOOR = "admin.stage.outbox.republish.mira"


@pytest.fixture
async def keeping(stage: Any) -> Any:
    """The toy service, keeping what it sent."""
    async with running(KEEPING, stage.settings(), stage.build, clock=SystemClock()):
        yield stage


async def _republish(stage: Any, request_id: str, **more: Any) -> Any:
    request = {"request_id": request_id, "since": SINCE, "subject": "stage.evt.>"} | more
    reply = await stage.nc.request(DOOR, json.dumps(request).encode(), timeout=10)
    return json.loads(reply.data)


async def _deposits(stage: Any, number: int) -> None:
    for n in range(number):
        await stage.send(Deposit(account=f"a{n}", amount=1), f"d{n}")
    await stage.until(stage.settled)


async def _kept(stage: Any) -> list[tuple[str, bool]]:
    rows = await stage.connection.fetch("select subject, refused from outbox_sent order by batch, position")
    return [tuple(row) for row in rows]


async def test_a_lost_stream_is_filled_again_with_the_same_logical_ids(keeping: Any) -> None:
    await _deposits(keeping, 5)
    before = await keeping.events()
    assert len(before) == len(await _kept(keeping)) == 5
    await keeping.js.purge_stream("STAGE_EVT")
    assert await _republish(keeping, "dry", dry_run=True) | {"after": ""} == _said(5, 0)
    assert (await keeping.js.stream_info("STAGE_EVT")).state.messages == 0
    assert await _republish(keeping, "r1") == _said(5, 5)
    assert await keeping.events() == before
    assert await _republish(keeping, "r1") == _said(5, 5)  # the first answer, and nothing is said a third time
    assert len(await keeping.events()) == 5
    audited = await keeping.connection.fetch("select operator, subject from audit where subject like '%republish'")
    assert {tuple(row) for row in audited} == {("mira", "admin.stage.outbox.republish")}


def _said(found: int, published: int) -> dict[str, Any]:
    return {"found": found, "published": published, "after": "", "trouble": ""}


async def test_it_goes_on_where_the_answer_before_ended_and_only_on_the_subjects_asked_for(keeping: Any) -> None:
    await _deposits(keeping, 5)
    await keeping.js.purge_stream("STAGE_EVT")
    first = await _republish(keeping, "r1", limit=3)
    assert (first["found"], first["published"]) == (3, 3)
    second = await _republish(keeping, "r2", after=first["after"], subject="stage.evt.*.deposited")
    assert second == _said(2, 2)
    assert len({name for name, _ in await keeping.events()}) == 5
    assert await _republish(keeping, "r3", subject="stage.evt.a1.*") | {"after": ""} == _said(1, 1)
    assert await _republish(keeping, "r4", subject="stage.evt.*.rang") == _said(0, 0)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert await _republish(keeping, "r5", since=later) == _said(0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("subject", "stage.>.x"), ("subject", "stage.evt.(.*)"), ("after", "17"), ("since", "2026-03-04T12:00:00")],
)
async def test_a_bad_request_names_its_field(keeping: Any, field: str, value: str) -> None:
    answer = await _republish(keeping, "bad", **{field: value})
    assert answer["code"] == 400
    assert answer["error"].startswith(f"{field}: ")


async def test_trouble_ends_it_and_says_where_to_go_on(keeping: Any) -> None:
    await _deposits(keeping, 3)
    await keeping.js.delete_stream("STAGE_EVT")
    answer = await _republish(keeping, "r1")
    assert (answer["published"], answer["after"]) == (0, "")
    assert "no stream listens" in answer["trouble"]


async def test_what_a_full_mailbox_refused_is_kept_apart_and_not_said_again(keeping: Any, stage: Any) -> None:
    at = batch_at((datetime.now(UTC) - timedelta(seconds=60)).timestamp())
    sql = (
        "insert into outbox select $1::bigint + n, 0, $2, convert_to('{\"ce-id\":\"' || n || '\"}', 'utf8'),"
        ' \'{"account":"z","amount":1}\' from generate_series(1, $3::int) as n'
    )
    # Nobody takes these off the stream: the stage's consumer is gone.
    await stage.js.delete_consumer("STAGE_CMD", "stage")
    await stage.connection.execute(sql, at, "stage.cmd.z.deposit", SPEC.mailbox_messages_max + 2)

    async def relayed() -> bool:
        return not await stage.connection.fetchval("select count(*) from outbox")

    await stage.until(relayed)
    kept = [refused for _, refused in await _kept(stage)]
    assert (kept.count(False), kept.count(True)) == (SPEC.mailbox_messages_max, 2)
    answer = await _republish(keeping, "dry", subject="stage.cmd.>", dry_run=True)
    assert answer["found"] == SPEC.mailbox_messages_max


async def test_what_was_sent_is_kept_for_72_hours(keeping: Any) -> None:
    now = datetime.now(UTC)
    for hours in (71, 73):
        at = batch_at((now - timedelta(hours=hours)).timestamp())
        await keeping.connection.execute("insert into outbox_sent values ($1, 0, 's', '', '', false)", at)

    async def nothing(_: Any) -> None:
        raise AssertionError("no turn is needed")

    await RunningJob(service="stage", clock=SystemClock(), acquire=keeping.acquire, take=nothing).forget_inbox()
    (left,) = await keeping.connection.fetch("select batch from outbox_sent")
    assert left[0] == batch_at((now - timedelta(hours=71)).timestamp())


async def test_a_service_that_need_not_keeps_nothing(stage: Any) -> None:
    await stage.start()
    await _deposits(stage, 2)
    await stage.send(Move(account="a1", target="a0", amount=1), "m1")
    await stage.until(stage.settled)
    assert await _kept(stage) == []
    reply = await stage.nc.request("$SRV.INFO.stage", b"", timeout=5)
    assert "outbox" not in reply.data.decode()


def test_old_rows_are_found_by_the_primary_key() -> None:
    assert "where batch < $1 order by batch, position" in SQL["delete_old_sent"]
