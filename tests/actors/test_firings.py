"""Firings of schedules during an outage: one of a kind waits, `retry_after_seconds` is obeyed, nothing piles up."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from stage.app import SPEC, count

from actors.clock import ManualClock
from actors.engine import job_runner
from actors.engine.delivery import Delivery
from actors.engine.firings import Firings
from actors.engine.tries import FIRING_TRIES_MAX
from actors.jobs import Job
from actors.schedules import Due
from actors.testing import NOON
from contracts.envelope import Envelope

DUE = "stage.due.count"


class BusyError(Exception):
    """What a provider says that wants to be let be."""

    def __init__(self, seconds: int | None) -> None:
        super().__init__("ask again later")
        self.retry_after_seconds = seconds


class Provider:
    """A job that asks a provider which is away at first."""

    def __init__(self, *refusals: int | None) -> None:
        self.refusals = list(refusals)
        self.asked_at: list[float] = []
        self.firings: list[str] = []

    async def __call__(self, due: Due, job: Job) -> None:
        self.asked_at.append(time.monotonic())
        self.firings.append(job.firing)
        if self.refusals:
            raise BusyError(self.refusals.pop(0))


async def _waiting(stage: Any) -> int:
    info = await stage.js.stream_info("STAGE_TIMER", subjects_filter="stage.due.>")
    return sum((info.state.subjects or {}).values())


async def _asked(provider: Provider, times: int) -> bool:
    return len(provider.asked_at) >= times


async def _noted(stage: Any) -> bool:
    return await stage.connection.fetchval("select exists (select from job_firings where failed)")


async def _left(stage: Any, number: int) -> bool:
    return await _waiting(stage) == number


async def test_an_outage_piles_up_no_firings_and_a_provider_is_let_be_for_as_long_as_it_says(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(2)
    monkeypatch.setitem(SPEC.actor.jobs, count.kind, provider)
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))
    for _ in range(2):
        await stage.start()
    await stage.js.publish(DUE, b"{}")
    await stage.until(lambda: _asked(provider, 1))
    for _ in range(20):
        await stage.js.publish(DUE, b"{}")
    await stage.until(lambda: _left(stage, 1))
    assert len(provider.asked_at) == 1
    await stage.until(lambda: _left(stage, 0))
    assert len(provider.asked_at) == 2
    assert provider.asked_at[1] - provider.asked_at[0] >= 2
    assert provider.firings[0] == provider.firings[1]
    assert await stage.connection.fetchval("select count(*) from job_firings") == 0


async def test_a_firing_that_asks_for_something_else_is_not_merged_and_waits_all_the_same(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(1)
    monkeypatch.setitem(SPEC.actor.jobs, count.kind, provider)
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))  # when both come back at once, one finds it running
    await stage.start()
    await stage.js.publish(DUE, b"{}")
    await stage.until(lambda: _noted(stage))
    await stage.js.publish(DUE, b'{"run_id": "an operator waits for this one"}')
    await stage.until(lambda: _left(stage, 0))
    assert len(provider.asked_at) == 3
    assert provider.asked_at[1] - provider.asked_at[0] >= 1
    assert len(set(provider.firings)) == 2


async def test_a_firing_that_cannot_be_read_is_put_aside(stage: Any) -> None:
    await stage.start()
    await stage.js.publish(DUE, b"[")
    await stage.until(lambda: _left(stage, 0))
    assert await stage.connection.fetchval("select type_name from dead_letters") == DUE


def test_an_error_says_how_long_it_takes() -> None:
    assert job_runner.retry_seconds(BusyError(40)) == 40
    assert job_runner.retry_seconds(BusyError(0)) == 1
    assert job_runner.retry_seconds(BusyError(10**9)) == 3600
    for error in (BusyError(None), ValueError()):
        assert 10 <= job_runner.retry_seconds(error) <= 30


def _firing(name: str, body: bytes = b"{}") -> Delivery:
    return Delivery(DUE, {}, body, Envelope(id=name, type_name=DUE, time=NOON, source="stage"))


async def test_one_of_a_kind_waits_until_it_runs_or_never_comes_back(pool: Any) -> None:
    clock = ManualClock(NOON)
    firings = Firings(pool, clock)
    assert await firings.put_off(DUE, _firing("one"), seconds=20, failed=False)
    assert not await firings.put_off(DUE, _firing("two"), seconds=20, failed=False)
    assert await firings.put_off(DUE, _firing("other", b'{"x":1}'), seconds=20, failed=False)
    assert await firings.put_off(DUE, _firing("one"), seconds=20, failed=False)
    await firings.runs(DUE, _firing("one"))
    assert await firings.put_off(DUE, _firing("three"), seconds=20, failed=False)
    await firings.runs(DUE, _firing("one"))  # not the one that waits
    assert not await firings.put_off(DUE, _firing("four"), seconds=20, failed=False)
    clock.set(NOON + timedelta(seconds=81))  # its stream was lost: it should have been heard a minute ago
    assert await firings.put_off(DUE, _firing("five"), seconds=20, failed=False)


async def test_a_failure_has_the_whole_job_wait(pool: Any) -> None:
    clock = ManualClock(NOON)
    firings = Firings(pool, clock)
    assert await firings.put_off(DUE, _firing("busy"), seconds=20, failed=False)
    assert await firings.wait_seconds(DUE) <= 0
    assert not await firings.put_off(DUE, _firing("failed"), seconds=600, failed=True)  # `busy` comes back for it
    assert await firings.wait_seconds(DUE) == 600
    assert await firings.wait_seconds("stage.due.other") <= 0
    clock.set(NOON + timedelta(seconds=601))
    assert await firings.wait_seconds(DUE) <= 0


async def test_a_clock_that_was_set_back_has_no_job_wait(pool: Any) -> None:
    clock = ManualClock(NOON)
    firings = Firings(pool, clock)
    assert await firings.put_off(DUE, _firing("one"), seconds=60, failed=True)
    clock.set(NOON - timedelta(hours=1))
    assert await firings.wait_seconds(DUE) <= 0
    assert await firings.put_off(DUE, _firing("two"), seconds=60, failed=False)


async def test_a_job_runs_while_firings_cannot_be_noted_down(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Postgres nothing is known of the others: the firing itself comes back, none is lost."""
    provider = Provider(None)
    monkeypatch.setitem(SPEC.actor.jobs, count.kind, provider)
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))
    service = await stage.start()

    async def away(*_: Any, **__: Any) -> bool:
        raise ConnectionError("Postgres is away")

    monkeypatch.setattr(service.engine._jobs._firings, "put_off", away)
    await stage.js.publish(DUE, b"{}")
    await asyncio.wait_for(stage.until(lambda: _left(stage, 0)), 20)
    assert len(provider.asked_at) == 2


@pytest.mark.parametrize(("deaths", "runs"), [(FIRING_TRIES_MAX - 1, 1), (FIRING_TRIES_MAX, 0)])
async def test_a_job_that_ends_its_process_time_and_again_is_put_aside_and_let_be(
    stage: Any, monkeypatch: pytest.MonkeyPatch, deaths: int, runs: int
) -> None:
    provider = Provider()
    monkeypatch.setitem(SPEC.actor.jobs, count.kind, provider)
    await _deliver_once(stage, "f1")
    await stage.connection.execute("insert into tries values ('f1', $1, true, now())", deaths)
    await stage.start()
    await stage.until(lambda: _left(stage, 0))
    letters = await stage.connection.fetch("select message_id, type_name, attempts from dead_letters")
    assert [tuple(row) for row in letters] == [("f1", DUE, FIRING_TRIES_MAX)] * (1 - runs)
    await stage.js.publish(DUE, b"{}", headers={"ce-id": "f2", "ce-time": NOON.isoformat()})
    await stage.until(lambda: _left(stage, 0))
    assert provider.firings == ["f1", "f2"] * runs
    assert await stage.connection.fetchval("select count(*) from tries") == 0


async def test_a_job_that_fails_in_order_is_blamed_for_nothing(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))
    provider = Provider(*[None] * 4)
    monkeypatch.setitem(SPEC.actor.jobs, count.kind, provider)
    await stage.start()
    await stage.js.publish(DUE, b"{}")
    await stage.until(lambda: _asked(provider, 5))
    await stage.until(lambda: _left(stage, 0))
    assert await stage.connection.fetchval("select count(*) from tries") == 0


async def _deliver_once(stage: Any, firing: str) -> None:
    """Have a firing delivered, so that the next delivery is another one."""
    await stage.js.publish(DUE, b"{}", headers={"ce-id": firing, "ce-time": NOON.isoformat()})
    subscription = await stage.js.pull_subscribe_bind("stage", "STAGE_TIMER")
    (msg,) = await subscription.fetch(1, timeout=5)
    await subscription.unsubscribe()
    await msg.nak()
    await stage.nc.flush()
