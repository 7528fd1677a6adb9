"""What a run of reconciliation over what changed costs, however much is stored."""

from uuid import UUID

import asyncpg
import pytest
from bench.ledger_fill import fill
from till import NOON

from devstack.databases import Database
from payments.store.reconciliation import SQL
from payments.store.stars import SQL as STARS_SQL

pytestmark = pytest.mark.services("payments")

BOOKS = """
insert into purchases (
    id, player_id, product, provider, currency, amount, base_amount, price_version, steps, surface, state, created_at,
    expires_at, changed_at, paid_at, credited_at, charge_id, late, credit_attempts, reason
)
select purchase_id, player_id, reason, 'TELEGRAM', 'XTR', 10, 10, 1, '[]', '', 'CREDITED', at, at, at, at, at,
    charge_id, false, 0, ''
from ledger_transactions;
insert into charges (
    id, provider, player_id, purchase_id, state, payload, amount, currency, paid_at, recorded_at, problem
)
select charge_id, 'TELEGRAM', player_id, purchase_id, 'TAKEN', '', 10, 'XTR', at, at, '' from ledger_transactions;
insert into provider_transactions
select 'TELEGRAM', charge_id, 'IN', 'PAYMENT', charge_id, 10, 'XTR', player_id, purchase_id, '', at, at
from ledger_transactions;
insert into reconciliation_runs (id, provider, is_full, started_at, finished_at)
select id, 'TELEGRAM', false, at, at from ledger_transactions
"""


@pytest.fixture
async def stored(pool: "asyncpg.Pool[asyncpg.Record]", database: Database) -> "asyncpg.Pool[asyncpg.Record]":
    """Some thousand purchases in all books, one every 20 seconds, long before this noon."""
    connection = await asyncpg.connect(database.dsn("payments"))
    await fill(connection, 4_000)
    await connection.execute(BOOKS)
    await connection.close()
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    await owner.execute("analyze")  # the service's own role may not
    await owner.close()
    return pool


@pytest.mark.parametrize(
    ("query", "indexes", "arguments"),
    [
        (
            "changed_charges",
            ("provider_transactions_seen", "purchases_changed", "charges_orphaned", "charges_purchase_id_key"),
            ("TELEGRAM", NOON),
        ),
        (
            "traces",
            ("provider_transactions_charge", "charges_pkey", "purchases_charge_id_key",
             "ledger_transactions_idempotency_key_key", "ledger_entries_pkey"),
            ("TELEGRAM", ["c1"]),
        ),
        ("last_run", ("reconciliation_runs_recent",), ("TELEGRAM",)),
        ("runs", ("reconciliation_runs_recent",), (None, False, 20)),
    ],
)  # fmt: skip
async def test_a_run_over_what_changed_reads_by_index(
    stored: "asyncpg.Pool[asyncpg.Record]", query: str, indexes: tuple[str, ...], arguments: tuple[object, ...]
):
    async with stored.acquire() as connection:
        plan = "\n".join(one[0] for one in await connection.fetch(f"explain {SQL[query]}", *arguments))
    assert [index for index in indexes if index not in plan] == [], plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("query", "indexes", "arguments"),
    [
        ("terms", ("purchases_pkey", "charges_pkey", "provider_transactions_pkey"), (["c1"], [UUID(int=1)])),
        ("unbooked", ("provider_transactions_unbooked",), ("", "", 500)),
        ("load_rows", ("provider_transactions_pkey",), (["IN"], ["c1"])),
        ("unexplained", ("provider_transactions_unknown",), (NOON, NOON, NOON, 200)),
        ("moved", ("provider_transactions_booked", "provider_transactions_unbooked", "ledger_balances_pkey"), (NOON,)),
    ],
)
async def test_stars_without_a_purchase_are_found_by_index(
    stored: "asyncpg.Pool[asyncpg.Record]", query: str, indexes: tuple[str, ...], arguments: tuple[object, ...]
):
    async with stored.acquire() as connection:
        plan = "\n".join(one[0] for one in await connection.fetch(f"explain {STARS_SQL[query]}", *arguments))
    assert [index for index in indexes if index not in plan] == [], plan
    assert "Seq Scan on provider_transactions" not in plan


async def test_a_plan_that_is_kept_for_all_charges_does_not_read_the_clearing_account(
    stored: "asyncpg.Pool[asyncpg.Record]",
):
    """After some calls Postgres keeps one plan for any arguments; that one must go by the transaction too."""
    async with stored.acquire() as connection, connection.transaction():
        await connection.execute("set local plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare looked_at as {SQL['traces']}")
        rows = await connection.fetch("explain execute looked_at('TELEGRAM', array['c1'])")
        await connection.execute("deallocate looked_at")
    plan = "\n".join(one[0] for one in rows)
    assert "ledger_entries_pkey" in plan
    assert "ledger_entries_account" not in plan, plan


async def test_money_that_came_and_went_long_ago_is_not_read_however_much_there_is(
    stored: "asyncpg.Pool[asyncpg.Record]", database: Database
):
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    await owner.execute(
        "insert into charges (id, provider, player_id, state, payload, amount, currency, paid_at, recorded_at,"
        " refunded_at, problem) select 'gone' || id, provider, player_id, 'REFUNDED', '', amount, currency, paid_at,"
        " recorded_at, recorded_at, 'unknown_payload' from charges"
    )
    await owner.execute("analyze charges")
    await owner.close()
    async with stored.acquire() as connection:
        rows = await connection.fetch(f"explain {SQL['changed_charges']}", "TELEGRAM", NOON)
    plan = "\n".join(one[0] for one in rows)
    assert "charges_returned" in plan, plan
    assert "Seq Scan" not in plan
