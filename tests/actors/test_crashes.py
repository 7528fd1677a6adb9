"""Nothing is lost, nothing is doubled: kill -9 at chosen points, servers restarted, replicas coming and going."""

import asyncio
import random
import signal
from typing import Any

import pytest
from stage.language import Deposit

_ACCOUNTS = 20


def _deposit(account: str, amount: int) -> Any:
    return Deposit(account=account, amount=amount)


@pytest.mark.parametrize("point", ["commit", "publish"])
async def test_kill_after_commit_and_after_publish(stage: Any, point: str) -> None:
    """The process dies between commit and publish, or between publish and acknowledgement; another carries on."""
    for number in range(300):
        await stage.send(_deposit(f"a{number % _ACCOUNTS}", 1), f"m{number}")
    victim = stage.spawn(STAGE_CRASH=point, STAGE_CRASH_AFTER="2", BATCH_MAX="50", TURN_PACE_SECONDS="0")
    assert await asyncio.to_thread(victim.wait, 30) == -signal.SIGKILL
    left = await stage.connection.fetchval("select count(*) from outbox")
    assert left > 0, "the crash came too late to leave anything behind"
    await stage.start()
    await stage.until(stage.settled, seconds=60)
    await _exactly_once(stage, 300)


async def test_replicas_join_and_leave_in_mid_turn(stage: Any) -> None:
    sending = asyncio.create_task(_load(stage, 3_000))
    first = stage.spawn(BATCH_MAX="20")
    await stage.until(lambda: _some(stage, 100))
    second = stage.spawn(BATCH_MAX="20", REPLICA="second")
    await stage.until(lambda: _connected(stage, "second"))
    await stage.until(lambda: _some(stage, 600))
    first.kill()
    third = stage.spawn(BATCH_MAX="20", REPLICA="third")
    await stage.until(lambda: _some(stage, 1_500))
    second.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(second.wait, 10) == 0
    await sending
    await stage.until(stage.settled, seconds=60)
    await _exactly_once(stage, 3_000)
    await stage.until(lambda: _connected(stage, "third"))
    third.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(third.wait, 10) == 0


async def test_postgres_restarts_under_load(stage: Any, postgres: Any) -> None:
    await stage.start()
    sending = asyncio.create_task(_load(stage, 2_000))
    await stage.until(lambda: _some(stage, 200))
    await asyncio.to_thread(postgres.kill)
    await asyncio.to_thread(postgres.start)
    await sending
    stage.connection = await stage.reconnected()
    await stage.until(stage.settled, seconds=60)
    await _exactly_once(stage, 2_000)
    assert await stage.connection.fetchval("select count(*) from dead_letters") == 0


async def test_nats_restarts_under_load(stage: Any) -> None:
    await stage.start()
    sending = asyncio.create_task(_load(stage, 2_000))
    await stage.until(lambda: _some(stage, 200))
    await asyncio.to_thread(stage.nats_server.kill)
    await asyncio.to_thread(stage.nats_server.start)
    await sending
    await stage.until(stage.settled, seconds=60)
    await _exactly_once(stage, 2_000)


async def test_shuffled_and_repeated_deliveries_end_in_the_same_state(stage: Any) -> None:
    messages = [(_deposit(f"a{number % 7}", 1_000 + number), f"m{number}") for number in range(200)]
    heard = [*messages, *messages, *messages]
    random.Random(7).shuffle(heard)
    await stage.start()
    for place, (message, identifier) in enumerate(heard):
        await stage.send(message, identifier, transport_id=f"t{place}")
    await stage.until(stage.settled, seconds=60)
    expected: dict[str, int] = {}
    for message, _ in messages:
        expected[message.account] = expected.get(message.account, 0) + message.amount
    assert await stage.balances() == expected


async def test_one_actors_failures_do_not_hold_up_the_others(stage: Any) -> None:
    await stage.start()
    for number in range(40):
        await stage.send(_deposit("broken", 666), f"bad{number}")
    await stage.send(_deposit("fine", 1), "good")
    await stage.until(lambda: _balance(stage, "fine"), seconds=5)
    assert "broken" not in await stage.balances()


async def test_sigterm_finishes_the_turn_and_exits_with_0(stage: Any) -> None:
    process = stage.spawn()
    sending = asyncio.create_task(_load(stage, 1_000))
    await stage.until(lambda: _some(stage, 50))
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 10) == 0
    assert await stage.connection.fetchval("select count(*) from outbox") == 0
    await sending
    await stage.start()
    await stage.until(stage.settled, seconds=60)
    await _exactly_once(stage, 1_000)


async def _load(stage: Any, count: int) -> None:
    """Send `count` deposits; a send that fails is repeated with the same ids until it is known to be stored."""
    for start in range(0, count, 50):
        await asyncio.gather(*(_surely(stage, number) for number in range(start, min(start + 50, count))))


async def _surely(stage: Any, number: int) -> None:
    for _ in range(200):
        try:
            await stage.send(_deposit(f"a{number % 500}", 1), f"m{number}")
        except Exception:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError(f"m{number} could not be sent")


async def _exactly_once(stage: Any, count: int) -> None:
    balances = await stage.balances()
    assert sum(balances.values()) == count
    assert await stage.connection.fetchval("select count(*) from entries") == count
    events = await stage.events()
    identifiers = {identifier for identifier, _ in events}
    assert len(identifiers) == count
    assert len(events) == count


async def _connected(stage: Any, replica: str) -> bool:
    """Whether a process is up so far that it would end in order when told to."""
    name = f"stage/{replica}"
    return await stage.connection.fetchval("select count(*) from pg_stat_activity where application_name = $1", name)


async def _some(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from entries") >= count


async def _balance(stage: Any, account: str) -> bool:
    return account in await stage.balances()
