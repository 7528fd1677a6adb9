"""Alerts as it runs, on real NATS and Postgres, with the sandbox's stand-ins, and both webhooks open."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import asyncpg
from nats.aio.client import Client
from pydantic import SecretStr

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import running
from actors.spec import ServiceSpec
from alerts.app import SPEC, build
from alerts.settings import AlertsSettings
from devstack.databases import Database
from devstack.ports import free_port
from sandbox.app import Server, assemble
from sandbox.oncall.incidents import Incident
from sandbox.oncall.standins import Standins
from sandbox.settings import Settings as SandboxSettings

OTHERS = [ServiceSpec(name=name, actor=Actor(name)) for name in SPEC.listens_to if name != SPEC.name]
"""Who owns the streams that alerts hears from."""
SECRET, OLD_SECRET, TOKEN = "pdsec_new", "pdsec_old", "let-me-in"
KEY = "sandboxsandboxsandboxsandboxsand"


class Stage:
    """What comes in at the webhooks, what goes out to people, and a look behind."""

    def __init__(self, page: str, client: aiohttp.ClientSession, standins: Standins, pool: Any, nats: Client) -> None:
        self.page, self.client, self.standins, self.pool, self.nats = page, client, standins, pool, nats

    async def knock(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        async with self.client.post(f"{self.page}/webhook/{path}", data=body, headers=headers) as answer:
            return answer.status

    async def pagerduty(self, body: bytes, *secrets: str, **headers: str) -> int:
        """A webhook of PagerDuty, signed with these secrets (ours, unless others are named)."""
        signed = {"X-PagerDuty-Signature": signature(body, *(secrets or (SECRET,)))}
        return await self.knock("pagerduty", body, signed | headers)

    async def alertmanager(self, said: Any, token: str = TOKEN) -> int:
        """A group of Alertmanager's; bytes go as they are."""
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return await self.knock("alertmanager", body, {"Authorization": f"Bearer {token}"})

    async def alerts(self) -> list[Any]:
        """Every alert as its row."""
        return await self.pool.fetch(
            "select event, state, count, acked_by, resolved_by, severity, summary, runbook, first_at from alerts"
        )

    async def only(self, **wanted: Any) -> Any:
        """Wait until the one alert is so → its row."""

        async def so() -> bool:
            rows = await self.alerts()
            return len(rows) == 1 and all(rows[0][name] == value for name, value in wanted.items())

        await self.until(so, f"one alert with {wanted}, there are {await self.alerts()}")
        return (await self.alerts())[0]

    async def incident(self, status: str) -> Incident:
        """Wait until PagerDuty's newest incident is so."""

        async def so() -> bool:
            found = list(self.standins.incidents.all.values())
            return bool(found) and found[-1].status == status

        await self.until(so, f"an incident that is {status}")
        return list(self.standins.incidents.all.values())[-1]

    async def heard(self, prefix: str) -> int:
        """How many messages under such identifiers had their effect."""
        return await self.pool.fetchval(
            "select count(*) from inbox where id like $1 and id not like '%/%'", f"{prefix}%"
        )

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        deadline = time.monotonic() + 20
        while not await condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            await asyncio.sleep(0.02)


def signature(body: bytes, *secrets: str) -> str:
    """PagerDuty's header: a v1 for each secret."""
    macs = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join(f"v1={mac}" for mac in macs)


def incident_event(
    alert_id: str | None, kind: str = "incident.acknowledged", event_id: str = "evt-1", **more: Any
) -> bytes:
    """A webhook v3 as PagerDuty posts it."""
    event = {
        "id": event_id,
        "event_type": kind,
        "resource_type": "incident",
        "occurred_at": "2026-11-30T22:15:07.169Z",
        "agent": {"id": "PLH1HKV", "type": "user_reference", "summary": "Tenex Engineer"},
        "client": None,
        "data": {"id": "PGR0VU2", "type": "incident", "status": "acknowledged", "incident_key": alert_id},
    }
    return json.dumps({"event": event | more}).encode()


def firing(status: str = "firing", **more: Any) -> dict[str, Any]:
    """One alert of a group."""
    alert = {
        "status": status,
        "labels": {"alertname": "DiskFull", "severity": "page", "service": "postgres", "instance": "db-1"},
        "annotations": {"summary": "The disk of db-1 is full in 4 h", "runbook_url": "https://runbooks.test/disk"},
        "startsAt": "2026-11-30T22:15:07.123456789Z",
        "endsAt": "2026-11-30T23:00:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.test/graph",
        "fingerprint": "c1b5a2f0e4d39788",
    }
    return alert | more


def group(*alerts: Any, **more: Any) -> dict[str, Any]:
    """A payload of version 4."""
    said = {"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing", "receiver": "starquiz"}
    return (
        said
        | {"groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": alerts}
        | more
    )


@asynccontextmanager
async def opened(
    database: Database, nats_url: str, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]", **more: Any
) -> AsyncGenerator[Stage]:
    """Alerts with everybody around it."""
    await provision(nats_client, [SPEC, *OTHERS])
    sandbox = assemble(SandboxSettings(start_players=0, retry_scale=0.05))
    server = Server(sandbox)
    await server.start()
    base, port = f"http://127.0.0.1:{server.port}", free_port()
    given: dict[str, Any] = {
        "nats_url": nats_url,
        "postgres_dsn": SecretStr(database.dsn("alerts")),
        "log_level": "error",
        "ops_alert_webhook_url": f"{base}/hook/alerts",
        "ops_alert_slack_webhook_url": f"{base}/slack/services/T0/B0/sandbox",
        "ops_alert_pagerduty_events_url": f"{base}/pagerduty/v2/enqueue",
        "ops_alert_pagerduty_routing_key": KEY,
        "ops_alert_pagerduty_webhook_secrets": f"{OLD_SECRET}, {SECRET}",
        "ops_alert_alertmanager_token": TOKEN,
        "alerts_group_seconds": 0,
        "web_port": port,
    }
    page = f"http://127.0.0.1:{port}"
    try:
        async with (
            running(SPEC, AlertsSettings(**(given | more)), build, clock=SystemClock()),
            aiohttp.ClientSession() as client,
        ):
            yield Stage(page, client, sandbox.oncall.standins, pool, nats_client)
    finally:
        await server.stop()


def listen_to_pagerduty(stage: Stage) -> None:
    """Have the stand-in tell alerts of what happens there."""
    from sandbox.event_delivery import Endpoint

    stage.standins.delivery.set_endpoint(Endpoint(f"{stage.page}/webhook/pagerduty", (OLD_SECRET, SECRET)))
