"""Effects go from the turn that wrote them to whoever performs them: right after their commit, and once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from stage.language import Deposit
from stage.outside import Call
from stage.world import World

from actors.engine.delivery import Delivery, local
from actors.engine.rows import EffectRow
from contracts.envelope import Envelope, first_envelope

NOW = datetime.now(UTC)


@pytest.fixture
async def world(stage: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A replica that looks at the table when it is told to, and at its start."""
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ALONE_SECONDS", 60)
    async with AsyncExitStack() as stack:
        yield World(stage, stack)


async def _started(world: World) -> Any:
    engine = await world.start()

    async def has_swept() -> bool:
        return len(engine._performer._reader._swept) == len(engine._partitions.owned()) > 0

    await world.stage.until(has_swept)
    return engine


def _row(number: int) -> EffectRow:
    """Return what `world.wrote` writes, as the turn that wrote it has it."""
    call = Call("kim", number)
    cause = Envelope(id="m", type_name="t", time=NOW)
    return EffectRow(0, number, 0, "kim", "Call", msgspec.json.encode(call), cause, NOW, NOW, effect=call)


def _deposit(account: str, amount: int) -> Delivery:
    command = Deposit(account=account, amount=amount)
    return local(command, first_envelope(command, identifier=account, time=NOW, source="test"))


async def test_effects_of_a_part_are_performed_before_the_rest_of_its_batch_is_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await _started(world)
    attempt, rest = engine._turns._attempt, asyncio.Event()

    async def slow(part: Sequence[Delivery], *args: Any) -> Any:
        if [delivery.envelope.id for delivery in part] == ["ann", "bob"]:
            await rest.wait()
        return await attempt(part, *args)

    monkeypatch.setattr(engine._turns, "_attempt", slow)
    batch = [_deposit("kim", 1), _deposit("evil", 13), _deposit("ann", 1), _deposit("bob", 1)]
    taking = asyncio.create_task(engine._turns.take(batch))
    await world.called("kim", 0)
    assert not taking.done()
    assert world.outside.called("ann") == []
    rest.set()
    assert [delivery.envelope.id for delivery, _ in (await taking).failed] == ["evil"]
    await world.called("ann", 0)
    await world.called("bob", 0)


@pytest.mark.parametrize("then", ["handed over", "withdrawn"])
async def test_no_sweep_finds_what_is_about_to_be_handed_over(world: World, then: str) -> None:
    """However many sweeps come between a commit and the handing over; what is withdrawn the next one finds."""
    performer = (await _started(world))._performer
    performer.expect([_row(1)])
    await world.wrote(1)
    for _ in range(3):
        await performer._poll()
    assert len(performer._queues) == 0
    if then == "handed over":
        performer.hand_over([_row(1)])
    else:
        performer.withdraw([_row(1)])
        await performer._poll()
    await world.stage.until(world.stage.settled)
    await performer._poll()
    assert world.outside.called("kim") == [1]
    assert not any(performer._partitions._in_hand.values())


async def test_nothing_goes_ahead_of_an_effect_whose_commit_is_in_doubt(world: World) -> None:
    """Postgres committed and went away before it said so: the effect is there, and memory does not have it."""
    performer = (await _started(world))._performer
    performer.expect([_row(1)])
    await world.wrote(1)
    performer.withdraw([_row(1)])
    performer.expect([_row(2)])
    await world.wrote(2)
    performer.hand_over([_row(2)])
    await world.called("kim", 1, 2)
