"""Writes millions of rows at once: without the indexes and keys of their tables, which are built afterwards."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from actors.store import Connection

_MEMORY: Final = "512MB"
"""To sort in: what is written is the same with less, and later."""
_HINDRANCES: Final = """
select conrelid::regclass::text as relation, conname as name, pg_get_constraintdef(oid) as made_by, true as is_rule
from pg_constraint where conrelid = any($1::text[]::regclass[]) and contype in ('p', 'u', 'f')
union all
select indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), false
from pg_index where indrelid = any($1::text[]::regclass[])
    and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
order by is_rule
"""


@asynccontextmanager
async def unhindered(connection: Connection, *tables: str) -> AsyncGenerator[None]:
    """Take indexes, primary, unique and foreign keys away from tables that no other refers to, and give them back.

    What was written meanwhile is checked by then: a row that breaks a key raises asyncpg.PostgresError.
    """
    found = await connection.fetch(_HINDRANCES, list(tables))
    for one in found:
        rule = f"alter table {one['relation']} drop constraint {one['name']}"
        await connection.execute(rule if one["is_rule"] else f"drop index {one['name']}")
    await connection.execute(f"set work_mem = '{_MEMORY}'; set maintenance_work_mem = '{_MEMORY}'")
    yield
    for one in reversed(found):
        rule = f"alter table {one['relation']} add constraint {one['name']} {one['made_by']}"
        await connection.execute(rule if one["is_rule"] else one["made_by"])
    await connection.execute("reset work_mem; reset maintenance_work_mem")
