"""The ledger's guards on real Postgres: each refuses, and without it the same would pass."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import pytest

from actors.store import Connection
from devstack.databases import Database
from payments.store.ledger import SQL, Balance, find_differing, find_unbalanced, read_balances

pytestmark = pytest.mark.services("payments")

OLD = UUID(int=7)
"""A transaction that the ledger has."""

Leg = tuple[int, str, str, int]
Written = tuple[str, object, object]


def _written(identifier: UUID, legs: Sequence[Leg], *, head: bool = True) -> Written:
    """A statement that writes a transaction and legs, and its arguments."""
    rows = [(identifier, *leg) for leg in legs]
    if not head:
        return f"with entry as ({SQL['append_entries']}) select $2::uuid", rows, identifier
    sql = (
        "with head as (insert into ledger_transactions (id, kind, idempotency_key, player_id, reason, at) "
        f"values ($2::uuid, 'GRANT', $2::uuid::text, 1, '', now())) {SQL['append_entries']}"
    )
    return sql, rows, identifier


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection as payments' own role, with one old transaction in the ledger."""
    made = await asyncpg.connect(database.dsn("payments"))
    await made.execute(*_written(OLD, [(1, "player:1", "XTR", 5), (2, "house:SALES", "XTR", -5)]))
    yield made
    await made.close()


def _without(table: str, constraint: str) -> str:
    return f"alter table {table} drop constraint {constraint}"


NEW = UUID(int=8)
_NO_TRIGGER = "alter table ledger_entries disable trigger ledger_post"
PAIR: Sequence[Leg] = [(1, "player:1", "XTR", 3), (2, "house:SALES", "XTR", -3)]

OFFENCES: dict[str, tuple[str, str, Written]] = {
    "out of balance": (
        "ledger_balanced",
        _NO_TRIGGER,
        _written(NEW, [(1, "player:1", "XTR", 3), (2, "house:SALES", "XTR", -2)]),
    ),
    "balanced across assets only": (
        "ledger_balanced",
        _NO_TRIGGER,
        _written(NEW, [(1, "player:1", "XTR", 3), (2, "house:SALES", "EUR", -3)]),
    ),
    "a gap in the legs": (
        "ledger_whole",
        _NO_TRIGGER,
        _written(NEW, [(1, "player:1", "XTR", 3), (3, "house:SALES", "XTR", -3)]),
    ),
    "an account twice": (
        "ledger_whole",
        _NO_TRIGGER,
        _written(NEW, [(1, "player:1", "XTR", 1), (2, "player:1", "XTR", 1), (3, "house:SALES", "XTR", -2)]),
    ),
    "a later leg": (
        "ledger_balanced",
        _NO_TRIGGER,
        _written(OLD, [(3, "player:1", "XTR", 3)], head=False),
    ),
    "a later balanced pair": (
        "ledger_whole",
        _NO_TRIGGER,
        _written(OLD, [(3, "player:2", "XTR", 3), (4, "house:SALES", "XTR", -3)], head=False),
    ),
    "the same legs again": (
        "ledger_entries_pkey",
        ";".join(
            (
                _without("ledger_transactions", "ledger_transactions_not_empty"),
                _without("ledger_entries", "ledger_entries_pkey"),
            )
        ),
        _written(OLD, [(1, "player:1", "XTR", 5), (2, "house:SALES", "XTR", -5)], head=False),
    ),
    "no entries": (
        "ledger_transactions_not_empty",
        _without("ledger_transactions", "ledger_transactions_not_empty"),
        _written(NEW, []),
    ),
    "entries of nothing": (
        "ledger_entries_transaction_id_fkey",
        _without("ledger_entries", "ledger_entries_transaction_id_fkey"),
        _written(NEW, PAIR, head=False),
    ),
    "an amount of 0": (
        "ledger_entries_amount_check",
        _without("ledger_entries", "ledger_entries_amount_check"),
        _written(NEW, [(1, "player:1", "XTR", 0), (2, "house:SALES", "XTR", 0)]),
    ),
    "an unknown account": (
        "ledger_entries_account_check",
        _without("ledger_entries", "ledger_entries_account_check"),
        _written(NEW, [(1, "player:0", "XTR", 3), (2, "house:SALES", "XTR", -3)]),
    ),
    "an unknown asset": (
        "ledger_entries_asset_check",
        _without("ledger_entries", "ledger_entries_asset_check"),
        _written(NEW, [(1, "player:1", "GOLD", 3), (2, "house:SALES", "GOLD", -3)]),
    ),
}

_UPSERT = (
    "insert into ledger_transactions (id, kind, idempotency_key, player_id, reason, at) "
    "select id, kind, idempotency_key, player_id, reason, at from ledger_transactions "
    "on conflict (id) do update set reason = 'x'"
)
CHANGES = {
    "ledger_transactions": (
        "update ledger_transactions set reason = 'x'",
        "delete from ledger_transactions",
        _UPSERT,
        "truncate ledger_transactions, ledger_entries",
    ),
    "ledger_entries": (
        "update ledger_entries set amount = 2 * amount",
        "delete from ledger_entries",
        "truncate ledger_entries, ledger_transactions",
    ),
    "ledger_balances": (
        "update ledger_balances set balance = 9",
        "delete from ledger_balances",
        "insert into ledger_balances (account, asset, balance) values ('player:9', 'XTR', 1)",
        "truncate ledger_balances",
    ),
}


@pytest.mark.parametrize("name", OFFENCES)
async def test_the_database_refuses(name: str, connection: Connection, database: Database):
    constraint, removal, (sql, *arguments) = OFFENCES[name]
    before = await _everything(connection)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await connection.execute(sql, *arguments)
    assert refused.value.constraint_name == constraint
    assert await _everything(connection) == before
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    await owner.execute(removal)
    await connection.execute(sql, *arguments)  # it was this guard, and no other, that refused
    assert await _everything(connection) != before
    await owner.close()


@pytest.mark.parametrize(("table", "sql"), [(table, sql) for table, some in CHANGES.items() for sql in some])
async def test_nothing_is_changed_not_even_by_the_owner(
    table: str, sql: str, connection: Connection, database: Database
):
    before = await _everything(connection)
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    for other in CHANGES.keys() - {table}:
        await owner.execute(f"alter table {other} disable trigger user")  # this table's guard alone refuses
    with pytest.raises(asyncpg.RaiseError, match=f"^{table} (is append-only|follows from ledger_entries)"):
        await owner.execute(sql)
    assert await _everything(connection) == before
    await owner.execute(f"alter table {table} disable trigger user")
    if table != "ledger_balances":
        await owner.execute(_without("ledger_transactions", "ledger_transactions_not_empty"))
        await owner.execute(_without("ledger_entries", "ledger_entries_transaction_id_fkey"))
    await owner.execute(sql)
    assert await _everything(connection) != before
    await owner.close()


async def _everything(connection: Connection) -> list[asyncpg.Record]:
    tables = ("ledger_transactions", "ledger_entries", "ledger_balances")
    return [row for table in tables for row in await connection.fetch(f"select * from {table} order by 1, 2, 3")]


async def test_two_parts_of_one_statement_are_checked_together(connection: Connection):
    half = "insert into ledger_entries (transaction_id, leg, account, asset, amount) values"
    head = "insert into ledger_transactions (id, kind, idempotency_key, player_id, reason, at) values"
    await connection.execute(
        f"with h as ({head} ($1, 'GRANT', 'k', 1, '', now())), a as ({half} ($1, 1, 'player:1', 'XTR', 3)), "
        f"b as ({half} ($1, 2, 'house:SALES', 'XTR', -3)) select",
        NEW,
    )
    assert await read_balances(connection, ["player:1"]) == [Balance("player:1", "XTR", 8)]


async def test_a_wrong_balance_and_a_wrong_transaction_are_found(connection: Connection, database: Database):
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    for table in ("ledger_balances", "ledger_entries"):
        await owner.execute(f"alter table {table} disable trigger user")
    await owner.execute("alter table ledger_transactions drop constraint ledger_transactions_not_empty")
    await owner.execute(*_written(NEW, [(1, "player:2", "XTR", 3)]))
    await owner.execute(*_written(UUID(int=9), []))
    await owner.execute("update ledger_balances set balance = 6 where account = 'player:1'")
    await owner.close()
    assert sorted((one.transaction_id, one.asset, one.rest) for one in await find_unbalanced(connection)) == [
        (NEW, "XTR", 3),
        (UUID(int=9), None, 0),
    ]
    assert [(one.account, one.balance, one.total) for one in await find_differing(connection)] == [
        ("player:1", 6, 5),
        ("player:2", 0, 3),
    ]
