"""The ledger on real Postgres: what the database itself enforces, whoever writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from bench.ledger_fill import fill

from actors.store import Connection
from contracts.payments import Product, Provider
from devstack.databases import Database
from payments.domain import ledger
from payments.domain.ledger import Transaction
from payments.store.ledger import (
    SQL,
    Balance,
    LedgerJournal,
    find_differing,
    find_unbalanced,
    read_account,
    read_balances,
    read_house,
)

pytestmark = pytest.mark.services("payments")

LATE = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
"""Half past midnight in Berlin, on the 29th."""
CLEARING = "house:PROVIDER_CLEARING:TELEGRAM"


def sold(player_id: int, *, key: UUID | None = None, product: Product = Product.ENERGY_10) -> Transaction:
    return ledger.sale(
        transaction_id=uuid4(),
        purchase_id=key or uuid4(),
        charge_id=f"charge-{player_id}",
        player_id=player_id,
        provider=Provider.TELEGRAM,
        product=product,
        amount=10,
        currency="XTR",
        at=LATE,
    )


async def append(connection: Connection, transactions: Sequence[Transaction]) -> None:
    async with connection.transaction():
        await LedgerJournal().append(connection, transactions)


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection as payments' own role."""
    made = await asyncpg.connect(database.dsn("payments"))
    yield made
    await made.close()


# -- reading and writing ------------------------------------------------------------------------


async def test_accounts_come_back_with_balances_and_journal(connection: Connection):
    first, second = sold(42), sold(42, product=Product.MEGA_PACK_15)
    await append(connection, [first, sold(43)])
    await append(connection, [second])
    account = await read_account(connection, "player:42", 2)
    assert account.balances == (Balance("player:42", "MODE_HOURS", 24), Balance("player:42", "PAID_ENERGY", 25))
    assert [(p.transaction_id, p.asset, p.amount) for p in account.postings] == [
        (second.id, "MODE_HOURS", 24),
        (second.id, "PAID_ENERGY", 15),
    ]
    newest = account.postings[0]
    assert (newest.kind, newest.purchase_id, newest.charge_id) == ("SALE", second.purchase_id, "charge-42")
    assert (newest.player_id, newest.reason, newest.at) == (42, "MEGA_PACK_15", LATE)
    assert (await read_account(connection, "player:99", 5)).balances == ()
    assert Balance(CLEARING, "XTR", 30) in await read_house(connection)
    assert {one.account for one in await read_house(connection)} == {CLEARING, "house:SALES"}
    assert await find_unbalanced(connection) == []
    assert await find_differing(connection) == []


async def test_the_berlin_day_stands_beside_the_instant(connection: Connection):
    await append(connection, [sold(42)])
    day = await connection.fetchval("select berlin_day from ledger_transactions where player_id = 42")
    assert day == date(2026, 3, 29)


async def test_keys_and_purchases_are_unique(connection: Connection):
    key = uuid4()
    await append(connection, [sold(1, key=key)])
    with pytest.raises(asyncpg.UniqueViolationError, match="idempotency_key"):
        await append(connection, [sold(1, key=key)])
    other_key = (
        "insert into ledger_transactions (id, kind, idempotency_key, purchase_id, charge_id, player_id, reason, at)"
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="ledger_transactions_purchase"):
        await connection.execute(f"{other_key} values ($1, 'SALE', 'another', $2, 'c', 1, '', now())", uuid4(), key)
    back = ledger.refund(
        transaction_id=uuid4(),
        purchase_id=key,
        charge_id="charge-1",
        player_id=1,
        provider=Provider.TELEGRAM,
        product=Product.ENERGY_10,
        amount=10,
        currency="XTR",
        at=LATE,
    )
    await append(connection, [back])
    assert await read_balances(connection, ["player:1"]) == [Balance("player:1", "PAID_ENERGY", 0)]


# -- side by side -------------------------------------------------------------------------------


async def test_two_writers_wait_for_each_other_and_never_in_a_circle(database: Database):
    async def write(players: Sequence[int]) -> None:
        writer = await asyncpg.connect(database.dsn("payments"))
        for _ in range(30):
            await append(writer, [sold(player) for player in players])
        await writer.close()

    # Each meets the others' players in another order.
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for players in (range(1, 61), range(60, 0, -1), range(1, 61, 3)):
            group.create_task(write(players))
    reader = await asyncpg.connect(database.dsn("payments"))
    assert await read_balances(reader, ["player:1", "player:2", CLEARING]) == [
        Balance(CLEARING, "XTR", 10 * 30 * (60 + 60 + 20)),
        Balance("player:1", "PAID_ENERGY", 900),
        Balance("player:2", "PAID_ENERGY", 600),
    ]
    assert await find_differing(reader) == []
    await reader.close()


async def test_of_two_sales_of_one_purchase_the_second_waits_and_is_refused(database: Database):
    key = uuid4()
    first, second, watcher = [await asyncpg.connect(database.dsn("payments")) for _ in range(3)]
    under_way = first.transaction()
    await under_way.start()
    await LedgerJournal().append(first, [sold(1, key=key)])
    late = asyncio.create_task(append(second, [sold(1, key=key)]))
    blocked = "select cardinality(pg_blocking_pids($1)) > 0"
    deadline = time.monotonic() + 20
    while not await watcher.fetchval(blocked, second.get_server_pid()):
        assert not late.done(), "it did not wait for the first to commit"
        assert time.monotonic() < deadline
    await under_way.commit()
    with pytest.raises(asyncpg.UniqueViolationError):
        await late
    assert await read_balances(watcher, ["player:1"]) == [Balance("player:1", "PAID_ENERGY", 10)]
    for one in (first, second, watcher):
        await one.close()


# -- size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        ("balances_of", (["player:5", "house:SALES"],), "ledger_balances_pkey"),
        ("last_entries_of", (["player:5"], [20]), "ledger_entries_account"),
        ("last_entries_of", (["house:SALES"], [20]), "ledger_entries_account"),
        ("house_balances", (), "ledger_balances_pkey"),
    ],
)
async def test_hot_queries_use_their_index(
    connection: Connection, database: Database, query: str, arguments: tuple[object, ...], index: str
):
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    await fill(owner, 4_000, players=3_000)
    await owner.close()
    plan = "\n".join(row[0] for row in await connection.fetch(f"explain {SQL[query]}", *arguments))
    assert index in plan
    assert "Seq Scan" not in plan
    assert "Sort Key: ledger_entries.id" not in plan  # the journal's end is read, not the whole journal


async def test_the_fill_is_a_ledger_like_any_other(connection: Connection, database: Database):
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    await fill(owner, 500, players=100, first=1)
    await fill(owner, 501, players=100, first=501)
    counts = await owner.fetchrow(
        "select (select count(*) from ledger_transactions where kind = 'SALE'),"
        " (select count(*) from ledger_entries as e join ledger_transactions as t on t.id = transaction_id"
        " where kind = 'SALE')"
    )
    await owner.close()
    assert counts is not None
    assert tuple(counts) == (1_001, 5 * 1_001 + 1)
    assert await find_unbalanced(connection) == []
    assert await find_differing(connection) == []
