"""All schedules of payments due at once, as after an outage across the hour: few connections are enough."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from goods_stage import Both
from nats.aio.client import Client
from pydantic import SecretStr

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import Dependencies, Provided, running
from actors.settings import Settings
from actors.spec import ServiceSpec
from contracts.message import encode, subject_of
from contracts.payments import PurchaseState
from devstack.databases import Database
from payments.app import SPEC
from payments.providers.rates_source import RatesSource

pytestmark = pytest.mark.services("payments")

GAMEPLAY = ServiceSpec(name="gameplay", actor=Actor("gameplay"))


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(25):
        while not await condition():  # noqa: ASYNC110 - nobody tells us when it holds
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("connections", [2, 6])
async def test_all_jobs_due_at_once_end_and_players_can_pay_meanwhile(
    database: Database,
    nats_server: Any,
    nats_client: Client,
    pool: "asyncpg.Pool[asyncpg.Record]",
    connections: int,
) -> None:
    await provision(nats_client, [SPEC, GAMEPLAY])
    world = Both(pool)
    world.clock.set(datetime.now(UTC) - timedelta(minutes=5))
    # For the jobs to do: a payment that nobody told of, found in the provider's list, and one that comes in now.
    unheard, heard = await world.invoice(1), await world.invoice(2, player_id=8)
    world.charge(unheard, "c1")
    word = world.charge(heard, "c2")
    js = nats_client.jetstream()
    dues = list(SPEC.actor.jobs)
    assert len(dues) >= 6
    for due in dues:
        await js.publish(due.subject, b"{}")

    @contextlib.asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        others = {kind: object() for kind in SPEC.actor.resources()}
        rates = RatesSource(None, "")  # type: ignore[arg-type]
        yield Provided(resources=others | world.resources | {RatesSource: rates})

    async def none_wait() -> bool:
        return not (await js.stream_info("PAYMENTS_TIMER", subjects_filter="payments.due.>")).state.subjects

    async def credited() -> bool:
        found = [(await world.purchase(one.purchase_id)).state for one in (unheard, heard)]
        return found == [PurchaseState.CREDITED] * 2

    settings = Settings(
        nats_url=nats_server.url,
        postgres_dsn=SecretStr(database.dsn("payments")),
        log_level="error",
        pool_size_max=connections,
    )
    async with running(SPEC, settings, build, clock=SystemClock()) as service:
        await js.publish(subject_of(word), encode(word), headers={"ce-id": "tg:1/1"})
        await _until(credited)
        await _until(none_wait)
        assert await service.obstacle() == ""
