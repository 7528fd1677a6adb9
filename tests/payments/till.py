"""Payments on real Postgres with providers in memory: jobs are run, turns are taken, effects performed by hand."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec

from actors.clock import ManualClock
from actors.engine.delivery import Delivery, local
from actors.engine.running_job import RunningJob
from actors.engine.turns import Turns
from actors.jobs import Job
from actors.schedules import Due
from contracts.envelope import Envelope, first_envelope
from contracts.message import Command, Contract, decode, find, shape_of
from contracts.payments import (
    Currency,
    Product,
    Provider,
    PurchaseState,
    RecordPayment,
    RecordRefund,
    RefundReason,
    payload_of,
)
from payments.app import SPEC
from payments.domain.charge import Charge
from payments.domain.purchase import INVOICE_LASTS, Purchase
from payments.domain.recovery import RecoverySettings
from payments.domain.stars import NANOS
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything
from payments.providers import Direction, ProviderTransaction, ProviderUnavailableError, TransactionKind
from payments.providers.registry import PaymentProviders
from payments.providers.stripe_client import StripeProvider
from payments.providers.telegram_stars import StarsProvider
from payments.store.purchases import ChargeStore, PurchaseStore
from payments.store.reconciliation import RunRow, read_runs

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
ACTOR = SPEC.actor
PRICES = {Product.ENERGY_10: 10, Product.MEGA_PACK_15: 15, Product.STREAK_SAVER_20: 20, Product.PREMIUM_MONTH: 99}


def row(charge_id: str, amount: int = 10, *, at: datetime, **more: Any) -> ProviderTransaction:
    """One line of a provider's list: a payment in Stars unless said otherwise."""
    given: dict[str, Any] = {"charge_id": charge_id, "row_id": charge_id, "amount": amount, "at": at}
    given |= {"direction": Direction.IN, "kind": TransactionKind.PAYMENT, "currency": "XTR"}
    given |= more
    return ProviderTransaction(**given)


class FakeStars(StarsProvider):
    """Telegram's side: a list, oldest first, and a balance of its own."""

    def __init__(self) -> None:
        self.rows: list[ProviderTransaction] = []
        self.lost = 0
        """What chargebacks took: no row tells of it."""
        self.is_gross = False
        """Whether the list gives amounts with an affiliate's commission in them; the balance never has it."""
        self.away = False
        self.calls = 0
        self.gifts = 0
        """How often it was asked for one."""
        self.gift_answer: Exception | None = None
        self.gift_takes_effect = False
        self.gift_at: Callable[[], datetime] = lambda: NOON
        self.before_answer: Callable[[], None] = lambda: None
        """Happens within every call, before its answer is made."""

    async def star_transactions(self, offset: int, limit: int = 100) -> list[ProviderTransaction]:
        self._answer()
        return self.rows[offset : offset + limit]

    async def star_balance(self) -> int | Fraction:
        self._answer()
        return Fraction(sum(map(self._moved, self.rows)), NANOS) - self.lost

    def _moved(self, one: ProviderTransaction) -> int:
        commission = one.commission or 0 if self.is_gross else 0
        net = one.amount * NANOS + one.nano - commission
        return 0 if one.has_come_back else net if one.direction is Direction.IN else -net

    async def gift_premium(self, user_id: int, months: int, stars: int) -> None:
        """Once the answer breaks, `gift_takes_effect` says whether it was given all the same."""
        self.gifts += 1
        if self.gift_answer is None or self.gift_takes_effect:
            self.give(f"g{self.gifts}", user_id, stars, self.gift_at())
        if self.gift_answer is not None:
            raise self.gift_answer

    def give(self, row_id: str, player_id: int, stars: int, at: datetime) -> None:
        """Premium is given with the bot's Stars, by whoever."""
        out = {"direction": Direction.OUT, "kind": TransactionKind.OTHER, "movement": "PREMIUM_GIFT"}
        self.rows.append(row(row_id, stars, at=at, user_id=player_id, **out))

    def take(self, charge_id: str, amount: int, player_id: int, payload: str, at: datetime) -> None:
        self.rows.append(row(charge_id, amount, at=at, user_id=player_id, payload=payload))

    def give_back(self, charge_id: str, at: datetime) -> None:
        paid = next(one for one in self.rows if one.charge_id == charge_id)
        self.rows.append(msgspec.structs.replace(paid, direction=Direction.OUT, kind=TransactionKind.REFUND, at=at))

    def _answer(self) -> None:
        self.calls += 1
        self.before_answer()
        if self.away:
            raise ProviderUnavailableError("Telegram: no answer")


class FakeStripe(StripeProvider):
    """Stripe's side: movements of money, told newest first."""

    def __init__(self) -> None:
        self.rows: list[ProviderTransaction] = []
        self.fails_after: int | None = None
        self.asked: list[datetime | None] = []

    async def transactions_since(self, since: datetime | None) -> AsyncGenerator[ProviderTransaction]:
        self.asked.append(since)
        newest_first = sorted(self.rows, key=lambda one: one.at, reverse=True)
        for count, one in enumerate(one for one in newest_first if since is None or one.at >= since):
            if count == self.fails_after:
                raise ProviderUnavailableError("Stripe: no answer")
            yield one


class World:
    """One payments, driven by hand."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.pool = pool
        self.clock = ManualClock(NOON)
        self.stars = FakeStars()
        self.providers = PaymentProviders(self.stars)
        self.settings = RecoverySettings(balance_pause_seconds=0)
        self.lost: set[type[Contract]] = set()
        """What payments says to itself and never hears."""
        self.said: list[Any] = []
        self.effects: list[Any] = []
        self._count = 0
        self._turns = Turns(ACTOR, pool=pool, clock=self.clock, resources=self.resources)

    @property
    def resources(self) -> dict[type, Any]:
        return {PaymentProviders: self.providers, RecoverySettings: self.settings}

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def told(self, kind: type) -> list[Any]:
        return [message for message in self.said if type(message) is kind]

    # -- messages and jobs ----------------------------------------------------------------------

    async def send(self, *messages: Contract) -> None:
        """Hear messages and all that payments says to itself because of them."""
        for message in messages:
            self._count += 1
            envelope = first_envelope(message, identifier=f"m{self._count}", time=self.now, source="test")
            await self.take([local(message, envelope)])

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        taken = await self._turns.take(deliveries)
        assert not taken.failed, taken.failed
        self.effects += [(effect.kind, effect.ordering_key) for effect in taken.effects]
        follow: list[Delivery] = []
        for outbox in taken.outbox:
            message = decode(find(outbox.headers["ce-type"]), outbox.body)
            self.said.append(message)
            if isinstance(message, Command) and type(message) not in self.lost and type(message) in ACTOR.functions:
                follow.append(local(message, _envelope(message, outbox.headers["ce-id"], self.now)))
        if follow:
            await self.take(follow)

    async def run(self, due: Due, firing: str = "") -> Job:
        """Run a job; the same `firing` is the same occasion."""
        job = RunningJob(
            service="payments",
            clock=self.clock,
            acquire=self.pool.acquire,
            take=self.take,
            resources=self.resources,
            firing=firing,
        )
        await ACTOR.jobs[type(due)](due, job)
        return job

    async def perform(self, provider: Callable[[str], None]) -> None:
        """Perform the refunds that wait, and hear of it: `provider` does its part for each charge."""
        async with self.pool.acquire() as connection:
            bodies = await connection.fetch("delete from effects where kind = 'RefundAtProvider' returning body")
        for (body,) in bodies:
            effect = msgspec.json.decode(body)
            provider(effect["charge_id"])
            await self.send(
                RecordRefund(
                    player_id=effect["player_id"],
                    provider=Provider(effect["provider"]),
                    charge_id=effect["charge_id"],
                    reason=RefundReason(effect["reason"]),
                    refunded_at=self.now,
                )
            )

    async def lose_effects(self) -> None:
        await self.execute("delete from effects")

    # -- money ----------------------------------------------------------------------------------

    async def invoice(
        self, number: int, *, player_id: int = 7, product: Product = Product.ENERGY_10, **more: Any
    ) -> Purchase:
        """An open invoice of this instant."""
        made = Purchase(
            purchase_id=UUID(int=number << 80 | 7),
            player_id=player_id,
            product=product,
            provider=Provider.TELEGRAM,
            currency=Currency.XTR,
            amount=PRICES[product],
            base_amount=PRICES[product],
            price_version=1,
            steps=(),
            redemption_id=None,
            surface="",
            state=PurchaseState.INVOICE_SENT,
            created_at=self.now,
            expires_at=self.now + INVOICE_LASTS,
            changed_at=self.now,
        )
        made = msgspec.structs.replace(made, **more)
        async with self.pool.acquire() as connection:
            await PurchaseStore().save(connection, [made])
        return made

    def charge(self, purchase: Purchase, charge_id: str) -> RecordPayment:
        """The player pays: Telegram has the money, and this is its word of it, which may get lost."""
        self.stars.take(charge_id, purchase.amount, purchase.player_id, payload_of(purchase.purchase_id), self.now)
        return RecordPayment(
            player_id=purchase.player_id,
            provider=Provider.TELEGRAM,
            charge_id=charge_id,
            payload=purchase.payload,
            amount=purchase.amount,
            currency=str(purchase.currency),
            paid_at=self.now,
        )

    async def sale(self, number: int, **more: Any) -> Purchase:
        """A purchase that was paid and heard of, by charge `c<number>`."""
        purchase = await self.invoice(number, **more)
        await self.send(self.charge(purchase, f"c{number}"))
        return await self.purchase(purchase.purchase_id)

    # -- what stands in the books ---------------------------------------------------------------

    async def purchase(self, purchase_id: UUID) -> Purchase:
        async with self.pool.acquire() as connection, connection.transaction():
            return (await PurchaseStore().load(connection, [purchase_id]))[purchase_id]

    async def recorded(self, charge_id: str) -> Charge | None:
        async with self.pool.acquire() as connection, connection.transaction():
            return (await ChargeStore().load(connection, [charge_id])).get(charge_id)

    async def runs(self) -> list[RunRow]:
        async with self.pool.acquire() as connection:
            return await read_runs(connection, None, only_diffs=False, limit=100)

    async def execute(self, sql: str, *arguments: Any) -> str:
        async with self.pool.acquire() as connection:
            return await connection.execute(sql, *arguments)

    async def value(self, sql: str, *arguments: Any) -> Any:
        async with self.pool.acquire() as connection:
            return await connection.fetchval(sql, *arguments)

    def wait(self, **span: float) -> None:
        self.clock.set(self.now + timedelta(**span))


def _envelope(message: Contract, identifier: str, now: datetime) -> Envelope:
    return Envelope(id=identifier, type_name=shape_of(type(message)).type_name, time=now, source="payments")


async def reconciled(world: World, due: Due) -> RunRow:
    """Run, and return what came of it at Telegram."""
    run_id = uuid4()
    await world.run(msgspec.structs.replace(due, run_id=run_id))
    (done,) = [run for run in await world.runs() if (run.run_id, run.provider) == (run_id, Provider.TELEGRAM)]
    assert done.finished_at == world.now
    return done


DUES = [reconcile_changes.due(), reconcile_everything.due()]
