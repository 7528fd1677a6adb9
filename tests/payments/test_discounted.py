"""What payments tells promo of purchases with a discount: as they stand, page by page (DOMAIN §7)."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from till import NOON, World

from actors.endpoints import Endpoint
from contracts.payments import (
    DiscountedPurchase,
    DiscountedPurchasesQuery,
    HoldDiscount,
    LapseInvoice,
    Product,
    PurchaseState,
    RefundPurchase,
    RefundReason,
    StarPricesQuery,
)
from payments.handlers.discounted import query_discounted_purchases, query_star_prices
from payments.store.catalogue import ship

pytestmark = pytest.mark.services("payments")

REDEMPTIONS = [UUID(int=100 + number) for number in range(4)]


@pytest.fixture
async def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    """With a discount: sold; sold an hour later and refunded; an invoice that lapsed. Without one: sold."""
    world = World(pool)
    for player, redemption in ((7, REDEMPTIONS[1]), (8, REDEMPTIONS[3]), (9, REDEMPTIONS[2])):
        await world.send(
            HoldDiscount(
                player_id=player, redemption_id=redemption, percent=20, products=tuple(Product),
                reserved_until=NOON + timedelta(hours=2),
            )
        )  # fmt: skip
    await world.sale(1, redemption_id=REDEMPTIONS[1])
    await world.sale(4)
    lapsing = await world.invoice(3, player_id=8, redemption_id=REDEMPTIONS[3])
    world.wait(hours=1)
    sold = await world.sale(2, player_id=9, redemption_id=REDEMPTIONS[2])
    await world.send(RefundPurchase(player_id=9, purchase_id=sold.purchase_id, reason=RefundReason.OPERATOR))
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    await world.send(LapseInvoice(player_id=8, purchase_id=lapsing.purchase_id))
    return world


async def told(world: World, since: datetime, *, limit: int = 500) -> list[DiscountedPurchase]:
    """All pages, one after the other."""
    endpoint = Endpoint(clock=world.clock, acquire=world.pool.acquire, resources={})
    found: list[DiscountedPurchase] = []
    after: UUID | None = None
    while True:
        query = DiscountedPurchasesQuery(since=since, after=after, limit=limit)
        page = (await query_discounted_purchases(query, endpoint)).purchases
        found += page
        if len(page) < limit:
            return found
        since, after = page[-1].changed_at, page[-1].purchase_id


@pytest.mark.parametrize("limit", [1, 500])
async def test_each_is_told_once_as_it_stands(world: World, limit: int) -> None:
    hour = NOON + timedelta(hours=1)
    found = await told(world, NOON, limit=limit)
    assert [(one.redemption_id, one.state) for one in found] == [
        (REDEMPTIONS[1], PurchaseState.CREDITED),
        (REDEMPTIONS[2], PurchaseState.REFUNDED),
        (REDEMPTIONS[3], PurchaseState.FAILED),
    ]
    assert [(one.credited_at, one.refunded_at) for one in found] == [(NOON, None), (hour, hour), (None, None)]


async def test_what_has_not_changed_since_is_not_told(world: World) -> None:
    found = await told(world, NOON + timedelta(minutes=1))
    assert [one.redemption_id for one in found] == REDEMPTIONS[2:]


async def test_prices_in_stars_are_told_of_every_product(world: World) -> None:
    async with world.pool.acquire() as connection:
        await ship(connection)
    endpoint = Endpoint(clock=world.clock, acquire=world.pool.acquire, resources={})
    prices = {one.product: one.amount for one in (await query_star_prices(StarPricesQuery(), endpoint)).prices}
    assert set(prices) == set(Product)
    assert (prices[Product.PREMIUM_YEAR], prices[Product.DUEL_TICKET_5]) == (499, 5)
