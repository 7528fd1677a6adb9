"""What payments asks on every tap and every payment reads by index, however much is stored."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from bench.books_fill import fill

from actors.store import Connection
from devstack.databases import Database
from payments.store.purchases import SQL

pytestmark = pytest.mark.services("payments")

PURCHASES = 20_000
"""Which is 100,000 entries of the ledger; none of them has an open invoice, of which there are few at any time."""
PLAYERS = 5_000
BATCH = 200
"""The most messages that a turn has, and so the most keys that it asks for."""
BIG = ("customers", "purchases", "charges", "ledger_entries", "ledger_transactions", "ledger_balances")

HOT: dict[str, tuple[Any, tuple[str, ...]]] = {
    "load_purchases": ([uuid4() for _ in range(BATCH)], ("purchases_pkey",)),
    "load_charges": ([f"stx{number}" for number in range(BATCH)], ("charges_pkey",)),
    "load_customers": (list(range(1, BATCH + 1)), ("customers_pkey",)),
    "open_invoices": (list(range(1, BATCH + 1)), ("purchases_open",)),
    "history": ([7], ("purchases_history",)),
    "reviews": (50, ("purchases_unfinished", "charges_orphaned")),
}
"""Query → its argument, and the indexes that it must use."""


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection as the schema's owner; the books are full."""
    made = await asyncpg.connect(database.owner_dsn("payments"))
    await fill(made, PURCHASES, players=PLAYERS)
    yield made
    await made.close()


async def test_hot_queries_read_by_index(connection: Connection):
    for name, (argument, indexes) in HOT.items():
        for one in [argument, argument[:1]] if isinstance(argument, list) else [argument]:
            _check(name, await _plan(connection, f"explain {SQL[name]}", one), indexes)
        _check(f"{name}, for any arguments", await _kept_plan(connection, name), indexes)
    # The guard sees what it is there for.
    for name, (argument, indexes) in HOT.items():
        for index in {*indexes} - {"purchases_pkey", "charges_pkey", "customers_pkey"}:
            assert _read_whole(await _plan_without(connection, index, name, argument)), f"{name} without {index}"


async def _plan(connection: Connection, sql: str, *arguments: Any) -> str:
    return "\n".join(row[0] for row in await connection.fetch(sql, *arguments))


async def _kept_plan(connection: Connection, name: str) -> str:
    """Return the plan that Postgres may keep after some calls, made without looking at any arguments."""
    await connection.execute("set plan_cache_mode = force_generic_plan")
    await connection.execute(f"prepare hot as {SQL[name]}")
    plan = await _plan(connection, "explain execute hot(null)")
    await connection.execute("deallocate hot; reset plan_cache_mode")
    return plan


async def _plan_without(connection: Connection, index: str, name: str, argument: Any) -> str:
    """Return the plan that there would be if an index were missing."""
    await connection.execute(f"begin; drop index {index}")
    try:
        return await _plan(connection, f"explain {SQL[name]}", argument)
    finally:
        await connection.execute("rollback")


def _check(name: str, plan: str, indexes: tuple[str, ...]) -> None:
    assert [index for index in indexes if index not in plan] == [], f"{name}:\n{plan}"
    assert _read_whole(plan) == [], f"{name}:\n{plan}"


def _read_whole(plan: str) -> list[str]:
    """Return the tables, of those that grow, that a plan reads from end to end."""
    return [table for table in BIG if f"Seq Scan on {table}" in plan]
