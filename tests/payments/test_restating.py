"""What payments tells again to a service that comes late: what was ever bought, and premium; and how it is merged."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from till import ACTOR, NOON, World

from contracts.payments import (
    CreditPurchase,
    PremiumChanged,
    PremiumRestated,
    Product,
    PurchaseCredited,
    PurchaseRefunded,
    PurchaseRestated,
    RefundPurchase,
    RefundReason,
)

pytestmark = pytest.mark.services("payments")

AS_OF = NOON + timedelta(days=40)


@pytest.fixture
async def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    """Sold: energy, a month of premium, and what was refunded; besides, an invoice nobody paid, and one uncredited."""
    world = World(pool)
    await world.sale(1)
    await world.sale(2, player_id=8, product=Product.PREMIUM_MONTH, surface="offer")
    await world.invoice(4)
    sold = await world.sale(3, player_id=9)
    world.wait(hours=1)
    await world.send(RefundPurchase(player_id=9, purchase_id=sold.purchase_id, reason=RefundReason.OPERATOR))
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    world.lost.add(CreditPurchase)
    await world.sale(5, player_id=10)
    return world


async def restated(world: World, what: str, size: int = 1) -> list[Any]:
    told: list[Any] = []
    cursor: str | None = None
    declared = ACTOR.restatables[what]
    while True:
        async with world.pool.acquire() as connection:
            rows = await connection.fetch(declared.page, cursor, size)
        if not rows:
            return told
        told += [declared.tell(row, "promo", AS_OF) for row in rows]
        cursor = str(rows[-1][0])


async def test_every_purchase_that_was_credited_is_told_once(world: World):
    told = await restated(world, "purchases")
    assert [one.purchase_id for one in told] == [UUID(int=n << 80 | 7) for n in (1, 2, 3)]
    assert told[1] == PurchaseRestated(
        hearer="promo",
        player_id=8,
        purchase_id=UUID(int=2 << 80 | 7),
        product=Product.PREMIUM_MONTH,
        amount=99,
        currency=told[1].currency,
        provider=told[1].provider,
        charge_id="c2",
        credited_at=NOON,
        surface="offer",
        as_of=AS_OF,
    )
    assert told[2].refunded_at == NOON + timedelta(hours=1)
    assert await restated(world, "purchases", 500) == told


async def test_a_purchase_of_which_telegram_s_affiliate_got_a_part_says_so(world: World):
    """It earns no commission of ours, and who comes late never heard `AffiliateCommissionTaken`."""
    await world.execute("update charges set commission = 0 where id = 'c2'")
    assert [one.affiliate for one in await restated(world, "purchases")] == [False, True, False]


async def test_premium_is_told_with_the_revision_of_its_live_event(world: World):
    (told,) = await restated(world, "premium")
    (live,) = world.told(PremiumChanged)
    assert told == PremiumRestated(
        hearer="promo", player_id=8, revision=1, terms=live.terms, changed_at=live.changed_at, as_of=AS_OF
    )


async def test_restated_and_live_events_merge_to_the_same_in_any_order(world: World):
    """As a hearer does it: what is credited stays so, what is refunded too, whoever tells it first."""
    told = await restated(world, "purchases")
    live = [*world.told(PurchaseCredited), *world.told(PurchaseRefunded)]
    third = [one for one in [*told, *live] if one.purchase_id == UUID(int=3 << 80 | 7)]
    # The refund may have come after its row was read.
    read_before = PurchaseRestated(
        **{name: getattr(third[0], name) for name in third[0].__struct_fields__ if name != "refunded_at"}
    )
    ends = [merged(order) for order in itertools.permutations([read_before, *third])]
    assert len(third) == 3
    assert set(ends) == {(NOON, NOON + timedelta(hours=1))}


def merged(events: Iterable[Any]) -> tuple[datetime | None, datetime | None]:
    credited = refunded = None
    for event in events:
        credited = credited or getattr(event, "credited_at", None)
        refunded = refunded or getattr(event, "refunded_at", None)
    return credited, refunded
