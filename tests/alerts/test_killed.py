"""Alerts as a process that is killed with SIGKILL while it hears and tells: nothing is lost or opened twice."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alert_standin import Standin
from nats.aio.client import Client
from patience import until

from actors.deploying.provision import provision
from contracts.envelope import addressed, first_envelope
from contracts.ground import AlertRaised
from contracts.message import encode
from devstack.databases import Database
from devstack.ports import free_port
from devstack.processes import Plan, Program
from devstack.stack import load_specs
from devstack.testbed import NatsEngine

pytestmark = [pytest.mark.services("alerts"), pytest.mark.timeout(240)]

_ALERTS, _KILLS = 400, 4


async def _say(client: Client, key: str) -> None:
    now = datetime.now(UTC)
    event = AlertRaised(service="promo", event="odd", key=key, summary="odd", at=now)
    subject, headers = addressed(event, first_envelope(event, identifier=uuid4().hex, time=now, source="promo"))
    await client.jetstream().publish(subject, encode(event), headers=headers)


async def test_nothing_is_lost_and_nothing_opened_twice_across_sigkill(
    database: Database, nats_server: NatsEngine, nats_client: Client, tmp_path: Path
) -> None:
    await provision(nats_client, load_specs())
    port = free_port()
    async with Standin() as hook:
        env = {
            "NATS_URL": nats_server.url,
            "POSTGRES_DSN": database.dsn(),
            "HTTP_PORT": str(port),
            "OPS_ALERT_WEBHOOK_URL": f"{hook.url}/hook",
            "ALERTS_GROUP_SECONDS": "0",
        }
        program = Program(Plan("alerts", "alerts", ("run",), env, tmp_path / "alerts.log", port), print)
        await program.start()
        try:
            await program.wait_ready(60)
            for start in range(_KILLS):
                keys = range(start * _ALERTS // _KILLS, (start + 1) * _ALERTS // _KILLS)
                await asyncio.gather(*(_say(nats_client, str(key)) for key in keys))
                await asyncio.sleep(0.05 * (start + 1))  # each time somewhere else on the way
                await program.kill()
                await program.start()
                await program.wait_ready(60)
            await until(lambda: len(hook.opened()), lambda told: told >= _ALERTS, seconds=120)
        finally:
            await program.stop()
        assert set(hook.opened().values()) == {1}
