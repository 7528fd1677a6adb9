"""Any mix of rows, heard or not, with commissions in them or not, read at any time: the books come out even (§6)."""

import os
import random
from typing import Any

import asyncpg
import pytest
from star_list import OTHERS, held, house, said, sold, stars
from till import DUES, PRICES, World, reconciled, row

from contracts.payments import (
    AffiliateCommissionTaken,
    OrphanPaymentReceived,
    PurchaseCredited,
    RefundPurchase,
    RefundReason,
)
from contracts.payments import PurchaseState as S
from payments.domain.purchase import Purchase
from payments.domain.reconciliation import DiffKind
from payments.domain.stars import NANOS
from payments.handlers.recovery import recover
from payments.providers import Direction, TransactionKind
from payments.store.ledger import find_differing, find_unbalanced

pytestmark = pytest.mark.services("payments")

SEEDS = range(int(os.environ.get("STARS_SEEDS", "6")))
STEPS = 25


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


class Telegram:
    """A list that grows, and updates of which some get lost and some come late."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.gross = world.stars.is_gross = self.dice.random() < 0.5
        self.sold: list[tuple[Purchase, str, int | None]] = []
        self.back: set[str] = set()
        self.late: list[Any] = []
        self.count = 0

    async def step(self) -> None:
        rare = (self.refund, self.give_back, self.move, self.read, self.recover, self.hear)
        await self.dice.choice((self.sell, self.sell, self.sell, *rare))()
        self.world.wait(seconds=self.dice.choice([1, 60, 1000]))

    async def sell(self) -> None:
        self.count += 1
        charge_id, product = f"c{self.count}", self.dice.choice(list(PRICES)[:2])
        bought = await self.world.invoice(self.count, player_id=self.count, product=product)
        word = self.world.charge(bought, charge_id)
        commission = None
        if self.dice.random() < 0.6:
            commission = self.dice.choice([0, 1, NANOS, bought.amount * NANOS // 20, bought.amount * NANOS // 3])
            self.world.stars.rows.pop()
            self._list(sold(bought, charge_id, self.world.now, commission=commission, gross=self.gross))
        self.sold.append((bought, charge_id, commission))
        match self.dice.choice(["heard", "lost", "late", "twice"]):
            case "heard":
                await self.world.send(word)
            case "late":
                self.late.append(word)
            case "twice":
                await self.world.send(word, word)
            case _:
                pass

    async def refund(self) -> None:
        """Ops want one back; the provider does it."""
        if not self.sold:
            return
        bought, _, _ = self.dice.choice(self.sold)
        wish = RefundPurchase(player_id=bought.player_id, purchase_id=bought.purchase_id, reason=RefundReason.OPERATOR)
        await self.world.send(wish)
        await self.world.perform(self._give_back)

    async def give_back(self) -> None:
        """The provider does it by itself, and says nothing."""
        if self.sold:
            self._give_back(self.dice.choice(self.sold)[1])

    async def move(self) -> None:
        self.count += 1
        partner = self.dice.choice(OTHERS)[1]
        side = self.dice.choice(["source", "receiver"])
        amount = stars(self.dice.choice([1, 5 * NANOS, 7 * NANOS + 3]))
        self._list(said(id=f"m{self.count}", date=int(self.world.now.timestamp()), **{side: partner}, **amount))

    async def read(self) -> None:
        await reconciled(self.world, self.dice.choice(DUES))

    async def recover(self) -> None:
        await self.world.run(recover.due())

    async def hear(self) -> None:
        await self.world.send(*self.late)
        self.late.clear()

    def _list(self, one: Any) -> None:
        """A row may stand a little before others, and is never told twice."""
        place = len(self.world.stars.rows) - (self.dice.random() < 0.2)
        self.world.stars.rows.insert(max(0, place), one)

    def _give_back(self, charge_id: str) -> None:
        if charge_id in self.back:
            return
        self.back.add(charge_id)
        bought, _, commission = next(one for one in self.sold if one[1] == charge_id)
        if commission is None:
            way: dict[str, Any] = {"direction": Direction.OUT, "kind": TransactionKind.REFUND}
            way |= {"user_id": bought.player_id, "payload": bought.payload, "at": self.world.now}
            self._list(row(charge_id, bought.amount, **way))
        else:
            self._list(sold(bought, charge_id, self.world.now, commission=commission, gross=self.gross, back=True))


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_books_come_out_even_and_no_sale_is_refunded_that_was_paid(world: World, seed: int) -> None:
    telegram = Telegram(world, seed)
    for _ in range(STEPS):
        await telegram.step()
    world.wait(hours=26)
    await world.run(recover.due())
    lines: list[str] = []
    for due in (*DUES, *DUES):
        world.wait(minutes=20)
        diffs = (await reconciled(world, due)).diffs
        # Of Premium that was given by hand is told until a person explains it.
        lines = [diff.line for diff in diffs if diff.kind is not DiffKind.GIFT_NOT_OURS]
        await world.run(recover.due())
    assert lines == []
    await telegram.hear()
    for bought, charge_id, _ in telegram.sold:
        expected = S.REFUNDED if charge_id in telegram.back else S.CREDITED
        assert (await world.purchase(bought.purchase_id)).state is expected, charge_id
    assert world.told(OrphanPaymentReceived) == []
    assert await held(world) == await world.stars.star_balance()
    assert sum((await house(world)).values()) == 0
    async with world.pool.acquire() as connection:
        assert (await find_unbalanced(connection), await find_differing(connection)) == ([], [])
    affiliated = {charge_id for _, charge_id, commission in telegram.sold if commission is not None}
    told = [event.charge_id for event in world.told(AffiliateCommissionTaken)]
    assert sorted(told) == sorted(affiliated)
    assert {event.charge_id for event in world.told(PurchaseCredited) if event.affiliate} <= affiliated
