"""Payments on real Postgres: `@pytest.mark.services("payments")` and the fixture `pool`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from nats.aio.client import Client

from devstack.databases import Database
from payments.store.catalogue import ship

sys.path.insert(0, str(Path(__file__).parent))  # the shop in memory, the shelf, the web stage
sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks' fill is tested too


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections as payments' own role."""
    async with asyncpg.create_pool(database.dsn("payments"), min_size=2, max_size=4) as made:
        yield made


@pytest.fixture
async def service(pool: "asyncpg.Pool[asyncpg.Record]") -> Any:
    """Turns over the catalogue as it ships: a `shelf.Service`."""
    from shelf import Service

    async with pool.acquire() as connection:
        await ship(connection)
    return Service(pool)


@pytest.fixture
async def stage(
    database: Database, nats_server: Any, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]"
) -> AsyncIterator[Any]:
    """The web checkout open beside Stripe's stand-in: a `web_stage.Stage`."""
    from web_stage import opened

    async with opened(database, nats_server.url, nats_client, pool) as made:
        yield made
