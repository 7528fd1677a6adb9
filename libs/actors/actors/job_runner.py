"""Runs jobs when their schedule fires: one at a time across replicas, acknowledged when done."""

import asyncio
import random
import time
from collections.abc import Callable

import structlog

from actors import metrics
from actors.actor import Actor
from actors.delivery import Delivery, decoded, is_what_its_subject_says
from actors.job_locks import JobLocks
from actors.jobs import Job

_STILL_WORKING_SECONDS = 10.0
_RETRY_SECONDS = (10.0, 30.0)
"""Drawn anew each time: a fixed wait could meet the next firing, which holds the lock, for ever."""

_CANCEL_SECONDS = 1.0

log = structlog.get_logger()


class JobLockLostError(Exception):
    """A job lost its lock while it ran: another replica may run it now, so it must not go on. It is repeated."""


class JobRunner:
    """One service's jobs."""

    def __init__(self, actor: Actor, *, locks: JobLocks, make_job: Callable[[str], Job]) -> None:
        """Run the actor's jobs with what `make_job` hands them for a firing of that id."""
        self._jobs = actor.jobs
        self._types = {kind.subject: kind for kind in actor.jobs}
        self._locks = locks
        self._make_job = make_job
        self._tasks: set[asyncio.Task[None]] = set()

    def takes(self, delivery: Delivery) -> bool:
        """Whether this message is a schedule's firing for one of the jobs."""
        return delivery.envelope.type_name in self._types and is_what_its_subject_says(delivery)

    def start(self, delivery: Delivery) -> None:
        """Run the job of a firing in a task of its own."""
        task = asyncio.create_task(self.run(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, *, seconds_max: float) -> None:
        """Give running jobs a moment, then cancel them; their firing is redelivered."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds_max)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def run(self, delivery: Delivery) -> None:
        """Run one firing's job under its lock; repeat the firing later when it fails or runs elsewhere."""
        name = delivery.envelope.type_name
        started = time.perf_counter()
        heartbeat = asyncio.create_task(self._still_working(delivery))
        try:
            ran = await self._run_locked(name, delivery)
        except Exception as error:
            metrics.JOBS.labels(name, "failed").inc()
            log.error("job_failed", job=name, exc_info=error)
            ran = False
        finally:
            heartbeat.cancel()
        metrics.JOB_SECONDS.labels(name).observe(time.perf_counter() - started)
        if ran:
            metrics.JOBS.labels(name, "done").inc()
            log.info("job_done", job=name, seconds=round(time.perf_counter() - started, 3))
        if delivery.msg is not None:
            retry_seconds = random.uniform(*_RETRY_SECONDS)  # noqa: S311 - spreads load, guards no secret
            await (delivery.msg.ack() if ran else delivery.msg.nak(delay=retry_seconds))

    async def _run_locked(self, name: str, delivery: Delivery) -> bool:
        due = decoded(delivery)
        lock = f"job:{name}"
        lost = await self._locks.take(lock)
        if lost is None:
            return False
        working = asyncio.ensure_future(self._jobs[type(due)](due, self._make_job(delivery.envelope.id)))  # type: ignore[index]
        try:
            await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise JobLockLostError(f"{name}: the connection that held its lock is gone")
            await working
        finally:
            working.cancel()
            await asyncio.wait({working}, timeout=_CANCEL_SECONDS)
            await self._locks.let_go(lock)
        return True

    async def _still_working(self, delivery: Delivery) -> None:
        while delivery.msg is not None:
            await asyncio.sleep(_STILL_WORKING_SECONDS)
            await delivery.msg.in_progress()
