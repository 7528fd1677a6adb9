"""Tries outlive the process: what kills it is put aside, what was only near it is not blamed."""

import asyncio
import signal
from typing import Any

import pytest
from msgspec.structs import replace
from stage.language import Deposit

from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine import settlement
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.runtime import running
from actors.engine.settlement import Settlement
from actors.engine.tries import TRIES_MAX, EndedItsProcessError, Tries
from contracts.envelope import Envelope

_INNOCENTS = 60


class _Msg:
    """A message as JetStream delivers it for the `times`-th time."""

    def __init__(self, times: int) -> None:
        self.reply = f"$JS.ACK.STAGE_CMD.stage.{times}.1.1.1796001797000000000.0"
        self.postponed = 0
        self.acknowledged = 0

    async def nak(self, delay: float) -> None:
        self.postponed += 1

    async def ack(self) -> None:
        self.acknowledged += 1


def _heard(identifier: str, times: int = 2) -> Any:
    envelope = Envelope(id=identifier, type_name="stage.cmd.deposit", time=SystemClock().now())
    msg: Any = _Msg(times)
    return Delivery("stage.cmd.ann.deposit", {}, b"", envelope, msg=msg)


async def _letters(stage: Any) -> int:
    return await stage.connection.fetchval("select count(*) from dead_letters")


async def _dead_or_done(stage: Any, process: Any) -> bool:
    return process.poll() is not None or bool(await _letters(stage))


async def _rows(pool: Any) -> dict[str, tuple[int, bool]]:
    return {row[0]: (row[1], row[2]) for row in await pool.fetch("select message_id, tries, under_way from tries")}


async def test_a_message_that_kills_its_process_is_put_aside_and_its_neighbours_take_effect_once(stage: Any) -> None:
    await provision(stage.nc, [replace(stage.spec, ack_wait_seconds=1)])
    for number in range(_INNOCENTS):
        await stage.send(Deposit(account=f"a{number}", amount=1), f"good{number}")
        if number == _INNOCENTS // 2:
            await stage.send(Deposit(account="deadly", amount=1), "bad")
    deaths = 0
    while not await _letters(stage):
        process = stage.spawn(STAGE_DEADLY="deadly", LOG_LEVEL="error")
        await stage.until(lambda process=process: _dead_or_done(stage, process))
        deaths += process.poll() == -signal.SIGKILL
        assert deaths <= TRIES_MAX + 1
    await stage.until(stage.settled)
    letter = await stage.connection.fetchrow("select * from dead_letters")
    assert (letter["message_id"], letter["attempts"]) == ("bad", TRIES_MAX)
    assert letter["error"].startswith("EndedItsProcessError: ")
    assert await stage.balances() == {f"a{number}": 1 for number in range(_INNOCENTS)}
    assert await stage.connection.fetchval("select count(*) from entries") == _INNOCENTS
    assert await _rows(stage.connection) == {}


async def test_what_a_job_finds_and_kills_its_process_is_put_aside_and_the_job_goes_on(stage: Any) -> None:
    await provision(stage.nc, [replace(stage.spec, ack_wait_seconds=1)])
    for account in ("ann", "deadly", "kim"):
        await stage.connection.execute("insert into accounts values ($1, 0)", account)
    await stage.js.publish("stage.due.count", b"{}")
    deaths = 0
    while not await _letters(stage):
        process = stage.spawn(STAGE_DEADLY="deadly", LOG_LEVEL="error")
        await stage.until(lambda process=process: _dead_or_done(stage, process))
        deaths += process.poll() == -signal.SIGKILL
        assert deaths <= TRIES_MAX + 1
    await stage.until(lambda: _is_fired(stage))
    letter = await stage.connection.fetchrow("select * from dead_letters")
    assert (letter["type_name"], letter["attempts"]) == ("stage.cmd.deposit", TRIES_MAX)
    assert letter["error"].startswith("EndedItsProcessError: ")
    assert await stage.balances() == {"ann": 1, "deadly": 0, "kim": 1}
    assert await _rows(stage.connection) == {}


async def _is_fired(stage: Any) -> bool:
    info = await stage.js.stream_info("STAGE_TIMER", subjects_filter="stage.due.>")
    return not info.state.subjects


async def test_of_those_that_are_taken_alone_the_least_tried_come_first(stage: Any) -> None:
    await _send_again(stage, "often", "once", "twice")
    sql = "insert into tries values ($1, $2, true, now())"
    await stage.connection.executemany(sql, [("often", 4), ("once", 1), ("twice", 2)])
    await stage.start()
    await stage.until(stage.settled)
    assert [identifier for identifier, _ in await stage.events()] == ["once/1", "twice/1", "often/1"]
    assert await _rows(stage.connection) == {}


async def test_a_process_that_is_told_to_stop_blames_nothing_it_had_under_way(stage: Any) -> None:
    await _send_again(stage, "m1")
    begun = asyncio.Event()

    async def hang(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with running(stage.spec, stage.settings(), stage.build, clock=SystemClock()) as service:
        service.engine.loops["main"]._turns.take = hang  # type: ignore[union-attr, method-assign, assignment]
        await asyncio.wait_for(begun.wait(), 10)
        assert await _rows(stage.connection) == {"m1": (1, True)}
    assert await _rows(stage.connection) == {"m1": (0, False)}


async def _send_again(stage: Any, *identifiers: str) -> None:
    """Send messages and have them delivered once, so that the next delivery is another one: all of them at once."""
    for identifier in identifiers:
        await stage.send(Deposit(account=identifier, amount=1), identifier)
    subscription = await stage.js.pull_subscribe_bind("stage", "STAGE_CMD")
    messages = await subscription.fetch(len(identifiers), timeout=5)
    await subscription.unsubscribe()
    for msg in messages:
        await msg.nak()
    await stage.nc.flush()


async def test_a_message_that_is_well_writes_no_try(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("begin", "failed", "_sift"):
        monkeypatch.setattr(Tries, name, lambda *_, name=name: asked.append(name))
    await stage.start()
    for number in range(20):
        await stage.send(Deposit(account=f"a{number}", amount=1), f"m{number}")
    await stage.until(stage.settled)
    assert len(await stage.balances()) == 20
    assert asked == []


async def test_failed_tries_are_counted_on_by_the_next_process(pool: Any) -> None:
    for number in range(1, TRIES_MAX + 1):
        process = Settlement("stage", pool, SystemClock())  # its memory is empty
        delivery = _heard("bad", times=number)
        await process.tries.sift([delivery])
        notices = await process.failed([(delivery, ArithmeticError("a bug"))], lambda _: None)
        assert bool(delivery.msg.acknowledged) is bool(notices) is (number == TRIES_MAX)
    assert await pool.fetchval("select attempts from dead_letters") == TRIES_MAX
    assert await _rows(pool) == {}


async def test_a_local_message_that_fails_and_then_succeeds_leaves_no_try(pool: Any) -> None:
    ways_out = Settlement("stage", pool, SystemClock())
    local = _heard("local")
    local.msg = None
    again: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    await ways_out.failed([(local, ArithmeticError("a bug"))], again.set_result)
    assert await _rows(pool) == {"local": (1, False)}
    await ways_out.done([await again])
    assert await _rows(pool) == {}


async def test_what_a_dead_process_had_under_way_is_taken_alone_and_given_up_in_the_end(pool: Any) -> None:
    first = Tries(pool, SystemClock())
    assert (await first.sift([_heard("near"), _heard("bad"), _heard("new", times=1)])).alone == []
    await first.over([near := _heard("near")])
    assert near.is_counted is False, "another delivery's note is not this one's"
    assert await _rows(pool) == {"near": (1, True), "bad": (1, True)}
    second = Tries(pool, SystemClock())
    sifted = await second.sift([_heard("near"), _heard("new", times=1), _heard("fresh"), _heard("bad")])
    assert [delivery.envelope.id for delivery in sifted.together] == ["new", "fresh"]
    assert [(tries, delivery.envelope.id) for tries, delivery in sifted.alone] == [(1, "near"), (1, "bad")]
    for _, delivery in sifted.alone:
        await second.begin([delivery])
    await pool.execute("update tries set tries = $1 where message_id = 'bad'", TRIES_MAX)
    third = await Tries(pool, SystemClock()).sift([_heard("near"), _heard("bad")])
    assert [(tries, delivery.envelope.id) for tries, delivery in third.alone] == [(2, "near")]
    ((hopeless, error),) = third.hopeless
    assert hopeless.envelope.id == "bad"
    assert isinstance(error, EndedItsProcessError)
    assert error.tries == TRIES_MAX


async def test_outages_and_being_told_to_stop_are_no_tries(pool: Any) -> None:
    tries = Tries(pool, SystemClock())
    delivery = _heard("m")
    await tries.sift([delivery])
    tries.not_tried([delivery])  # Postgres went away in its turn
    sifted = await tries.sift([delivery])  # and is back
    assert sifted.alone == []
    assert await _rows(pool) == {"m": (1, True)}
    await tries.let_go()
    assert await _rows(pool) == {"m": (0, False)}
    assert (await Tries(pool, SystemClock()).sift([delivery])).alone == []


async def test_a_failure_while_postgres_is_away_is_not_counted() -> None:
    class Away:
        async def fetch(self, *_: Any) -> None:
            raise ConnectionRefusedError

    pool: Any = Away()
    ways_out = Settlement("stage", pool, SystemClock())
    delivery = _heard("m", times=100)
    assert await ways_out.tries.failed([delivery]) == {"m": 0}
    await ways_out.failed([(delivery, ArithmeticError())], lambda _: None)
    assert (delivery.msg.postponed, delivery.msg.acknowledged) == (1, 0)


@pytest.mark.parametrize(
    ("reply", "times"),
    [
        ("$JS.ACK.S.c.3.1.1.1796001797000000000.0", 3),
        ("$JS.ACK._.hash.S.c.4.1.1.1796001797000000000.0", 4),
        ("$JS.ACK.domain.hash.S.c.5.1.1.1796001797000000000.0.token", 5),
    ],
)
def test_how_often_a_message_was_delivered_is_read_off_its_acknowledgement(reply: str, times: int) -> None:
    delivery = _heard("m")
    delivery.msg.reply = reply
    assert delivery.times_delivered() == times


async def test_old_tries_are_forgotten(pool: Any) -> None:

    await pool.execute(
        "insert into tries values ('old', 1, false, now() - interval '31 days'), ('new', 1, false, now())"
    )
    job: Any = RunningJob(service="stage", clock=SystemClock(), acquire=pool.acquire, take=None)  # type: ignore[arg-type]
    await job.forget_inbox()
    assert await _rows(pool) == {"new": (1, False)}


def test_the_number_of_tries_is_known_at_the_exits_too() -> None:
    assert settlement.TRIES_MAX == TRIES_MAX
