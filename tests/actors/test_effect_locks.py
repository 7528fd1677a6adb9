"""A partition is served by nobody twice: its lock is held on a lease, and left in order or not."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
from stage.language import Deposit
from stage.outside import Call, Outside, build, service

from actors import metrics
from actors.clock import SystemClock
from actors.effects import PARTITIONS, Again, Attempt, Done, EffectResult
from actors.engine import partitions as module
from actors.engine.partitions import Partitions
from actors.engine.runtime import Running, running
from devstack.databases import Database


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(module, "_WAIT_SECONDS", 1.2)
    monkeypatch.setattr(module, "_INTERVAL_SECONDS", 0.1)


class Replicas:
    """Replicas of the toy service in this process."""

    def __init__(self, stage: Any, stack: AsyncExitStack) -> None:
        self.stage = stage
        self.outside = Outside()
        self._stack = stack

    async def start(self, name: str) -> Any:
        context = running(service(self.outside), self.stage.settings(replica=name), build, clock=SystemClock())
        found: Running = await self._stack.enter_async_context(context)
        return found.engine


@pytest.fixture
async def replicas(stage: Any) -> Any:
    async with AsyncExitStack() as stack:
        yield Replicas(stage, stack)


class Late(asyncpg.Connection):
    """A connection whose answers arrive late, if they are made to."""

    seconds = 0.0

    async def fetchval(self, *arguments: Any, **named: Any) -> Any:
        answer = await super().fetchval(*arguments, **named)
        await asyncio.sleep(self.seconds)
        return answer


@pytest.fixture
async def two(database: Database) -> Any:
    """Two replicas' partitions, balanced by hand."""

    async def connect() -> Any:
        return await asyncpg.connect(database.dsn("stage"), connection_class=Late)

    found = Partitions(connect), Partitions(connect)
    yield found
    for one in found:
        await one.close()


async def test_a_replica_that_lost_its_locks_begins_nothing_more(replicas: Replicas) -> None:
    """Its look at the locks times out: Postgres lets them go, another replica takes them."""
    outside, stage = replicas.outside, replicas.stage

    async def slowly(call: Call, attempt: Attempt) -> EffectResult:
        await asyncio.sleep(0.03)
        return Done()

    outside.answer = slowly
    engines = {"a": await replicas.start("a"), "b": await replicas.start("b")}
    await stage.until(lambda: _shared(engines))
    before = _repeated()
    for number in range(12):
        await stage.send(Deposit(account="x", amount=9), f"d{number}")
    await stage.until(lambda: _called(outside, 5))
    first = outside.calls[0][0]
    _fail_for_ever(engines[first]._partitions)
    await stage.until(stage.settled, seconds=30)
    repeated = len(outside.calls) - 108
    assert {replica for replica, _, _ in outside.calls} == {"a", "b"}, "the locks never moved"
    assert repeated <= min(1, _repeated() - before)


async def test_a_call_that_fails_after_its_locks_were_lost_is_left_to_their_next_holder(replicas: Replicas) -> None:
    outside, stage = replicas.outside, replicas.stage
    release = asyncio.Event()

    async def fail_in_the_end(call: Call, attempt: Attempt) -> EffectResult:
        if len(outside.calls) > 1:
            return Done()
        await release.wait()
        raise ConnectionError("cut")

    outside.answer = fail_in_the_end
    engines = {"a": await replicas.start("a"), "b": await replicas.start("b")}
    await stage.until(lambda: _shared(engines))
    await stage.send(Deposit(account="x", amount=2), "d1")
    await stage.until(lambda: _called(outside, 1))
    first = outside.calls[0][0]
    _fail_for_ever(engines[first]._partitions)
    await stage.until(stage.settled, seconds=30)
    release.set()
    # It has a try left and half a second until then, if it thought it had the queue still.
    for _ in range(30):
        await asyncio.sleep(0.05)
    other = "b" if first == "a" else "a"
    assert outside.calls == [(first, "x", 0), (other, "x", 0), (other, "x", 1)]


async def test_a_lock_that_nobody_confirms_is_not_relied_on(two: tuple[Partitions, Partitions]) -> None:
    one, _ = two
    await one.balance()
    assert one.owns(5)
    # Postgres is silent: the session may be dead, and its locks another's.
    one._confirmed_at -= module.LEASE_SECONDS
    assert not one.owns(5)
    assert one.owned() == []
    await one.balance()
    assert one.owns(5)


async def test_a_lock_whose_session_ended_is_let_go_at_once(two: tuple[Partitions, Partitions]) -> None:
    """Not only at the next balance: until then calls would be begun that another replica may make as well."""
    one, other = two
    await one.balance()
    assert one.owns(5)
    lost = asyncio.Event()
    one.on_lost = lost.set
    await other.balance()
    ours, others = one._connection, other._connection
    assert ours is not None
    assert others is not None
    await others.execute("select pg_terminate_backend($1)", ours.get_server_pid())
    await asyncio.wait_for(lost.wait(), 5)
    assert one.owned() == []
    await one.balance()
    assert one.owned() == []  # TurnResult again, but not left in order: its next holder waits for the lease.


async def test_the_lease_counts_from_before_the_question(
    two: tuple[Partitions, Partitions], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer may be late: what it says was true when it was asked, at the earliest."""
    one, _ = two
    await one.balance()
    monkeypatch.setattr(Late, "seconds", 1.1)
    await one.balance()
    assert not one.owns(5)


async def test_buckets_left_in_order_are_served_at_once_and_others_after_the_lease(
    two: tuple[Partitions, Partitions],
) -> None:
    one, other = two
    await one.balance()
    one.hold(5)
    await one.close()
    await other.balance()
    assert other.owned() == [partition for partition in range(PARTITIONS) if partition != 5]
    tenure = other.tenure(5)
    assert tenure is not None
    assert not tenure.in_order
    assert tenure.serves_from >= time.monotonic() + 0.5
    other._owned[5] = type(tenure)(tenure.number, time.monotonic(), tenure.in_order)
    assert other.owns(5)


async def test_buckets_of_a_replica_that_was_killed_are_waited_for(two: tuple[Partitions, Partitions]) -> None:
    one, other = two
    await one.balance()
    one._begin_again()

    async def taken() -> bool:
        await other.balance()
        return other.tenure(5) is not None

    while not await taken():  # noqa: ASYNC110 - Postgres tells nobody that it has let go
        await asyncio.sleep(0.02)
    assert other.owned() == []
    for partition in range(PARTITIONS):
        other.hold(partition)
    await other.close()
    await one.balance()
    assert one.owned() == []


async def test_a_bucket_with_an_effect_in_hand_is_never_let_go(two: tuple[Partitions, Partitions]) -> None:
    one, other = two
    await one.balance()
    for partition in range(PARTITIONS):
        one.hold(partition)
    await other.balance()
    await one.balance()
    assert len(one.owned()) == PARTITIONS // 2
    await other.balance()
    assert other.owned() == []
    for partition in range(PARTITIONS):
        one.let_go(partition)
    await one.balance()
    await other.balance()
    assert sorted(one.owned() + other.owned()) == list(range(PARTITIONS))


async def test_what_waits_in_memory_does_not_keep_a_bucket_from_another_replica(replicas: Replicas) -> None:
    """Telegram asks to wait: queues that rest are left to the table, and whoever takes the partition serves them."""
    outside, stage = replicas.outside, replicas.stage

    async def wait(call: Call, attempt: Attempt) -> EffectResult:
        return Again(after_seconds=25.0)

    outside.answer = wait
    await replicas.start("a")
    for number in range(100):
        await stage.send(Deposit(account=f"a{number}", amount=2), f"d{number}")
    await stage.until(lambda: _called(outside, 100))
    outside.answer = outside.done
    other = await replicas.start("b")

    async def has_its_share() -> bool:
        return len(other._partitions.owned()) == PARTITIONS // 2

    await stage.until(has_its_share, seconds=10)
    assert not [attempt for attempt in outside.attempts if attempt.number > 1]


async def test_an_effect_that_ends_process_after_process_is_put_aside(replicas: Replicas) -> None:
    """Nobody knows how it ended, so it counts: durably, before the call."""
    outside, stage = replicas.outside, replicas.stage
    begun, release = asyncio.Event(), asyncio.Event()

    async def hang(call: Call, attempt: Attempt) -> EffectResult:
        begun.set()
        await release.wait()
        return Done()

    outside.answer = hang
    await _insert(stage, 1, "first", attempts=8)
    await _insert(stage, 2, "second", attempts=10)
    await stage.connection.execute("update effect_buckets set left_in_order = false")
    before = _repeated()
    await replicas.start("a")
    await begun.wait()
    assert await stage.connection.fetchval("select attempts from effects where batch = 1") == 9
    letter = await stage.until(lambda: stage.connection.fetchrow("select * from dead_letters"))
    assert (letter["message_id"], letter["error"][:15]) == ("effect:0-2-0", "EffectLostError")
    assert outside.attempts[0].number == 9
    release.set()
    await stage.until(stage.settled)
    assert [account for _, account, _ in outside.calls] == ["first"]
    assert _repeated() - before == 1


async def test_what_was_left_in_order_counts_as_never_tried(replicas: Replicas) -> None:
    outside, stage = replicas.outside, replicas.stage
    await _insert(stage, 1, "first", attempts=0)
    before = _repeated()
    await replicas.start("a")
    await stage.until(stage.settled)
    assert (len(outside.calls), _repeated() - before) == (1, 0)


async def _insert(stage: Any, batch: int, account: str, *, attempts: int) -> None:
    await stage.connection.execute(
        "insert into effects (priority, batch, position, bucket, lane, kind, body, envelope, created_at, due_at,"
        " attempts) values (0, $1, 0, 0, $2::text, 'Call', convert_to('{\"number\":0,\"account\":\"' || $2 || '\"}',"
        " 'utf8'), '{\"id\":\"x\",\"type_name\":\"t\",\"time\":\"2026-03-04T12:00:00Z\"}', now(), now(), $3)",
        batch, account, attempts,
    )  # fmt: skip


def _fail_for_ever(partitions: Partitions) -> None:
    async def late() -> None:
        raise TimeoutError

    partitions.balance = late


def _repeated() -> float:
    return metrics.EFFECTS_REPEATED.labels("Call")._value.get()


async def _shared(engines: dict[str, Any]) -> bool:
    return all(len(engine._partitions.owned()) == PARTITIONS // 2 for engine in engines.values())


async def _called(outside: Outside, count: int) -> bool:
    return len(outside.calls) >= count
