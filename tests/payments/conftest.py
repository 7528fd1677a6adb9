"""Payments on real Postgres: `@pytest.mark.services("payments")` and the fixture `pool`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from devstack.databases import Database
from payments.store.catalogue import ship

sys.path.insert(0, str(Path(__file__).parent))  # the shop in memory, the shelf
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
