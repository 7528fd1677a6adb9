"""The toy service, put together."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, ClassVar

import msgspec

from actors.actor import Actor
from actors.effects import Again, Attempt, Done, EffectResult
from actors.endpoints import Endpoint, FourEyes
from actors.engine.runtime import Dependencies, Provided
from actors.jobs import Job
from actors.spec import ServiceSpec
from actors.store import Connection, Journal, Key, Store, Writer
from actors.turn import Turn
from stage.language import Deposit, Deposited, Move, Rang, RingLater

TABLES = """
create table accounts (account text primary key, balance bigint not null);
create table entries (account text not null, amount bigint not null check (amount <> 13));
create table bells (lane text not null, number int not null, replica text not null,
                    at timestamptz not null default clock_timestamp());
"""

actor = Actor("stage")


class Account(msgspec.Struct):
    account: str
    balance: int = 0


class Entry(msgspec.Struct, frozen=True):
    account: str
    amount: int


class Ring(msgspec.Struct, frozen=True):
    """Effect: ring the bell of an account."""

    account: str
    number: int


class Accounts(Store[str, Account]):
    state = Account
    key_field: ClassVar[str] = "account"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Account]:
        rows = await connection.fetch(
            "select account, balance from accounts where account = any($1) order by account for update", keys
        )
        return {row[0]: Account(row[0], row[1]) for row in rows}

    async def save(self, connection: Writer, states: Sequence[Account]) -> None:
        await connection.execute(
            "insert into accounts select * from unnest($1::text[], $2::bigint[])"
            " on conflict (account) do update set balance = excluded.balance",
            [state.account for state in states],
            [state.balance for state in states],
        )

    def blank(self, key: str) -> Account:
        return Account(key)


class Entries(Journal[Entry]):
    row = Entry

    async def append(self, connection: Writer, rows: Sequence[Entry]) -> None:
        await connection.execute(
            "insert into entries select * from unnest($1::text[], $2::bigint[])",
            [row.account for row in rows],
            [row.amount for row in rows],
        )


class Bell:
    """The outside world: rings are written down by the ring itself, outside any turn."""

    def __init__(self, means: Dependencies | None = None) -> None:
        self.means = means
        self.refuse: dict[str, int] = {}
        self.broken: set[str] = set()

    async def ring(self, effect: Ring) -> None:
        if self.means is not None:
            await self.means.pool.execute(
                "insert into bells (lane, number, replica) values ($1, $2, $3)",
                effect.account, effect.number, self.means.settings.replica,
            )  # fmt: skip


async def _much(command: Deposit, endpoint: Endpoint) -> str:
    del endpoint
    return f"{command.amount} is much" if command.amount > 1_000_000 else ""


@actor.admin("account", "give", answer=dict[str, int], second=FourEyes(rule="over a million", needed=_much))
@actor.on(Deposit)
def deposit(command: Deposit, account: Account, turn: Turn) -> None:
    if command.account == os.environ.get("STAGE_DEADLY"):
        os.kill(os.getpid(), signal.SIGKILL)
    account.balance += command.amount
    turn.record(Entry(command.account, command.amount))
    turn.emit(Deposited(account=command.account, balance=account.balance))
    turn.took("deposit", since=turn.message.time)
    turn.reply({"balance": account.balance})
    if command.amount == 666:
        raise ArithmeticError("a bug")


@actor.on(Move)
def move(command: Move, account: Account, target: Annotated[Account, Key("target")], turn: Turn) -> None:
    account.balance -= command.amount
    target.balance += command.amount
    turn.record(Entry(command.account, -command.amount))
    turn.record(Entry(command.target, command.amount))


@actor.on(RingLater)
def ring_later(command: RingLater, turn: Turn) -> None:
    if command.seconds > 0:
        again = RingLater(account=command.account, seconds=0)
        turn.at(turn.now + timedelta(seconds=command.seconds), again, name=f"ring-{command.account}")
    else:
        for number in range(3):
            turn.perform(Ring(command.account, number), ordering_key=command.account, priority=command.priority)


@actor.on(Rang)
def rang(event: Rang, account: Account, turn: Turn) -> None:
    account.balance += 1_000


@actor.effect(Ring)
async def ring(effect: Ring, bell: Bell, attempt: Attempt) -> EffectResult:
    if effect.account in bell.broken:
        raise ConnectionError("the bell is broken")
    if bell.refuse.get(effect.account, 0) > 0:
        bell.refuse[effect.account] -= 1
        return Again(after_seconds=0.05)
    await bell.ring(effect)
    return Done(Rang(account=effect.account, number=effect.number))


@actor.every(3600)
async def count(job: Job) -> None:
    sql = "select account from accounts where ($1::text is null or account > $1) order by account limit $2"
    async for accounts in job.pages(sql, size=2):
        await job.take([Deposit(account=a, amount=1) for a in accounts], idempotency_key="count")


class BalanceQuery(msgspec.Struct, frozen=True):
    account: str


class Balance(msgspec.Struct, frozen=True):
    balance: int


@actor.query("balance", request=BalanceQuery, response=Balance)
async def balance(request: BalanceQuery, endpoint: Endpoint) -> Balance:
    async with endpoint.connection() as connection:
        found = await connection.fetchval("select balance from accounts where account = $1", request.account)
    return Balance(found or 0)


actor.keep(Accounts(), Entries())

SPEC = ServiceSpec(
    name="stage",
    actor=actor,
    publishes=(RingLater,),
    mailbox_messages_max=50,
    ack_wait_seconds=3,
)


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Compose; `STAGE_CRASH` names a point at which this process kills itself, once its file says so."""
    _arm(means, os.environ.get("STAGE_CRASH", ""), int(os.environ.get("STAGE_CRASH_AFTER", "0")))
    yield Provided(resources={Bell: Bell(means)})


def _arm(means: Dependencies, point: str, after: int) -> None:
    """Kill this process with SIGKILL just before or just after the `after`-th publish of a turn."""
    publish = means.publisher.publish
    count = 0

    async def crashing(messages: Sequence[tuple[str, dict[str, str], bytes]]) -> object:
        nonlocal count
        if messages[0][0].endswith((".jobs_declared", ".job_ended")):
            return await publish(messages)
        count += 1
        number = count  # another turn's publish may begin before this one has ended
        if point == "commit" and number == after:
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = await publish(messages)
        if point == "publish" and number == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    if point:
        means.publisher.publish = crashing  # type: ignore[method-assign, assignment]
        asyncio.get_running_loop()
