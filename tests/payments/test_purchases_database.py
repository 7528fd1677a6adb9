"""What the database refuses about purchases and charges, whoever writes."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from till import NOON, World

from contracts.payments import PurchaseState
from devstack.databases import Database

pytestmark = pytest.mark.services("payments")

CHARGE = """insert into charges (id, provider, player_id, purchase_id, state, payload, amount, currency, paid_at,
    recorded_at, refunded_at, problem)"""
OFFENCES: dict[str, tuple[type[asyncpg.IntegrityConstraintViolationError], str]] = {
    "a second open invoice of a product": (
        asyncpg.UniqueViolationError,
        "update purchases set state = 'INVOICE_SENT' where state = 'FAILED'",
    ),
    "two purchases paid by one charge": (
        asyncpg.UniqueViolationError,
        "update purchases set state = 'PAID_UNCREDITED', charge_id = 'c1' where state = 'FAILED'",
    ),
    "a purchase paid by two charges": (
        asyncpg.UniqueViolationError,
        f"""{CHARGE} select 'c9', provider, 7, id, 'TAKEN', '', 10, 'XTR', now(), now(), null, '' from purchases
        where charge_id = 'c1'""",
    ),
    "a credit without a payment": (
        asyncpg.CheckViolationError,
        "update purchases set state = 'CREDITED', charge_id = 'c9', credited_at = now() where state = 'FAILED'",
    ),
    "a credit without its time": (
        asyncpg.CheckViolationError,
        "update purchases set credited_at = null where state = 'CREDITED'",
    ),
    "money without its charge": (
        asyncpg.CheckViolationError,
        "update purchases set state = 'PAID_UNCREDITED', paid_at = now() where state = 'FAILED'",
    ),
    "an open invoice with a charge": (
        asyncpg.CheckViolationError,
        "update purchases set charge_id = 'c9' where state = 'INVOICE_SENT'",
    ),
    "a refund without its time": (
        asyncpg.CheckViolationError,
        "update purchases set state = 'REFUNDED' where state = 'CREDITED'",
    ),
    "a charge that is back without its time": (
        asyncpg.CheckViolationError,
        "update charges set state = 'REFUNDED'",
    ),
    "money that nobody paid": (
        asyncpg.CheckViolationError,
        f"{CHARGE} values ('c9', 'TELEGRAM', 7, null, 'ORPHAN', '', 10, 'XTR', null, now(), null, '')",
    ),
    "a refund of an unpaid purchase": (
        asyncpg.CheckViolationError,
        f"""{CHARGE} select 'c9', provider, 7, id, 'REFUNDED', '', 10, 'XTR', null, now(), now(), '' from purchases
        where state = 'FAILED'""",
    ),
}


@pytest.fixture
async def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    """One purchase that was credited, an open invoice of the same product, and one that lapsed."""
    made = World(pool)
    await made.sale(1)
    await made.invoice(2)
    await made.invoice(3, state=PurchaseState.FAILED, expires_at=NOON - timedelta(hours=1))
    return made


@pytest.mark.parametrize("name", OFFENCES)
async def test_the_database_refuses(world: World, name: str):
    error, sql = OFFENCES[name]
    with pytest.raises(error):
        await world.execute(sql)


@pytest.mark.parametrize("table", ["purchases", "charges"])
@pytest.mark.parametrize("change", ["delete from", "truncate"])
async def test_money_leaves_a_trace(world: World, database: Database, table: str, change: str):
    owner: Any = await asyncpg.connect(database.owner_dsn("payments"))
    try:
        with pytest.raises(asyncpg.RaiseError, match="money leaves a trace"):
            await owner.execute(f"{change} {table}")
    finally:
        await owner.close()
