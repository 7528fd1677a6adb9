"""Alerts on real Postgres: `@pytest.mark.services("alerts")` and the fixture `desk`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from devstack.databases import Database

sys.path.insert(0, str(Path(__file__).parent))  # the desk


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections as alerts' own role."""
    async with asyncpg.create_pool(database.dsn("alerts"), min_size=2, max_size=8) as made:
        yield made


@pytest.fixture
async def desk(pool: "asyncpg.Pool[asyncpg.Record]", database: Database) -> Any:
    """Alerts' turns, without NATS: an `alert_desk.Desk`."""
    from alert_desk import Desk

    return Desk(pool, dsn=database.dsn("alerts"))
