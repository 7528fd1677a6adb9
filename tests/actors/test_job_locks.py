"""A job runs in one place at a time, and stops where its lock is lost."""

import asyncio
from typing import Any

import pytest
from nats.aio.msg import Msg
from stage.app import SPEC, count

from actors.engine import job_runner
from actors.engine.connecting import connect_one
from actors.engine.job_locks import JobLocks
from actors.jobs import Job
from actors.schedules import Due


class Work:
    """A job that goes on until it is told to end; notes where it runs."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.now = 0
        self.most = 0
        self.done = asyncio.Event()
        self.beginning = asyncio.Event()

    async def __call__(self, due: Due, job: Job) -> None:
        self.began.append(job.firing)
        self.now += 1
        self.most = max(self.most, self.now)
        self.beginning.set()
        how = "cancelled"
        try:
            await self.done.wait()
            how = "done"
        finally:
            self.now -= 1
            self.ended.append(how)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    made = Work()
    monkeypatch.setitem(SPEC.actor.jobs, count.kind, made)
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))
    return made


async def _are(found: list[str], number: int) -> bool:
    return len(found) >= number


async def test_one_job_is_run_by_one_replica_at_a_time(stage: Any, work: Work) -> None:
    for _ in range(2):
        await stage.start()
    for _ in range(6):
        await stage.js.publish("stage.due.count", b"{}")
    await asyncio.wait_for(work.beginning.wait(), 10)
    await stage.until(lambda: _wait(stage, 2))  # the one that runs, and of the others one
    assert work.began == work.began[:1]
    work.done.set()
    await stage.until(lambda: _wait(stage, 0))
    assert work.most == 1
    assert work.ended == ["done", "done"]


async def _wait(stage: Any, number: int) -> bool:
    """Whether so many firings are left."""
    info = await stage.js.stream_info("STAGE_TIMER", subjects_filter="stage.due.>")
    return sum((info.state.subjects or {}).values()) == number


async def test_a_job_that_lost_its_lock_stops_and_is_repeated(stage: Any, work: Work) -> None:
    await stage.start()
    await stage.js.publish("stage.due.count", b"{}")
    await asyncio.wait_for(work.beginning.wait(), 10)
    ended = await stage.connection.fetchval(
        "select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and granted"
        " and objid::bigint = hashtext('job:' || 'stage.due.count')::bigint & 4294967295"
    )
    assert ended == 1
    await stage.until(lambda: _are(work.ended, 1))
    assert work.ended == ["cancelled"]
    work.done.set()
    await stage.until(lambda: _are(work.ended, 2))
    assert work.ended == ["cancelled", "done"]
    assert work.began[0] == work.began[1]


async def test_a_running_job_tells_jetstream_so_and_is_not_heard_again(
    stage: Any, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 0
    in_progress = Msg.in_progress

    async def counted(msg: Msg) -> None:
        nonlocal told
        told += 1
        await in_progress(msg)
        if told == 1:
            raise ConnectionError("NATS is away for a moment")  # that is no reason to be silent from then on
        work.done.set()

    monkeypatch.setattr(Msg, "in_progress", counted)
    service = await stage.start()
    runner = service.engine._jobs
    assert runner._still_working_seconds == SPEC.ack_wait_seconds / 3
    runner._still_working_seconds = 0.02
    await stage.js.publish("stage.due.count", b"{}")
    await stage.until(lambda: _wait(stage, 0))
    assert work.ended == ["done"]
    assert (await stage.js.consumer_info("STAGE_TIMER", "stage")).num_redelivered == 0


async def test_a_session_s_own_lock_is_not_taken_twice(stage: Any) -> None:
    locks = JobLocks(lambda: connect_one(stage.settings()))
    lost = await locks.take("one")
    assert lost is not None
    assert not lost.done()
    assert await locks.take("one") is None
    other = await locks.take("other")
    assert other is not None
    await locks.let_go("one", lost)
    assert await locks.take("one") is not None
    locks.close()
    assert lost.done() is False  # given back, not lost
    assert other.done()


async def test_a_lock_is_lost_when_its_connection_dies_unnoticed(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.engine.job_locks._WATCH_SECONDS", 0.02)
    locks = JobLocks(lambda: connect_one(stage.settings()))
    lost = await locks.take("one")
    assert lost is not None
    connection: Any = locks._connection
    monkeypatch.setattr(connection, "_termination_listeners", set())
    watching = asyncio.create_task(locks.run())
    await stage.connection.execute(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
    )
    await asyncio.wait_for(lost, 5)
    watching.cancel()
    again = await locks.take("one")
    assert again is not None
    locks.close()


async def test_who_lost_a_lock_does_not_give_back_the_next_holders(stage: Any) -> None:
    locks, elsewhere = JobLocks(lambda: connect_one(stage.settings())), JobLocks(lambda: connect_one(stage.settings()))
    first = await locks.take("one")
    assert first is not None
    await stage.connection.execute(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
    )
    await asyncio.wait_for(first, 5)
    second = await locks.take("one")
    assert second is not None
    await locks.let_go("one", first)
    assert await elsewhere.take("one") is None
    await locks.let_go("one", second)
    assert await elsewhere.take("one") is not None
    locks.close()
    elsewhere.close()
