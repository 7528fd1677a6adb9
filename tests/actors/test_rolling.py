"""Old and new side by side: consumers that hear more than this build asks, and messages that it does not know yet."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from stage.app import Bell
from stage.app import actor as old_actor
from stage.language import Deposit, Deposited

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.provision import ProvisionError, check_consumer, consumer_config, provision
from actors.engine import settlement
from actors.engine.runtime import Dependencies, Provided, running
from actors.spec import ConsumerSpec
from actors.turn import Turn

UNKNOWN = "stage.cmd.ann.unheard_of"
_FEED = ConsumerSpec("S", "c", "main", ("a.*.x", "b.>"), 30)


class _Counted:
    """What the new build's handler has heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []


class _Shifted:
    """A clock that is off."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return SystemClock().now() + self._by


def _newer(stage: Any) -> tuple[Any, Any, _Counted]:
    """Return the next build of the toy service, which hears one event more."""
    actor, counted = Actor("stage"), _Counted()
    for name in ("stores", "journals", "functions", "jobs", "effect_functions"):
        getattr(actor, name).update(getattr(old_actor, name))

    def count(event: Deposited, counted: _Counted, turn: Turn) -> None:
        counted.heard.append(event.account)

    # The test's own module holds its annotations' names.
    count.__annotations__ = {"event": Deposited, "counted": _Counted, "turn": Turn, "return": None}
    actor.on(Deposited)(count)

    @asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        yield Provided(resources={Bell: Bell(means), _Counted: counted})

    return replace(stage.spec, actor=actor), build, counted


async def _letters(stage: Any) -> int:
    return await stage.connection.fetchval("select count(*) from dead_letters")


async def _waiting(stage: Any) -> int:
    """Return how many events the service has not acknowledged."""
    info = await stage.js.consumer_info("STAGE_EVT", "stage")
    return info.num_ack_pending + info.num_pending


async def test_an_old_process_starts_beside_the_new_build_and_leaves_to_it_what_it_does_not_know(stage: Any) -> None:
    spec, build, counted = _newer(stage)
    await provision(stage.nc, [spec])
    async with AsyncExitStack() as new:
        async with running(stage.spec, stage.settings(), stage.build, clock=SystemClock()):  # restarted, or rolled back
            for number in range(5):
                await stage.send(Deposit(account=f"a{number}", amount=1), f"m{number}")
            await stage.until(stage.settled)
            await stage.until(lambda: _redelivered(stage))
            assert (await _waiting(stage), await _letters(stage)) == (5, 0)
            await new.enter_async_context(running(spec, stage.settings(replica="new"), build, clock=SystemClock()))
            await stage.until(lambda: _true(counted.heard))
        await stage.until(lambda: _none_waits(stage), seconds=30)
    assert sorted(counted.heard) == [f"a{number}" for number in range(5)]
    assert await _letters(stage) == 0
    assert await stage.connection.fetchval("select count(*) from tries where tries > 0") == 0


async def test_a_start_says_what_its_consumer_does_not_hear(stage: Any) -> None:
    spec, build, _ = _newer(stage)
    with pytest.raises(ProvisionError, match=r"does not hear stage\.evt\.\*\.deposited; it hears .*Provision first"):
        async with running(spec, stage.settings(), build, clock=SystemClock()):
            pass


async def test_what_nobody_knows_for_15_minutes_is_a_dead_letter(stage: Any) -> None:
    await stage.js.publish(UNKNOWN, b"{}")
    async with running(stage.spec, stage.settings(), stage.build, clock=_Shifted(timedelta(minutes=14))):
        await stage.until(lambda: _redelivered(stage, "STAGE_CMD"))
        assert await _letters(stage) == 0
    async with running(stage.spec, stage.settings(), stage.build, clock=_Shifted(settlement.UNKNOWN_KEPT)):
        await stage.until(lambda: _letters(stage))
        await stage.until(stage.settled)
    letter = await stage.connection.fetchrow("select error, attempts from dead_letters")
    assert tuple(letter) == ("UnknownContractError: stage.cmd.unheard_of", 1)


async def test_what_was_said_15_minutes_ago_is_known_for_long(stage: Any) -> None:
    said_at = datetime.now(UTC) - settlement.UNKNOWN_KEPT
    await stage.js.publish(UNKNOWN, b"{}", headers={"ce-id": "old", "ce-time": said_at.isoformat()})
    in_a_year = datetime.now(UTC) + timedelta(days=365)
    await stage.js.publish(UNKNOWN, b"{}", headers={"ce-id": "from the future", "ce-time": in_a_year.isoformat()})
    async with running(stage.spec, stage.settings(), stage.build, clock=_Shifted(timedelta())):
        await stage.until(lambda: _letters(stage))
        assert await stage.connection.fetchval("select message_id from dead_letters") == "old"
    async with running(stage.spec, stage.settings(), stage.build, clock=_Shifted(settlement.UNKNOWN_KEPT)):
        await stage.until(stage.settled)


async def test_what_is_unknown_does_not_use_up_what_the_consumer_may_have_unacknowledged(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "_UNKNOWN_WAITING_MAX", 10)
    await stage.start()
    for number in range(30):
        await stage.js.publish(f"stage.cmd.a{number}.unheard_of", b"{}")
    await stage.until(lambda: _some_letters(stage, 20))
    await stage.send(Deposit(account="ann", amount=1), "m1")
    await stage.until(stage.balances)
    assert await _letters(stage) == 20


async def test_unknown_messages_are_looked_at_ever_more_seldom(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    enough = asyncio.Event()
    service = await stage.start()

    async def not_now(delivery: Any, again: Any, *, delay_seconds: float, reason: str) -> None:
        delays.append(delay_seconds)
        if len(delays) == 8:
            enough.set()
        await delivery.msg.nak(delay=0.01)

    monkeypatch.setattr(service.engine.loops["main"]._settlement, "not_now", not_now)
    await stage.js.publish(UNKNOWN, b"{}")
    await asyncio.wait_for(enough.wait(), 20)
    assert delays[:8] == [1, 2, 4, 8, 10, 10, 10, 10]


def _reported(**more: Any) -> dict[str, Any]:
    return consumer_config(_FEED) | more


@pytest.mark.parametrize(
    "reported",
    [
        _reported(),
        _reported(filter_subjects=["a.>", "b.>"]),
        _reported(filter_subjects=["a.*.x", "a.*.y", "b.>", "c"]),
        _reported(filter_subjects=[], filter_subject=">"),
        {name: value for name, value in _reported().items() if name != "filter_subjects"},
        _reported(ack_wait=1, max_ack_pending=7, deliver_policy="new"),
    ],
    ids=["the same", "wider", "more", "everything in one", "everything", "other numbers"],
)
def test_a_consumer_that_hears_at_least_what_is_asked_will_do(reported: dict[str, Any]) -> None:
    check_consumer(_FEED, reported)


@pytest.mark.parametrize(
    ("reported", "said"),
    [
        (_reported(filter_subjects=["a.*.x"]), r"does not hear b\.>; it hears a\.\*\.x\. Provision first"),
        (_reported(filter_subjects=["a.1.x", "b.*"]), r"does not hear a\.\*\.x, b\.>"),
        (_reported(ack_policy="none"), "ack_policy is 'none'"),
        (_reported(max_deliver=5), "max_deliver is 5"),
        (_reported(headers_only=True), "headers_only is True"),
        (_reported(deliver_subject="x"), "deliver_subject is 'x'"),
    ],
)
def test_a_consumer_that_would_lose_messages_is_refused_with_what_is_wrong(reported: Any, said: str) -> None:
    with pytest.raises(ProvisionError, match=f"consumer S/c.*{said}"):
        check_consumer(_FEED, reported)


async def _redelivered(stage: Any, stream: str = "STAGE_EVT") -> bool:
    return (await stage.js.consumer_info(stream, "stage")).num_redelivered > 0


async def _none_waits(stage: Any) -> bool:
    return not await _waiting(stage)


async def _some_letters(stage: Any, count: int) -> bool:
    return await _letters(stage) >= count


async def _true(value: object) -> object:
    return value
