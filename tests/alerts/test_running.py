"""Alerts on real NATS and real Postgres: an event in, a webhook called; and operators' endpoints."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from alert_standin import Standin
from alert_words import EXPECTED, GENERIC, events
from nats.aio.client import Client
from patience import until
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import running
from alerts.app import SPEC, build
from alerts.settings import AlertsSettings
from contracts.envelope import addressed, first_envelope
from contracts.message import Contract, encode
from devstack.databases import Database
from devstack.stack import load_specs
from devstack.testbed import NatsEngine

pytestmark = pytest.mark.services("alerts")


@pytest.fixture
async def hook() -> AsyncIterator[Standin]:
    async with Standin() as made:
        yield made


async def _say(client: Client, *words: Contract) -> None:
    for word in words:
        envelope = first_envelope(word, identifier=uuid4().hex, time=datetime.now(UTC), source="test")
        subject, headers = addressed(word, envelope)
        await client.jetstream().publish(subject, encode(word), headers=headers)


async def _ask(client: Client, subject: str, **request: object) -> Any:
    return json.loads((await client.request(subject, json.dumps(request).encode(), timeout=10)).data)


def _settings(database: Database, nats: NatsEngine, hook: Standin, **more: Any) -> AlertsSettings:
    return AlertsSettings(
        nats_url=nats.url,
        postgres_dsn=SecretStr(database.dsn()),
        log_level="error",
        ops_alert_webhook_url=SecretStr(f"{hook.url}/hook"),
        alerts_group_seconds=1,
        **more,
    )


async def test_each_event_arrives_and_operators_end_it(
    database: Database, nats_server: NatsEngine, nats_client: Client, hook: Standin
) -> None:
    await provision(nats_client, load_specs())
    settings = _settings(database, nats_server, hook)
    async with running(SPEC, settings, build, clock=SystemClock()):
        await _say(nats_client, *events(datetime.now(UTC)), *events(datetime.now(UTC)))
        await until(lambda: len(hook.opened()) == len(EXPECTED))
        assert set(hook.opened().values()) == {1}
        told = {notice["event"]: (notice["severity"], notice["tier"]) for notice in hook.notices()}
        assert told == {event: (str(severity), str(tier)) for event, (severity, tier, _) in EXPECTED.items()}
        page = await _ask(nats_client, "query.alerts.list", event="dead_letter_received")
        (alert,) = page["alerts"]
        assert (page["total"], alert["count"], alert["channels"]) == (1, 2, [GENERIC])
        ack = await _ask(
            nats_client, "admin.alerts.alert.ack.mira", request_id="a-1", alert_id=alert["alert_id"], note="I look"
        )
        assert (ack["done"], ack["alert"]["acked_by"]) == (True, "mira")
        await _ask(nats_client, "admin.alerts.alert.resolve.mira", request_id="r-1", alert_id=alert["alert_id"])
        await until(lambda: [n for n in hook.notices() if n["kind"] == "RESOLVED"])
        one = await until(
            lambda: _ask(nats_client, "query.alerts.one", alert_id=alert["alert_id"]),
            lambda answer: {view["state"] for view in answer["deliveries"]} == {"DELIVERED"},
        )
        assert [view["kind"] for view in one["deliveries"]] == ["RESOLVED", "ACKED", "OPENED"]
        assert [line["by"] for line in one["history"]] == ["mira", "mira", ""]


async def test_a_silence_holds_until_it_is_ended(
    database: Database, nats_server: NatsEngine, nats_client: Client, hook: Standin
) -> None:
    await provision(nats_client, load_specs())
    async with running(SPEC, _settings(database, nats_server, hook), build, clock=SystemClock()):
        started = await _ask(
            nats_client, "admin.alerts.silence.start.mira", request_id="s-1", event="*", minutes=60, reason="a move"
        )
        assert started["silence"]["author"] == "mira"
        await _say(nats_client, *events(datetime.now(UTC)))
        await until(lambda: _ask(nats_client, "query.alerts.list"), lambda page: page["total"] == len(EXPECTED))
        assert hook.bodies == []
        listed = await _ask(nats_client, "query.alerts.silences")
        (silence,) = listed["silences"]
        await _ask(nats_client, "admin.alerts.silence.end.mira", request_id="s-2", silence_id=silence["silence_id"])
        await until(lambda: len(hook.opened()) == len(EXPECTED))
        refused = await _ask(
            nats_client, "admin.alerts.silence.start.mira", request_id="s-3", event="*", minutes=10_081, reason="long"
        )
        assert refused["code"] == 400
        assert "minutes" in str(refused)


async def test_the_heartbeat_beats_while_alerts_works_and_not_while_something_waits(
    database: Database, nats_server: NatsEngine, nats_client: Client, hook: Standin
) -> None:
    await provision(nats_client, load_specs())
    beating = {"alerts_heartbeat_url": SecretStr(f"{hook.url}/beat"), "alerts_heartbeat_seconds": 0.2}
    async with running(SPEC, _settings(database, nats_server, hook, **beating), build, clock=SystemClock()):
        await until(lambda: hook.beats)  # its clock has struck
        jobs = await until(
            lambda: _ask(nats_client, "query.alerts.jobs"),
            lambda answer: any(job["job"] == "due_alerts" and job["result"] == "done" for job in answer["jobs"]),
        )
        assert {job["job"] for job in jobs["jobs"]} == {"due_alerts", "overdue_jobs", "retention"}
        hook.status = 503
        await _say(nats_client, *events(datetime.now(UTC)))
        await _age_deliveries(database)
        before = hook.beats
        await asyncio.sleep(1)
        assert hook.beats <= before + 1  # one may have been under way
        hook.status = 200
        await until(lambda: hook.beats > before + 1, seconds=60)


async def _age_deliveries(database: Database) -> None:
    connection = await asyncpg.connect(database.dsn())
    await until(lambda: connection.fetchval("select count(*) = $1 from deliveries", len(EXPECTED)))
    await connection.execute("update deliveries set created_at = created_at - interval '2 minutes'")
    await connection.close()
