"""What is old is found without reading what is not, also when the pages of what was deleted were filled again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from actors.engine.tables import SQL as GROUND
from devstack.databases import Database
from gateway.store import SQL as GATEWAY

DAYS_KEPT, ROWS_A_DAY = 20, 1_000
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)

INBOX = """insert into inbox (id, handled_at)
           select 'tg:' || ($1 * 1000000 + n) || '/1', $2::timestamptz + n * interval '1 second'
           from generate_series(1, $3::int) as n"""
UPDATES = """insert into updates (update_id, player_id, chat_id, kind, status, received_at)
             select $1 * 1000000 + n, n, n, 'callback_query', 'done', $2::timestamptz + n * interval '1 second'
             from generate_series(1, $3::int) as n"""


def _pages(plan: dict[str, Any]) -> int:
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def _cost(connection: asyncpg.Connection, delete: str, before: datetime) -> tuple[int, int]:
    """Return the pages that looking for old rows touches, and how many rows it finds."""
    select = delete.partition("in (")[2].rpartition(")")[0]
    explained = await connection.fetchval(f"explain (analyze, buffers, format json) {select}", before, 5_000)
    plan = json.loads(explained)[0]["Plan"]
    return _pages(plan), int(plan["Actual Rows"])


@pytest.mark.services("gateway")
@pytest.mark.parametrize(
    ("table", "fill", "delete", "column"),
    [
        ("inbox", INBOX, GROUND["delete_old_inbox"], "handled_at"),
        ("updates", UPDATES, GATEWAY["delete_old_updates"], "received_at"),
    ],
)
async def test_old_rows_are_found_by_index_after_the_first_round_too(
    database: Database, table: str, fill: str, delete: str, column: str
) -> None:
    connection = await asyncpg.connect(database.owner_dsn())
    await connection.execute(f"alter table {table} set (autovacuum_enabled = false)")
    for day in range(2 * DAYS_KEPT + 5):
        begin = FIRST_DAY + timedelta(days=day)
        await connection.execute(f"delete from {table} where {column} < $1", begin - timedelta(days=DAYS_KEPT))
        await connection.execute(f"vacuum {table}")
        await connection.execute(fill, day, begin, ROWS_A_DAY)
    await connection.execute(f"vacuum analyze {table}")
    last = FIRST_DAY + timedelta(days=2 * DAYS_KEPT + 4)
    touched, rows = await _cost(connection, delete, last - timedelta(days=DAYS_KEPT) + timedelta(seconds=100))
    pages = await connection.fetchval("select pg_relation_size($1::regclass) / 8192", table)
    await connection.close()
    assert rows == 99
    assert touched < pages / 4, f"{touched} of {pages} pages"


@pytest.mark.services("gateway")
async def test_no_index_forgets_what_was_deleted(database: Database) -> None:
    """A BRIN keeps the lowest value that a range of pages ever held: no use where old rows are deleted."""
    connection = await asyncpg.connect(database.owner_dsn())
    found = await connection.fetch("select indexname from pg_indexes where indexdef like '%USING brin%'")
    await connection.close()
    assert found == []
