"""Payments on real Postgres: `@pytest.mark.services("payments")` and the fixture `pool`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from devstack.databases import Database

sys.path.insert(0, str(Path(__file__).parent))  # the shop in memory
sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks' fill is tested too


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections as payments' own role."""
    async with asyncpg.create_pool(database.dsn("payments"), min_size=2, max_size=4) as made:
        yield made
