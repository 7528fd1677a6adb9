"""How many turns a lane takes: what was sent together is one turn, and tidying up goes along with the next."""

from datetime import UTC, datetime
from typing import Any

from stage.language import Deposit

from actors import metrics
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
