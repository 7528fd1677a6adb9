"""What referrals asks (DOMAIN §9): how purchases in Stars stand, by the time of their change and by name."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from till import NOON, World

from contracts.payments import NamedStarSalesQuery, Product, RecordRefund, RefundReason, StarSalesQuery
from payments.store.star_sales import read_named_star_sales, read_star_sales

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


async def test_sales_come_in_pages_with_what_became_of_them(world: World) -> None:
    sold = [await world.sale(number, product=Product.MEGA_PACK_15) for number in (1, 2, 3)]
    await world.invoice(4)
    world.wait(minutes=1)
    back = RecordRefund(
        player_id=7,
        provider=sold[0].provider,
        charge_id="c1",
        reason=RefundReason.OPERATOR,
        refunded_at=world.now,
    )
    await world.send(back)
    seen: list[UUID] = []
    since, after = NOON - timedelta(days=1), None
    async with world.pool.acquire() as connection:
        while page := await read_star_sales(connection, StarSalesQuery(since=since, after=after, limit=2)):
            seen += [one.purchase_id for one in page]
            since, after = page[-1].changed_at, page[-1].purchase_id
        named = await read_named_star_sales(
            connection, NamedStarSalesQuery(purchase_ids=(sold[0].purchase_id, UUID(int=9)))
        )
    assert seen == [sold[1].purchase_id, sold[2].purchase_id, sold[0].purchase_id]
    (first,) = named
    assert (first.stars, first.player_id, first.refunded_at, first.affiliate) == (15, 7, world.now, False)


async def test_a_commission_of_telegrams_is_told_though_the_purchase_did_not_change(world: World) -> None:
    sold = await world.sale(1)
    await world.execute("update charges set commission = 500000000 where id = 'c1'")
    async with world.pool.acquire() as connection:
        (one,) = await read_named_star_sales(connection, NamedStarSalesQuery(purchase_ids=(sold.purchase_id,)))
    assert one.affiliate
