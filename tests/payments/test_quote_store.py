"""Quotes, discounts and rates as rows, on real Postgres (DOMAIN §5)."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from shelf import ENERGY, NOON, PACK, TODAY, Pool, Service, set_price

from actors.endpoints import Endpoint
from contracts.message import Contract
from contracts.payments import (
    Currency,
    HoldDiscount,
    QuoteProduct,
    QuoteStep,
    ReleaseDiscount,
    SwitchProduct,
)
from payments.domain.catalogue import SHIPPED, Region
from payments.domain.discount import Discount
from payments.domain.quote import Quote
from payments.domain.rates import RatesFetched, ReferenceRate
from payments.handlers.catalogue import CatalogueQuery, query_catalogue
from payments.store.catalogue import (
    SQL,
    DiscountStore,
    QuoteStore,
    RateTable,
    has_rates,
    read_catalogue,
)

pytestmark = pytest.mark.services("payments")


# -- quotes and discounts -----------------------------------------------------------------------


async def test_quotes_come_back_as_they_were_saved(pool: Pool):
    steps = (
        QuoteStep(name="base", detail="XTR, version 1", amount=99),
        QuoteStep(name="discount", detail="−20 %", amount=80),
    )
    times = (NOON, NOON + timedelta(minutes=15, microseconds=3))
    rich = Quote(uuid4(), 7, PACK, Currency.EUR, "R", uuid4(), 99, 80, 4, steps, *times)
    plain = Quote(uuid4(), 8, ENERGY, Currency.XTR, "", None, 10, 10, 1, steps[:1], *times)
    async with pool.acquire() as connection:
        await QuoteStore().save(connection, [rich, plain])
        found = await QuoteStore().load(connection, sorted([rich.id, plain.id, UUID(int=1)]))
    assert found == {rich.id: rich, plain.id: plain}


async def test_a_quote_is_made_in_a_turn_and_kept(service: Service, pool: Pool):
    redemption = uuid4()
    await service.take(
        HoldDiscount(
            player_id=7,
            redemption_id=redemption,
            percent=20,
            products=(PACK,),
            reserved_until=NOON + timedelta(minutes=15),
        )
    )
    await service.take(
        QuoteProduct(player_id=7, product=PACK, redemption_id=redemption),
        QuoteProduct(player_id=8, product=ENERGY),
        QuoteProduct(player_id=8, product=PACK, redemption_id=redemption),
    )
    rows = await pool.fetch("select player_id, amount, base_amount, redemption_id from quotes order by player_id")
    assert [tuple(row) for row in rows] == [(7, 12, 15, redemption), (8, 10, 10, None)]


async def test_lapsed_quotes_are_deleted_and_no_others(pool: Pool):
    made = [
        Quote(uuid4(), 7, PACK, Currency.XTR, "", None, 9, 9, 1, (), NOON, NOON + timedelta(days=days))
        for days in (1, 2, 3)
    ]
    async with pool.acquire() as connection:
        await QuoteStore().save(connection, made)
        assert await connection.execute(SQL["delete_old_quotes"], NOON + timedelta(days=2), 5) == "DELETE 1"
        assert set(await QuoteStore().load(connection, sorted(one.id for one in made))) == {m.id for m in made[1:]}


async def test_discounts_come_back_as_they_were_saved(pool: Pool):
    store = DiscountStore()
    rich = Discount(uuid4(), 7, 20, (PACK, ENERGY), NOON, NOON, NOON + timedelta(seconds=1), uuid4(), True)
    bare = Discount(uuid4(), 8, released_at=NOON)
    async with pool.acquire() as connection, connection.transaction():
        await store.save(connection, [rich, bare])
        keys = sorted([rich.redemption_id, bare.redemption_id])
        assert await store.load(connection, keys) == {rich.redemption_id: rich, bare.redemption_id: bare}
        bare.percent, bare.products, bare.reserved_until, bare.held_at = 90, (PACK,), NOON, NOON
        bare.released_at, bare.purchase_id, bare.used = None, uuid4(), True
        await store.save(connection, [bare])
        assert await store.load(connection, [bare.redemption_id]) == {bare.redemption_id: bare}


async def test_words_about_a_discount_end_the_same_in_one_turn_and_in_several(service: Service, pool: Pool):
    def words(redemption: UUID) -> list[Contract]:
        until = NOON + timedelta(minutes=15)
        held = HoldDiscount(player_id=7, redemption_id=redemption, percent=20, products=(PACK,), reserved_until=until)
        return [ReleaseDiscount(player_id=7, redemption_id=redemption), held]

    one, other = uuid4(), uuid4()
    await service.take(*words(one))
    for word in words(other):
        await service.take(word)
    async with pool.acquire() as connection, connection.transaction():
        found = await DiscountStore().load(connection, sorted([one, other]))
    assert [found[key].is_released for key in (one, other)] == [True, True]
    assert [found[key].percent for key in (one, other)] == [20, 20]


# -- rates and regions --------------------------------------------------------------------------


def rate(currency: Currency, day: date, micro: int) -> ReferenceRate:
    return ReferenceRate(currency, day, micro)


async def test_the_newest_rate_of_each_currency_counts(pool: Pool):
    yesterday = TODAY - timedelta(days=1)
    rows = [
        RatesFetched((rate(Currency.USD, TODAY, 1_100_000),), NOON),
        RatesFetched((rate(Currency.USD, yesterday, 1_090_000), rate(Currency.GBP, yesterday, 840_000)), NOON),
    ]
    async with pool.acquire() as connection:
        await RateTable().append(connection, rows)
        catalogue = await read_catalogue(connection)
        assert catalogue.rate(Currency.USD) == rate(Currency.USD, TODAY, 1_100_000)
        assert catalogue.rate(Currency.GBP) == rate(Currency.GBP, yesterday, 840_000)
        assert not await has_rates(connection, TODAY)
        assert await has_rates(connection, yesterday)


async def test_a_day_that_is_fetched_again_is_corrected(pool: Pool):
    async with pool.acquire() as connection:
        for micro in (1_100_000, 1_200_000):
            twice = RatesFetched((rate(Currency.USD, TODAY, micro - 1), rate(Currency.USD, TODAY, micro)), NOON)
            await RateTable().append(connection, [twice])
        catalogue = await read_catalogue(connection)
    assert catalogue.rates == (rate(Currency.USD, TODAY, 1_200_000),)


async def test_the_door_shows_all_of_it(service: Service, pool: Pool):
    await service.take(set_price(ENERGY, 12), SwitchProduct(product=PACK, enabled=False), operator="ada")
    await pool.execute("insert into regions values ('R', 70)")
    old = rate(Currency.USD, TODAY - timedelta(days=8), 1_084_200)
    async with pool.acquire() as connection:
        await RateTable().append(connection, [RatesFetched((old, rate(Currency.GBP, TODAY, 841_200)), NOON)])
        assert (await read_catalogue(connection)).regions == (Region("R", 70),)
    answer = await query_catalogue(CatalogueQuery(), Endpoint(clock=service.clock, acquire=pool.acquire, resources={}))
    assert [one.product for one in answer.products] == [one.product for one in SHIPPED]
    energy, pack = answer.products[:2]
    assert (energy.enabled, pack.enabled) == (True, False)
    prices = {price.currency: (price.amount, price.version, price.set_by) for price in energy.prices}
    assert prices == {Currency.XTR: (12, 2, "ada"), Currency.EUR: (69, 1, "shipped")}
    assert {price.valid_from for price in energy.prices if price.version == 2} == {NOON}
    assert answer.regions == {"R": 70}
    assert {(one.currency, one.rate, one.too_old) for one in answer.rates} == {
        (Currency.USD, "1.0842", True),
        (Currency.GBP, "0.8412", False),
    }
