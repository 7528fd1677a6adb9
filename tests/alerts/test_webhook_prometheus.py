"""Alertmanager's webhook: Prometheus' alerts take part in the same life (DOMAIN §10)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nats.aio.client import Client
from webhook_stage import TOKEN, Stage, firing, group, opened

from alerts.web import metrics
from alerts.web.door import BODY_BYTES_MAX
from alerts.web.prometheus import outside_alert
from contracts.alerts import Severity
from contracts.ground import Figure
from devstack.databases import Database
from devstack.testbed import NatsEngine

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
async def stage(database: Database, nats_server: NatsEngine, nats_client: Client, pool: Any) -> AsyncIterator[Stage]:
    async with opened(database, nats_server.url, nats_client, pool) as made:
        yield made


def counted(outcome: str) -> float:
    return metrics.WEBHOOKS.labels("alertmanager", outcome)._value.get()


# -- what an alert says --------------------------------------------------------------------------------


def test_what_fires_is_read() -> None:
    alert = outside_alert(firing(), NOW)
    assert alert is not None
    assert (alert.event, alert.service, alert.firing) == ("DiskFull", "postgres", True)
    assert alert.severity is Severity.CRITICAL
    assert alert.summary == "The disk of db-1 is full in 4 h"
    assert alert.figures == (Figure("instance", "db-1"),)
    assert alert.runbook == "https://runbooks.test/disk"
    assert alert.at == datetime(2026, 11, 30, 22, 15, 7, 123_457, tzinfo=UTC)
    assert alert.key == f"c1b5a2f0e4d39788-{int(alert.at.timestamp() * 1_000_000)}"


def test_what_is_over_has_the_key_of_what_fired_and_ends_when_it_ended() -> None:
    fired, over = outside_alert(firing(), NOW), outside_alert(firing("resolved"), NOW)
    assert fired is not None
    assert over is not None
    assert (over.key, over.firing) == (fired.key, False)
    assert over.at == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    endless = outside_alert(firing("resolved", endsAt="0001-01-01T00:00:00Z"), NOW)
    assert endless is not None
    assert endless.at == NOW


def test_a_rule_that_fires_once_more_is_another_alert() -> None:
    first, second = outside_alert(firing(), NOW), outside_alert(firing(startsAt="2026-12-01T08:00:00+01:00"), NOW)
    assert first is not None
    assert second is not None
    assert first.key != second.key
    assert second.at == datetime(2026, 12, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("critical", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("error", Severity.ERROR),
        ("ticket", Severity.WARNING),
        ("Warning", Severity.WARNING),
        ("info", Severity.INFO),
        ("none", None),
        ("", None),
    ],
)
def test_severities(said: str, severity: Severity | None) -> None:
    alert = outside_alert(firing(labels={"alertname": "A", "severity": said}), NOW)
    assert alert is not None
    assert alert.severity is severity


def test_what_is_missing_is_made_up_for() -> None:
    alert = outside_alert(firing(labels={"job": "x"}, annotations={}, fingerprint=None), NOW)
    assert alert is not None
    assert (alert.event, alert.summary, alert.runbook, alert.service) == ("prometheus_alert",) * 2 + (None, "")
    again = outside_alert(firing(labels={"job": "x"}, annotations=None, fingerprint="no token!"), NOW)
    assert again is not None
    assert again.key == alert.key
    other = outside_alert(firing(labels={"job": "y"}, fingerprint=""), NOW)
    assert other is not None
    assert other.key != alert.key


def test_an_instant_that_has_not_come_is_now() -> None:
    alert = outside_alert(firing(startsAt="2099-01-01T00:00:00Z"), NOW)
    assert alert is not None
    assert alert.at == NOW


def test_what_is_too_much_is_cut() -> None:
    labels = {"alertname": "ü" * 500, **{f"label_{number}": "x" * 5000 for number in range(100)}}
    notes = {"summary": "s" * 5000, "runbook_url": "https://x.test/" + "a" * 5000}
    alert = outside_alert(firing(labels=labels, annotations=notes), NOW)
    assert alert is not None
    assert (len(alert.event), len(alert.summary), len(alert.figures), alert.runbook) == (64, 500, 20, None)
    assert max(len(str(figure.value)) for figure in alert.figures) == 200


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        firing("pending"),
        firing(startsAt=None),
        firing(startsAt="yesterday"),
        firing(startsAt="2026-11-30T22:15:07"),
        firing(startsAt="0001-01-01T00:00:00Z"),
        firing(labels=None),
        firing(labels={"alertname": 5}),
    ],
)
def test_what_says_neither_what_it_is_nor_since_when(said: Any) -> None:
    assert outside_alert(said, NOW) is None


# -- through the door ----------------------------------------------------------------------------------

on_its_own_database = pytest.mark.services("alerts")


@on_its_own_database
async def test_it_fires_and_is_over(stage: Stage) -> None:
    assert await stage.alertmanager(group(firing())) == 200
    row = await stage.only(state="OPEN")
    assert (row["event"], row["severity"], row["runbook"]) == ("DiskFull", "critical", "https://runbooks.test/disk")
    assert row["first_at"] == datetime(2026, 11, 30, 22, 15, 7, 123_457, tzinfo=UTC)
    assert await stage.alertmanager(group(firing("resolved"), status="resolved")) == 200
    await stage.only(state="RESOLVED")


@on_its_own_database
async def test_a_group_is_as_many_alerts_as_it_has(stage: Stage) -> None:
    many = [firing(fingerprint=f"{number:016x}") for number in range(50)]
    over = firing("resolved", fingerprint="f" * 16)
    assert await stage.alertmanager(group(*many, over)) == 200

    async def all_there() -> bool:
        return len([row for row in await stage.alerts() if row["state"] == "OPEN"]) == 50

    await stage.until(all_there, "50 alerts")


@on_its_own_database
async def test_what_comes_again_is_the_same_alert_and_a_replay_opens_nothing(stage: Stage) -> None:
    said = group(firing())
    for _ in range(5):
        assert await stage.alertmanager(said) == 200
    row = await stage.only(state="OPEN")
    assert row["count"] <= 2  # the clock's minute may have turned
    assert await stage.alertmanager(group(firing("resolved"))) == 200
    await stage.only(state="RESOLVED")
    for _ in range(3):
        assert await stage.alertmanager(said) == 200
        assert await stage.alertmanager(group(firing("resolved"))) == 200
    await asyncio.sleep(0.5)
    assert (await stage.only())["state"] == "RESOLVED"


@on_its_own_database
async def test_one_that_cannot_be_read_keeps_none_back(stage: Stage) -> None:
    before = metrics.UNREADABLE._value.get()
    assert await stage.alertmanager(group({"status": "firing"}, 5, firing())) == 200
    await stage.only(event="DiskFull", state="OPEN")
    assert metrics.UNREADABLE._value.get() == before + 2


@on_its_own_database
async def test_who_has_no_token_is_401(stage: Stage) -> None:
    before, said = counted("unauthorized"), json.dumps(group(firing())).encode()
    for token in ("", "wrong", TOKEN + "x", TOKEN[:-1], "é"):
        assert await stage.alertmanager(said, token) == 401, token
    assert await stage.knock("alertmanager", said, {}) == 401
    assert await stage.knock("alertmanager", said, {"Authorization": TOKEN}) == 401
    assert counted("unauthorized") == before + 7
    assert await stage.alerts() == []


@on_its_own_database
async def test_what_is_no_group(stage: Stage) -> None:
    for body, status in (
        *((wrong, 400) for wrong in (b"", b"[]", b"{}", b'{"alerts": {}}', b"\xff")),
        *((empty, 200) for empty in (b'{"alerts": []}', b'{"alerts": [null]}')),
        (b" " * (BODY_BYTES_MAX + 1), 413),
    ):
        assert await stage.alertmanager(body) == status, body[:50]
    assert await stage.alerts() == []


@on_its_own_database
async def test_odd_texts_are_kept_as_well_as_can_be(stage: Stage) -> None:
    said = json.dumps(group(firing(annotations={"summary": "a\u0000b\ud800c <!channel>"}))).encode()
    assert await stage.alertmanager(said) == 200
    assert (await stage.only(state="OPEN"))["summary"] == "a\ufffdb\ufffdc <!channel>"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
LABELS = st.dictionaries(
    st.sampled_from(["alertname", "severity", "service", "job"]) | st.text(max_size=8), JSON, max_size=5
)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
ALERTS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["firing", "resolved"]) | JSON,
        "labels": LABELS | JSON,
        "annotations": st.dictionaries(st.sampled_from(["summary", "description", "runbook_url"]), JSON) | JSON,
        "startsAt": MOMENTS | JSON,
        "endsAt": MOMENTS | JSON,
        "fingerprint": st.from_regex(r"[0-9a-f]{16}", fullmatch=True) | JSON,
    }
)


@given(ALERTS | JSON)
def test_whatever_an_alert_says_it_is_read_or_not(said: Any) -> None:
    alert = outside_alert(said, NOW)
    if alert is not None:
        assert alert.at <= NOW
        assert len(alert.key) <= 90
        assert len(alert.event) <= 64


@on_its_own_database
async def test_whatever_has_the_token_is_answered(stage: Stage) -> None:
    """Bytes of any kind, and groups with anything in any place: 200 or 400, and alerts goes on."""
    loop = asyncio.get_running_loop()
    groups = st.builds(
        lambda alerts: json.dumps({"version": "4", "alerts": alerts}).encode(), st.lists(ALERTS | JSON, max_size=4)
    )

    @settings(max_examples=300, deadline=None)
    @given(groups | st.binary(max_size=200) | JSON.map(lambda said: json.dumps(said).encode()))
    def knock(body: bytes) -> None:
        assert asyncio.run_coroutine_threadsafe(stage.alertmanager(body), loop).result() in (200, 400)

    await asyncio.to_thread(knock)
    start = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assert await stage.alertmanager(group(firing(startsAt=start, labels={"alertname": "AfterAll"}))) == 200

    async def there() -> bool:
        return any(row["event"] == "AfterAll" and row["state"] == "OPEN" for row in await stage.alerts())

    await stage.until(there, "the alert after all the others")


@on_its_own_database
async def test_while_nats_is_down_alertmanager_is_told_to_come_again(stage: Stage, nats_server: NatsEngine) -> None:
    await asyncio.to_thread(nats_server.kill)
    assert await stage.alertmanager(group(firing())) == 503
    await asyncio.to_thread(nats_server.start)

    async def stored() -> bool:
        return await stage.alertmanager(group(firing())) == 200

    await stage.until(stored, "NATS")
    await stage.only(state="OPEN")
