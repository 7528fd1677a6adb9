"""Catalogue, quotes and discounts on real Postgres: what ships, what ops change, what is saved is what is loaded."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from shelf import ENERGY, NOON, PACK, Pool, Service, set_price

import payments
from contracts.payments import Currency, Product, SwitchProduct
from devstack.databases import Database
from payments.domain.catalogue import SHIPPED, Price
from payments.store.catalogue import (
    SQL,
    ArticleStore,
    Catalogues,
    read_catalogue,
    ship,
)

pytestmark = pytest.mark.services("payments")

TICKET = Product.DUEL_TICKET_5
_TICKET_OFF = Path(payments.__file__).parent / "migrations/pre/1007_no_duels_yet.sql"


# -- what ships ---------------------------------------------------------------------------------


async def test_the_catalogue_ships_once_in_the_order_of_the_shelf(pool: Pool):
    async with pool.acquire() as connection:
        assert await ship(connection) == "16 prices added"
        assert await ship(connection) == "nothing new"
        catalogue = await read_catalogue(connection)
    assert [item.product for item in catalogue.items] == [one.product for one in SHIPPED]
    assert catalogue.on_sale() == tuple(one.product for one in SHIPPED if one.enabled)
    assert {(p.product, p.currency, p.version, p.amount) for p in catalogue.prices} == {
        *((one.product, Currency.XTR, 1, one.stars) for one in SHIPPED),
        *((one.product, Currency.EUR, 1, one.cents) for one in SHIPPED),
    }


async def test_an_empty_table_is_an_empty_catalogue(pool: Pool):
    async with pool.acquire() as connection:
        found = await Catalogues().load(connection, ["catalogue"])
    assert (found["catalogue"].items, found["catalogue"].prices, found["catalogue"].rates) == ((), (), ())


async def test_shipping_leaves_alone_what_ops_changed(service: Service, pool: Pool):
    await service.take(
        set_price(ENERGY, 12),
        set_price(ENERGY, 99, Currency.EUR),
        SwitchProduct(product=PACK, enabled=False),
    )
    async with pool.acquire() as connection:
        before = await read_catalogue(connection)
        assert await ship(connection) == "nothing new"
        assert await read_catalogue(connection) == before
    assert before.price(ENERGY, Currency.XTR) == Price(ENERGY, Currency.XTR, 2, 12)
    assert before.price(ENERGY, Currency.EUR) == Price(ENERGY, Currency.EUR, 2, 99)
    assert not before.is_on_sale(PACK)


async def test_several_may_ship_at_once(pool: Pool):
    async def once() -> None:
        async with pool.acquire() as connection:
            await ship(connection)

    await asyncio.gather(*(once() for _ in range(4)))
    assert await pool.fetchval("select count(*) from prices") == 2 * len(SHIPPED)


async def test_rows_that_this_build_does_not_know_are_passed_over(service: Service, pool: Pool, database: Database):
    await pool.execute("insert into products (product, position) values ('FROM_TOMORROW', 1)")
    await pool.execute(
        "insert into prices (product, currency, version, amount, set_by)"
        " values ('FROM_TOMORROW', 'XTR', 1, 5, 'x'), ('ENERGY_10', 'CHF', 1, 5, 'x')"
    )
    async with pool.acquire() as connection:
        catalogue = await read_catalogue(connection)
        article = (await ArticleStore().load(connection, [ENERGY]))[ENERGY]
    assert len(catalogue.items) == len(SHIPPED)
    assert len(catalogue.prices) == 2 * len(SHIPPED)
    assert {price.currency for price in article.prices} == {Currency.XTR, Currency.EUR}


async def test_what_is_for_duels_is_not_on_sale_until_ops_put_it_there(service: Service, pool: Pool):
    async with pool.acquire() as connection:
        assert not (await read_catalogue(connection)).is_on_sale(TICKET)
        await service.take(SwitchProduct(product=TICKET, enabled=True), operator="ada")
        await ship(connection)
        catalogue = await read_catalogue(connection)
    assert catalogue.is_on_sale(TICKET)
    assert catalogue.price(TICKET, Currency.XTR) == Price(TICKET, Currency.XTR, 1, 5)


@pytest.mark.parametrize("by_an_operator", [False, True])
async def test_a_ticket_that_was_shipped_on_sale_is_taken_off_unless_an_operator_put_it_there(
    service: Service, pool: Pool, database: Database, by_an_operator: bool
):
    await pool.execute("update products set enabled = true")
    if by_an_operator:
        await service.take(SwitchProduct(product=TICKET, enabled=True), operator="ada")
    await service.take(SwitchProduct(product=PACK, enabled=True), operator="ada")
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    try:
        await owner.execute(_TICKET_OFF.read_text())
    finally:
        await owner.close()
    async with pool.acquire() as connection:
        on_sale = (await read_catalogue(connection)).on_sale()
    assert on_sale == tuple(one.product for one in SHIPPED if by_an_operator or one.product is not TICKET)


# -- what ops change ----------------------------------------------------------------------------


async def test_prices_set_in_one_turn_follow_one_another(service: Service, pool: Pool):
    await service.take(
        set_price(ENERGY, 12), set_price(PACK, 16), set_price(ENERGY, 10), set_price(ENERGY, 10), operator="ada"
    )
    rows = await pool.fetch(
        "select version, amount, set_by, valid_from = $1 from prices where product = 'ENERGY_10' and currency = 'XTR'"
        " order by version",
        NOON,
    )
    assert [tuple(row) for row in rows] == [(1, 10, "shipped", False), (2, 12, "ada", True), (3, 10, "ada", True)]


async def test_two_replicas_that_set_a_price_at_once_make_two_versions(service: Service, pool: Pool):
    await asyncio.gather(*(service.take(set_price(ENERGY, amount)) for amount in range(20, 28)))
    versions = await pool.fetch(
        "select version from prices where product = 'ENERGY_10' and currency = 'XTR' order by 1"
    )
    assert [row[0] for row in versions] == list(range(1, 10))


async def test_the_lock_on_a_product_shows_the_prices_that_were_set_while_it_waited(service: Service, pool: Pool):
    store = ArticleStore()
    async with pool.acquire() as first, pool.acquire() as second:
        async with first.transaction():
            await store.load(first, [ENERGY])
            waiting = asyncio.create_task(_load(second, ENERGY))
            await _until_waiting(pool, waiting)
            await first.execute(SQL["append_prices"], [ENERGY], ["XTR"], [2], [77], ["ada"], [NOON])
        article = await waiting
    assert article[ENERGY].price(Currency.XTR) == Price(ENERGY, Currency.XTR, 2, 77)


async def _load(connection: Any, product: Product) -> Any:
    async with connection.transaction():
        return await ArticleStore().load(connection, [product])


async def _until_waiting(pool: Pool, task: "asyncio.Task[Any]") -> None:
    async with asyncio.timeout(10):
        while not await pool.fetchval(
            "select exists (select from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database())"
        ):
            assert not task.done(), "it did not wait for the lock"
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "statement",
    ["update prices set amount = 1", "delete from prices", "truncate prices"],
)
async def test_a_price_of_the_past_cannot_be_changed(service: Service, database: Database, statement: str):
    owner = await asyncpg.connect(database.owner_dsn("payments"))
    try:
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await owner.execute(statement)
    finally:
        await owner.close()


@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("prices", "product, currency, version, amount, set_by", "'ENERGY_10', 'USD', 1, 0, 'x'"),
        ("prices", "product, currency, version, amount, set_by", "'ENERGY_10', 'XTR', 0, 5, 'x'"),
        ("regions", "region, percent", "'R', 0"),
        ("regions", "region, percent", "'R', 1001"),
        ("reference_rates", "currency, day, rate_micro, fetched_at", "'USD', now(), 0, now()"),
        ("discounts", "redemption_id, player_id, percent, products, used", "gen_random_uuid(), 1, 91, '{}', false"),
        (
            "discounts",
            "redemption_id, player_id, percent, products, held_at, used",
            "gen_random_uuid(), 1, 0, '{}', now(), false",
        ),
    ],
)
async def test_the_database_refuses_what_is_no_money(
    service: Service, pool: Pool, table: str, columns: str, values: str
):
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute(f"insert into {table} ({columns}) values ({values})")
