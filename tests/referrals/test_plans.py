"""Over many referrals no query of a start, a page, a job or a dashboard reads a big table whole."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from bench import referrals_fill
from referring_stage import NOON

from devstack.databases import Database
from referrals.store import comparison, figures, gifts, members, rewards

pytestmark = pytest.mark.services("referrals")

BIG = ("members", "referrals", "gifts")
SOME = [5_000, 6_000]
SINCE = NOON - timedelta(hours=24)


QUERIES: list[tuple[str, tuple[Any, ...]]] = [
    (members.MEMBERS.load_sql, (SOME,)),
    (members.REFERRALS.load_sql, (SOME,)),
    (members.SQL["find_links"], (["ref"], ["K7QXM2"])),
    (members.SQL["taken_codes"], (["K7QXM2"],)),
    (members.SQL["ancestry"], (SOME,)),
    (rewards.SQL["earned"], ([50],)),
    (rewards.SQL["figures"], ([50],)),
    (gifts.GIFTS.load_sql, ([],)),
    (comparison.SQL["changed"], (SINCE, NOON, SINCE, UUID(int=0), 500)),
    (figures.SQL["judged"], (SINCE,)),
    (figures.SQL["started"], (SINCE, NOON)),
    (figures.SQL["top_referrers"], (SINCE, NOON)),
    (figures.SQL["happened"], (SINCE, NOON)),
    (figures.REVIEWS, (None, None, None, 50, 100)),
    (figures.SQL["count_reviews"], (None, None, None)),
    (figures.SQL["campaign_counts"], (["NOWHERE"],)),
]


async def test_no_query_reads_a_big_table_whole(database: Database) -> None:
    admin = await asyncpg.connect(database.admin_dsn)
    try:
        await admin.execute("set search_path to referrals")
        await referrals_fill.fill(admin, 20_000, until=NOON, days=200)
        plans = [await _plan(admin, sql, arguments) for sql, arguments in QUERIES]
    finally:
        await admin.close()
    assert [plan for plan in plans if any(f"Seq Scan on {table}" in plan for table in BIG)] == []


async def _plan(connection: "asyncpg.Connection[asyncpg.Record]", sql: str, arguments: tuple[Any, ...]) -> str:
    rows = await connection.fetch(f"explain {sql}", *arguments)
    return "\n".join((sql, *(row[0] for row in rows)))
