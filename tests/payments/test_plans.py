"""What payments asks on every tap and every payment reads by index, however much is stored."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from bench.books_fill import fill

from actors.store import Connection
from devstack.databases import Database
from payments.store.goods import SQL as GOODS
from payments.store.purchases import CHARGES, SQL
from payments.store.purchases import PURCHASES as BOUGHT
from payments.store.restating import SQL as RESTATING

pytestmark = pytest.mark.services("payments")

PURCHASES = 20_000
"""Which is 100,000 entries of the ledger; none of them has an open invoice, of which there are few at any time."""
PLAYERS = 5_000
BATCH = 200
"""The most messages that a turn has, and so the most keys that it asks for."""
BIG = ("customers", "purchases", "charges", "ledger_entries", "ledger_transactions", "ledger_balances")

STATEMENTS = {**SQL, "load_purchases": BOUGHT.load_sql, "load_charges": CHARGES.load_sql}
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
            _check(name, await _plan(connection, f"explain {STATEMENTS[name]}", one), indexes)
        _check(f"{name}, for any arguments", await _kept_plan(connection, name), indexes)
    # The guard sees what it is there for.
    for name, (argument, indexes) in HOT.items():
        for index in {*indexes} - {"purchases_pkey", "charges_pkey", "customers_pkey"}:
            assert _read_whole(await _plan_without(connection, index, name, argument)), f"{name} without {index}"


_NOW = datetime(2026, 3, 29, tzinfo=UTC)
_IDS = [uuid4() for _ in range(BATCH)]

WALKED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "sold_page": (GOODS["sold_page"], (None, 500)),
    "changed_sold_page": (GOODS["changed_sold_page"], (_NOW, None, 500)),
    "sold": (GOODS["sold"], (_IDS,)),
    "owed": (GOODS["owed"], (_IDS,)),
    "premium_page": (GOODS["premium_page"], (None, 500)),
    "changed_premium_page": (GOODS["changed_premium_page"], (_NOW, None, 500)),
    "premium": (GOODS["premium"], (list(range(1, BATCH + 1)),)),
    "purchases_to_restate": (RESTATING["purchases_to_restate"], (str(_IDS[0]), 500)),
    "premium_to_restate": (RESTATING["premium_to_restate"], ("7", 500)),
}
"""What is walked page by page, while the shop is open: by index, or a night's walk would read all of it every time."""


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_what_is_walked_is_read_page_by_page(connection: Connection, mode: str):
    await connection.execute("analyze")
    await connection.execute(f"set plan_cache_mode = {mode}")
    for name, (sql, arguments) in WALKED.items():
        _check(name, await _plan(connection, f"explain {sql}", *arguments), ())


async def _plan(connection: Connection, sql: str, *arguments: Any) -> str:
    return "\n".join(row[0] for row in await connection.fetch(sql, *arguments))


async def _kept_plan(connection: Connection, name: str) -> str:
    """Return the plan that Postgres may keep after some calls, made without looking at any arguments."""
    await connection.execute("set plan_cache_mode = force_generic_plan")
    await connection.execute(f"prepare hot as {STATEMENTS[name]}")
    plan = await _plan(connection, "explain execute hot(null)")
    await connection.execute("deallocate hot; reset plan_cache_mode")
    return plan


async def _plan_without(connection: Connection, index: str, name: str, argument: Any) -> str:
    """Return the plan that there would be if an index were missing."""
    await connection.execute(f"begin; drop index {index}")
    try:
        return await _plan(connection, f"explain {STATEMENTS[name]}", argument)
    finally:
        await connection.execute("rollback")


def _check(name: str, plan: str, indexes: tuple[str, ...]) -> None:
    assert [index for index in indexes if index not in plan] == [], f"{name}:\n{plan}"
    assert _read_whole(plan) == [], f"{name}:\n{plan}"


def _read_whole(plan: str) -> list[str]:
    """Return the tables, of those that grow, that a plan reads from end to end."""
    return [table for table in BIG if f"Seq Scan on {table}" in plan]
