"""How many turns a lane takes: what was sent together is one turn, and tidying up goes along with the next."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from prometheus_client import REGISTRY
from stage.app import SPEC
from stage.language import Deposit, Move

from actors import metrics
from actors.clock import SystemClock
from actors.engine import waiting_room
from actors.engine.runtime import running
from contracts.envelope import first_envelope
from contracts.message import encode, subject_of

_BURSTS = 10
_BURST = 20


def _turns() -> float:
    return metrics.TURNS.labels("main")._value.get()


async def _burst(stage: Any, number: int) -> None:
    """Send many commands in one write, each to an account of its own."""
    for place in range(_BURST):
        message = Deposit(account=f"a{number}-{place}", amount=1)
        identifier = f"m{number}-{place}"
        envelope = first_envelope(message, identifier=identifier, time=datetime.now(UTC), source="test")
        await stage.nc.publish(subject_of(message), encode(message), headers=envelope.headers())
    await stage.nc.flush()


async def test_what_was_sent_together_is_a_turn_or_two_and_tidying_takes_one_more_at_most(stage: Any) -> None:
    await stage.start()
    before = _turns()
    for number in range(_BURSTS):
        await _burst(stage, number)
        await stage.until(lambda number=number: _handled(stage, (number + 1) * _BURST))
        await stage.until(stage.settled)
    # A burst may be split by a busy machine. Message by message it would be 200 turns and as many to tidy up.
    assert _turns() - before <= 4 * _BURSTS


async def test_tidying_up_waits_for_no_other_message(stage: Any) -> None:
    await stage.start()
    await stage.send(Deposit(account="ann", amount=1), "m1")
    await stage.until(lambda: _handled(stage, 1))
    await stage.until(stage.settled, seconds=5)


async def _handled(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from entries") >= count


# -- what is measured ---------------------------------------------------------------------------


def _deposits_timed() -> float:
    return REGISTRY.get_sample_value("starquiz_took_seconds_count", {"what": "deposit"}) or 0


async def test_what_a_turn_ends_is_measured_once_and_only_when_it_is_committed(stage: Any) -> None:
    """666 raises in the handler, 13 is refused by the database: tries, too, leave nothing behind."""
    await stage.start()
    before = _deposits_timed()
    await stage.send(Deposit(account="ann", amount=666), "m1")
    await stage.send(Deposit(account="bob", amount=13), "m2")
    for _ in range(2):
        await stage.send(Deposit(account="cid", amount=1), "m3", transport_id=str(uuid4()))
    await stage.until(lambda: _handled(stage, 1))
    await stage.until(stage.settled, seconds=60)
    assert _deposits_timed() - before == 1


# -- what nobody waits for ----------------------------------------------------------------------


async def _start_unhurried(stage: Any) -> None:
    stage.spec = msgspec.structs.replace(SPEC, unhurried=(Move,))
    await stage.start()


async def test_what_nobody_waits_for_is_taken_together_and_soon(stage: Any) -> None:
    """Twenty that come one by one would be twenty turns."""
    await _start_unhurried(stage)
    before = _turns()
    for number in range(20):
        await stage.send(Move(account=f"a{number}", target=f"b{number}", amount=1), f"m{number}")
        await asyncio.sleep(0.03)
    await stage.until(lambda: _handled(stage, 40), seconds=5)
    await stage.until(stage.settled)
    assert _turns() - before <= 8


async def test_it_goes_along_with_the_next_turn_of_others(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "WAIT_SECONDS", 600)
    await _start_unhurried(stage)
    await stage.send(Move(account="ann", target="ben", amount=1), "m1")
    await asyncio.sleep(0.3)
    assert await _handled(stage, 1) is False
    await stage.send(Deposit(account="cid", amount=1), "m2")
    await stage.until(lambda: _handled(stage, 3), seconds=5)


async def test_it_is_done_before_a_process_stops(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "WAIT_SECONDS", 600)
    stage.spec = msgspec.structs.replace(SPEC, unhurried=(Move,))
    async with running(stage.spec, stage.settings(), stage.build, clock=SystemClock()):
        await stage.send(Move(account="ann", target="ben", amount=1), "m1")
        await asyncio.sleep(0.3)
        assert await _handled(stage, 1) is False
    assert await _handled(stage, 2)


async def test_as_many_as_a_turn_holds_do_not_wait(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "WAIT_SECONDS", 600)
    stage.spec = msgspec.structs.replace(SPEC, unhurried=(Move,))
    await stage.start(batch_max=5)
    for number in range(5):
        await stage.send(Move(account=f"a{number}", target="b", amount=1), f"m{number}")
    await stage.until(lambda: _handled(stage, 10), seconds=5)
