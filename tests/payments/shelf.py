"""The shelf's stage: payments' real handlers and stores in real turns, without NATS."""

from datetime import UTC, date, datetime
from typing import TypeAlias
from uuid import uuid4

import asyncpg

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.turns import TurnResult, Turns
from contracts.envelope import first_envelope
from contracts.message import Contract, encode
from contracts.payments import Currency, Product, SetPrice
from payments.app import SPEC

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)
ENERGY, PACK = Product.ENERGY_10, Product.MEGA_PACK_15
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


class Service:
    """Takes turns for messages; a message that fails fails the test."""

    def __init__(self, pool: Pool) -> None:
        self.clock = ManualClock(NOON)
        # The states alone matter here; nothing of what is sent below needs a resource.
        self.turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources=dict.fromkeys(SPEC.actor.resources()))

    async def take(self, *messages: Contract, operator: str = "") -> TurnResult:
        taken = await self.turns.take([self._delivery(message, operator) for message in messages])
        assert [repr(error) for _, error in (*taken.failed, *taken.unreadable)] == []
        return taken

    def _delivery(self, message: Contract, operator: str) -> Delivery:
        envelope = first_envelope(message, identifier=uuid4().hex, time=self.clock.now(), source="test")
        return Delivery("", {}, encode(message), envelope, message=message, operator=operator)


def set_price(product: Product, amount: int, currency: Currency = Currency.XTR) -> SetPrice:
    return SetPrice(product=product, currency=currency, amount=amount)
