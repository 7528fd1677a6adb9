"""PagerDuty's webhook: what somebody did there holds here, once, and only when PagerDuty says so (DOMAIN §10)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nats.aio.client import Client
from webhook_stage import (
    OLD_SECRET,
    SECRET,
    Stage,
    firing,
    group,
    incident_event,
    listen_to_pagerduty,
    opened,
    signature,
)

from alerts.web import metrics
from alerts.web.door import BODY_BYTES_MAX
from alerts.web.pagerduty import moment, who
from devstack.databases import Database
from devstack.testbed import NatsEngine

pytestmark = pytest.mark.services("alerts")
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PAGE = {
    "ops_alert_escalation_policy_json": json.dumps({"*": {"channels": ["pagerduty", "slack"], "severity": "critical"}})
}


@pytest.fixture
async def stage(database: Database, nats_server: NatsEngine, nats_client: Client, pool: Any) -> AsyncIterator[Stage]:
    async with opened(database, nats_server.url, nats_client, pool, **PAGE) as made:
        yield made


def counted(outcome: str) -> float:
    return metrics.WEBHOOKS.labels("pagerduty", outcome)._value.get()


async def open_alert(stage: Stage) -> str:
    """An alert that PagerDuty knows → its id."""
    assert await stage.alertmanager(group(firing())) == 200
    await stage.only(state="OPEN")
    return (await stage.incident("triggered")).dedup_key


# -- what it is for ------------------------------------------------------------------------------------


async def test_acknowledged_at_pagerduty_it_is_acknowledged_here_and_resolved_here_it_is_resolved_there(
    stage: Stage,
) -> None:
    listen_to_pagerduty(stage)
    await open_alert(stage)
    incident = await stage.incident("triggered")
    stage.standins.incidents.change_by_hand(incident.id, "acknowledged", "Mira")
    row = await stage.only(state="ACKED")
    assert row["acked_by"] == "pagerduty: Mira"
    assert await stage.alertmanager(group(firing("resolved"))) == 200
    await stage.only(state="RESOLVED")
    assert (await stage.incident("resolved")).id == incident.id


async def test_resolved_at_pagerduty_it_is_resolved_here(stage: Stage) -> None:
    listen_to_pagerduty(stage)
    await open_alert(stage)
    incident = await stage.incident("triggered")
    stage.standins.incidents.change_by_hand(incident.id, "resolved", "Mira")
    assert (await stage.only(state="RESOLVED"))["resolved_by"] == "pagerduty: Mira"


async def test_what_comes_again_takes_effect_once(stage: Stage) -> None:
    alert_id = await open_alert(stage)
    body = incident_event(alert_id)
    for _ in range(3):
        assert await stage.pagerduty(body) == 200
    assert (await stage.only(state="ACKED"))["acked_by"] == "pagerduty: Tenex Engineer"
    assert await stage.heard("pagerduty:") == 1
    assert await stage.pagerduty(incident_event(alert_id, "incident.resolved", "evt-2")) == 200
    await stage.only(state="RESOLVED")
    assert await stage.pagerduty(incident_event(alert_id, event_id="evt-3")) == 200
    await stage.until(lambda: _heard(stage, 3), "the late acknowledgement")
    assert (await stage.only())["state"] == "RESOLVED"


async def _heard(stage: Stage, number: int) -> bool:
    return await stage.heard("pagerduty:") == number


# -- who is let in -------------------------------------------------------------------------------------


async def test_any_v1_of_a_secret_we_know_is_enough(stage: Stage) -> None:
    body = incident_event("0123456789abcdef0123-1")
    for secrets in (("a", SECRET), (SECRET, "b"), (OLD_SECRET,), ("a", OLD_SECRET, "b")):
        assert await stage.pagerduty(body, *secrets) == 200


FORGED = (
    *(None, "", "v1=", "v1=" + "0" * 64, "v1=é", "v1=\udcff", ",,,=", "v0={mac}", "V1={mac}", "{mac}", "v1={mac}0"),
    *("v1= {mac}", "t=1,v1"),
)


async def test_anybody_else_is_401_and_counted(stage: Stage) -> None:
    body = incident_event("0123456789abcdef0123-1")
    mac = signature(body, SECRET).removeprefix("v1=")
    before = counted("unauthorized")
    for header in FORGED:
        raw = None if header is None else header.replace("{mac}", mac).encode("utf-8", "surrogateescape")
        assert await raw_post(stage, "/webhook/pagerduty", body, b"X-PagerDuty-Signature", raw) == 401, header
    assert counted("unauthorized") == before + len(FORGED)
    assert await stage.heard("pagerduty:") == 0


async def raw_post(stage: Stage, path: str, body: bytes, name: bytes, value: bytes | None) -> int:
    """A POST with a header of any bytes → status."""
    host, port = stage.page.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    header = b"" if value is None else name + b": " + value + b"\r\n"
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n" % (path.encode(), len(body))
    writer.write(head + header + b"\r\n" + body)
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


async def test_an_altered_body_is_401(stage: Stage) -> None:
    body = incident_event("0123456789abcdef0123-1")
    signed = {"X-PagerDuty-Signature": signature(body, SECRET)}
    for altered in (body + b" ", body.replace(b"acknowledged", b"resolved"), b""):
        assert await stage.knock("pagerduty", altered, signed) == 401


# -- what is in it -------------------------------------------------------------------------------------


async def test_other_events_mean_nothing_and_are_counted(stage: Stage) -> None:
    before = counted("meaningless")
    kinds = ("incident.triggered", "incident.escalated", "pagey.ping", "service.updated", "", "x" * 9999)
    for kind in kinds:
        assert await stage.pagerduty(incident_event("0123456789abcdef0123-1", kind)) == 200
    assert counted("meaningless") == before + len(kinds)
    assert await stage.heard("pagerduty:") == 0


async def test_an_incident_that_is_not_ours_means_nothing(stage: Stage) -> None:
    for key in (None, "", "a.b", "a b", "a*", ">", "ü", "x" * 256, "\x00"):
        assert await stage.pagerduty(incident_event(key)) == 200, key
    assert await stage.heard("pagerduty:") == 0


@pytest.mark.parametrize(
    ("agent", "by"),
    [
        (None, "PagerDuty"),
        ({"id": "P1", "type": "user_reference"}, "P1"),
        ({"summary": " Mira \n Novak "}, "Mira Novak"),
        ({"summary": "\x00\ud800"}, "\ufffd\ufffd"),
        ({"summary": 5}, "PagerDuty"),
        (["x"], "PagerDuty"),
        ({"summary": "M" * 5000}, "M" * 100),
    ],
)
def test_whoever_did_it_is_named(agent: Any, by: str) -> None:
    assert who(agent) == by


@pytest.mark.parametrize("said", [None, "whenever", 5, "2026-11-30T22:15:07", "2099-01-01T00:00:00Z", "9" * 99])
def test_an_instant_of_no_use_is_now(said: Any) -> None:
    assert moment(said, NOW) == NOW


def test_an_instant_is_kept() -> None:
    assert moment("2026-11-30T23:15:07.169+01:00", NOW) == datetime(2026, 11, 30, 22, 15, 7, 169_000, tzinfo=UTC)


UNREADABLE = (
    b"",
    b"{}",
    b"[]",
    b'{"event": []}',
    b'{"event": {"id": 5, "event_type": "incident.resolved"}}',
    b'{"event": {"id": "a.b", "event_type": "incident.resolved", "data": {"incident_key": "a-1"}}}',
    b'{"event": {"id": "a", "event_type": "incident.resolved", "data": {"incident_key": 5}}}',
    b"\xff\xfe",
    b"[" * 100_000,
)


async def test_what_cannot_be_an_event_is_400_although_it_is_signed(stage: Stage) -> None:
    before = counted("unreadable")
    for body in UNREADABLE:
        assert await stage.pagerduty(body) == 400, body[:100]
    assert counted("unreadable") == before + len(UNREADABLE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


EVENTS = st.fixed_dictionaries(
    {
        "id": st.text(max_size=30) | JSON,
        "event_type": st.sampled_from(["incident.acknowledged", "incident.resolved"]) | JSON,
        "occurred_at": JSON | st.datetimes().map(str),
        "agent": JSON | st.builds(lambda name: {"summary": name}, JSON),
        "data": JSON
        | st.builds(lambda key: {"incident_key": key}, JSON | st.from_regex(r"[0-9a-f]{20}-[0-9]", fullmatch=True)),
    }
)
BODIES = st.binary(max_size=200) | st.builds(lambda event: json.dumps({"event": event}).encode(), EVENTS)


async def test_whatever_is_signed_is_answered(stage: Stage) -> None:
    """Bytes of any kind, and events with anything in any place: 200 or 400, and alerts goes on."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=300, deadline=None)
    @given(BODIES)
    def knock(body: bytes) -> None:
        assert asyncio.run_coroutine_threadsafe(stage.pagerduty(body), loop).result() in (200, 400)

    await asyncio.to_thread(knock)
    alert_id = await open_alert(stage)
    assert await stage.pagerduty(incident_event(alert_id, event_id="after-all")) == 200
    await stage.only(state="ACKED")


# -- limits and outages --------------------------------------------------------------------------------


async def test_more_than_one_mebibyte_is_413(stage: Stage) -> None:
    before = counted("too_large")
    body = b" " * (BODY_BYTES_MAX + 1)
    assert await stage.pagerduty(body) == 413

    async def drip() -> Any:
        for _ in range(BODY_BYTES_MAX // 65_536 + 1):
            yield b" " * 65_536

    async with stage.client.post(f"{stage.page}/webhook/pagerduty", data=drip()) as answer:
        assert answer.status == 413
    assert counted("too_large") == before + 2
    assert await stage.pagerduty(b" " * BODY_BYTES_MAX) == 400


async def test_other_methods_and_paths_are_refused(stage: Stage) -> None:
    async with stage.client.get(f"{stage.page}/webhook/pagerduty") as answer:
        assert answer.status == 405
    assert await stage.knock("nobody", b"", {}) == 404


async def test_while_nats_is_down_pagerduty_is_told_to_come_again(stage: Stage, nats_server: NatsEngine) -> None:
    alert_id = await open_alert(stage)
    body = incident_event(alert_id)
    await asyncio.to_thread(nats_server.kill)
    async with aiohttp.ClientSession() as client:
        headers = {"X-PagerDuty-Signature": signature(body, SECRET)}
        async with client.post(f"{stage.page}/webhook/pagerduty", data=body, headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    await asyncio.to_thread(nats_server.start)

    async def stored() -> bool:
        return await stage.pagerduty(body) == 200

    await stage.until(stored, "NATS")
    await stage.only(state="ACKED")
