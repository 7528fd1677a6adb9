"""Referrals on real Postgres: `@pytest.mark.services("referrals")` and the fixture `stage`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from devstack.databases import Database

sys.path.insert(0, str(Path(__file__).parent))  # the stage
sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks' fill is tested too


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections as referrals' own role."""
    async with asyncpg.create_pool(database.dsn("referrals"), min_size=2, max_size=8) as made:
        yield made


@pytest.fixture
async def stage(pool: "asyncpg.Pool[asyncpg.Record]") -> Any:
    """Referrals' turns, without NATS: a `referring_stage.Stage`."""
    from referring_stage import Stage

    return Stage(pool)
