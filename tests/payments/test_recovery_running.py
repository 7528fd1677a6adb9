"""Recovery and reconciliation in the running service, on real NATS and Postgres: dues by hand, and the endpoints."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from nats.aio.client import Client
from pydantic import SecretStr
from till import World

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import Dependencies, Provided, running
from actors.settings import Settings
from actors.spec import ServiceSpec
from contracts.payments import CreditPurchase, PurchaseState
from devstack.databases import Database
from payments.app import SPEC
from payments.domain.recovery import RecoverySettings
from payments.providers.registry import PaymentProviders

pytestmark = pytest.mark.services("payments")

GAMEPLAY = ServiceSpec(name="gameplay", actor=Actor("gameplay"))
"""Who owns the stream that payments hears of revoked grants from."""


class Service:
    """Payments as an operator and the schedules see it."""

    def __init__(self, nc: Client, world: World) -> None:
        self.nc = nc
        self.world = world

    async def ask(self, subject: str, **request: Any) -> Any:
        reply = await self.nc.request(subject, json.dumps(request).encode(), timeout=10)
        assert "Nats-Service-Error" not in (reply.headers or {}), reply.data
        return json.loads(reply.data)

    async def until(self, condition: Any, *, seconds: float = 20) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := await condition():
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {seconds} s")


@pytest.fixture
async def service(
    database: Database, nats_server: Any, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]"
) -> AsyncIterator[Service]:
    await provision(nats_client, [SPEC, GAMEPLAY])
    world = World(pool)
    world.clock.set(datetime.now(UTC) - timedelta(minutes=5))

    @contextlib.asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        del means
        yield Provided(resources={PaymentProviders: world.providers, RecoverySettings: world.settings, **_others()})

    settings = Settings(nats_url=nats_server.url, postgres_dsn=SecretStr(database.dsn("payments")), log_level="error")
    async with running(SPEC, settings, build, clock=SystemClock()):
        yield Service(nats_client, world)


def _others() -> dict[type, Any]:
    """What handlers name that this file is not about."""
    return {kind: object() for kind in SPEC.actor.resources() - {PaymentProviders, RecoverySettings}}


async def test_a_due_published_by_hand_lets_the_job_run(service: Service):
    world = service.world
    paid = await world.invoice(1)
    world.lost.add(CreditPurchase)
    await world.send(world.charge(paid, "c1"))
    await service.nc.jetstream().publish("payments.due.recovery", b"{}")

    async def credited() -> bool:
        return (await world.purchase(paid.purchase_id)).state is PurchaseState.CREDITED

    await service.until(credited)


async def test_an_operator_s_run_is_answered_at_once_and_found_by_its_id(service: Service):
    world = service.world
    unheard = await world.invoice(1)
    world.charge(unheard, "c1")
    world.stars.lost = 3
    request = {"request_id": "r-1", "full": True}
    first = await service.ask("admin.payments.reconciliation.run.ops", **request)
    assert first["started"]
    assert await service.ask("admin.payments.reconciliation.run.ops", **request) == first

    async def finished() -> Any:
        answer = await service.ask("query.payments.reconciliation", run_id=first["run_id"])
        return [run for run in answer["runs"] if run["finished_at"]]

    (run,) = await service.until(finished)
    assert (run["full"], run["repaired"], run["diff_count"], run["provider"]) == (True, 1, 1, "TELEGRAM")
    assert "TELEGRAM holds 7, its transactions add up to 10" in run["diffs"][0]["line"]
    assert (await world.purchase(unheard.purchase_id)).charge_id == "c1"
    assert await world.value("select operator from audit where subject like '%reconcile_books'") == "ops"
    everything = await service.ask("query.payments.reconciliation", only_diffs=True)
    assert [UUID(one["run_id"]) for one in everything["runs"]] == [UUID(first["run_id"])]


async def test_an_operator_settles_a_diff_once_and_it_is_written_down(service: Service):
    await service.world.sale(1)
    about = {"provider": "TELEGRAM", "charge_id": "c1", "note": "seen"}
    refused = await service.ask(
        "admin.payments.reconciliation.settle.mira", request_id="r-1", kind="CHARGEBACK", **about
    )
    assert (refused["settled"], "admin.payments.refund.start" in refused["reason"]) == (False, True)
    settled = {"settled": True, "amount": 0, "reason": ""}
    for _ in range(2):
        request = {"request_id": "r-2", "kind": "ACKNOWLEDGED", **about}
        assert await service.ask("admin.payments.reconciliation.settle.mira", **request) == settled
    again = await service.ask(
        "admin.payments.reconciliation.settle.mira", request_id="r-3", kind="ACKNOWLEDGED", **about
    )
    assert (again["settled"], "kind: " in again["reason"]) == (False, True)
    world = service.world
    assert await world.value("select operator from audit where subject like '%settle_diff' limit 1") == "mira"
    assert await world.value("select payload from provider_transactions where kind = 'ACKNOWLEDGED'") == "mira: seen"
