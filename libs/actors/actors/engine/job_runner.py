"""Runs jobs when their schedule fires: one at a time across replicas, acknowledged when done.

A firing that cannot run now waits, one of a kind (`actors.engine.firings`). A job whose error says
`retry_after_seconds` is let be for as long.
"""

import asyncio
import random
import time
from collections.abc import Callable

import structlog

from actors import metrics
from actors.actor import Actor
from actors.clock import Clock
from actors.effects import asked_seconds
from actors.engine.delivery import Delivery, decoded
from actors.engine.firings import Firings
from actors.engine.job_locks import JobLocks
from actors.engine.job_reports import JobReports
from actors.engine.tries import FIRING_TRIES_MAX, EndedItsProcessError, Tries
from actors.jobs import Job

_STILL_WORKING_SECONDS_MAX = 10.0
_RETRY_SECONDS = (10.0, 30.0)
"""Drawn anew each time: a fixed wait could meet the next firing, which holds the lock, for ever."""

_DEADLY_SECONDS = 3_600.0
"""A job that ended its process time and again is let be for so long."""
_CANCEL_SECONDS = 1.0

log = structlog.get_logger()


class JobLockLostError(Exception):
    """A job lost its lock while it ran: another replica may run it now, so it must not go on. It is repeated."""


class JobRunner:
    """Runs one service's jobs when they are due, each in one process at a time."""

    def __init__(  # noqa: PLR0913 - whom it asks before, and tells after a run
        self,
        actor: Actor,
        *,
        locks: JobLocks,
        firings: Firings,
        tries: Tries,
        give_up: Callable[[Delivery, Exception], None],
        make_job: Callable[[Delivery], Job],
        reports: JobReports,
        clock: Clock,
        ack_wait_seconds: float = 30.0,
    ) -> None:
        """Run the actor's jobs with what `make_job` hands them for a firing.

        `give_up` is given a firing whose job ended process after process. `ack_wait_seconds`: after so long without a
        word JetStream would have another replica hear the firing.
        """
        self._jobs = actor.jobs
        self._types = {kind.subject: kind for kind in actor.jobs}
        self._locks = locks
        self._firings = firings
        self._tries = tries
        self._give_up = give_up
        self._make_job = make_job
        self._reports = reports
        self._clock = clock
        self._still_working_seconds = min(_STILL_WORKING_SECONDS_MAX, ack_wait_seconds / 3)
        self._tasks: set[asyncio.Task[None]] = set()

    def takes(self, delivery: Delivery) -> bool:
        """Whether this message is a schedule's firing for one of the jobs; one that cannot be read is for nobody."""
        if delivery.envelope.type_name not in self._types:
            return False
        try:
            decoded(delivery)
        except Exception:
            # Whatever it is: the turn finds it too, and puts the message aside.
            return False
        return True

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
        """Run one firing's job under its lock; have the firing heard again later when it failed or may not run now."""
        name = delivery.envelope.type_name
        heartbeat = asyncio.create_task(self._still_working(delivery))
        try:
            again_seconds = await self._run(name, delivery)
        except EndedItsProcessError as error:
            self._give_up(delivery, error)  # acknowledged once it is kept
            return
        finally:
            heartbeat.cancel()
        if delivery.msg is not None:
            await (delivery.msg.ack() if again_seconds is None else delivery.msg.nak(delay=again_seconds))

    async def _run(self, name: str, delivery: Delivery) -> float | None:
        """Return None when the firing is over, else the seconds after which it is to be heard again."""
        started, started_at = time.perf_counter(), self._clock.now()
        lock = f"job:{name}"
        try:
            lost = await self._locks.take(lock)
        except Exception as error:
            return await self._failed(name, delivery, error)
        if lost is None:
            return await self._put_off(name, delivery, _drawn_seconds(), failed=False)
        try:
            wait_seconds = await self._firings.wait_seconds(name)
            if wait_seconds > 0:
                return await self._put_off(name, delivery, wait_seconds, failed=True)
            await self._refuse_deadly(name, delivery)
            await self._work(name, delivery, lost)
        except EndedItsProcessError:
            raise
        except Exception as error:
            # Written down before the lock is free: whoever takes it next knows that the job is to be let be.
            await self._reports.ended(name, started_at, error=error)
            return await self._failed(name, delivery, error)
        finally:
            await self._locks.let_go(lock, lost)
            metrics.JOB_SECONDS.labels(name).observe(time.perf_counter() - started)
        await self._tries.over([delivery])
        await self._reports.ended(name, started_at)
        metrics.JOBS.labels(name, "done").inc()
        metrics.JOB_SUCCESS.labels(name).set_to_current_time()
        log.info("job_done", job=name, seconds=round(time.perf_counter() - started, 3))
        return None

    async def _work(self, name: str, delivery: Delivery, lost: "asyncio.Future[None]") -> None:
        await self._firings.runs(name, delivery)
        due = decoded(delivery)
        work = self._jobs[type(due)](due, self._make_job(delivery))  # type: ignore[index]
        await _unless(lost, asyncio.ensure_future(work), name)

    async def _refuse_deadly(self, name: str, delivery: Delivery) -> None:
        """Raise EndedItsProcessError for a firing that ended too many, and let the job be: the next is no better."""
        if not delivery.is_redelivered() or await self._tries.run_again(delivery) < FIRING_TRIES_MAX:
            return
        metrics.JOBS.labels(name, "deadly").inc()
        await self._firings.put_off(name, delivery, seconds=_DEADLY_SECONDS, failed=True)
        raise EndedItsProcessError(FIRING_TRIES_MAX)

    async def _failed(self, name: str, delivery: Delivery, error: Exception) -> float | None:
        metrics.JOBS.labels(name, "failed").inc()
        await self._tries.over([delivery])  # it ended in order
        seconds = retry_seconds(error)
        log.error("job_failed", job=name, again_seconds=round(seconds, 1), exc_info=error)
        return await self._put_off(name, delivery, seconds, failed=True)

    async def _put_off(self, name: str, delivery: Delivery, seconds: float, *, failed: bool) -> float | None:
        try:
            if await self._firings.put_off(name, delivery, seconds=seconds, failed=failed):
                return seconds
        except Exception as error:
            log.warning("firing_not_noted", job=name, error=f"{type(error).__name__}: {error}")
            return seconds
        metrics.JOBS.labels(name, "merged").inc()
        return None

    async def _still_working(self, delivery: Delivery) -> None:
        while delivery.msg is not None:
            await asyncio.sleep(self._still_working_seconds)
            try:
                await delivery.msg.in_progress()
            except Exception as error:
                log.warning("job_not_reported", error=f"{type(error).__name__}: {error}")


async def _unless(lost: "asyncio.Future[None]", work: "asyncio.Future[None]", name: str) -> None:
    """Wait for work that must not go on once its lock is lost; raises JobLockLostError then."""
    try:
        await asyncio.wait({work, lost}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise JobLockLostError(f"{name}: the connection that held its lock is gone")
        await work
    finally:
        work.cancel()
        await asyncio.wait({work}, timeout=_CANCEL_SECONDS)


def retry_seconds(error: BaseException) -> float:
    """Return after how many seconds to repeat a job that failed: what the error says, or a while drawn anew."""
    return asked_seconds(getattr(error, "retry_after_seconds", None), otherwise=_drawn_seconds())


def _drawn_seconds() -> float:
    return random.uniform(*_RETRY_SECONDS)  # noqa: S311 - spreads load, guards no secret
