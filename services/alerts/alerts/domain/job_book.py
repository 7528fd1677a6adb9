"""Every service's jobs, how their last runs went, and which of them are overdue (DOMAIN §12)."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from contracts.ground import JobEnded, JobsDeclared

DONE: Final = "done"
_GRACE: Final = timedelta(minutes=5)


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One job of a service."""

    job: str
    period_seconds: int
    declared_at: datetime
    """When it was heard of first: from then on it is waited for."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    """Of the last run, whatever came of it."""
    seconds: float = 0.0
    result: str = ""
    """`done`, or what it failed of; empty: it has not run yet."""
    done_at: datetime | None = None
    """When a run was done for the last time."""
    is_overdue: bool = False

    @property
    def due_until(self) -> datetime:
        """By when it has to be done: twice its period and five minutes after it was."""
        return (self.done_at or self.declared_at) + timedelta(seconds=2 * self.period_seconds) + _GRACE


class JobBook(msgspec.Struct):
    """The jobs of one service."""

    service: str
    jobs: tuple[JobRecord, ...] = ()

    def declare(self, said: JobsDeclared) -> tuple[JobRecord, ...]:
        """Keep these jobs and no others; returns those that were overdue and are no more, for nobody has them."""
        known = {one.job: one for one in self.jobs}
        names = {one.job for one in said.jobs}
        self.jobs = tuple(
            msgspec.structs.replace(known[one.job], period_seconds=one.period_seconds)
            if one.job in known
            else JobRecord(job=one.job, period_seconds=one.period_seconds, declared_at=said.at)
            for one in said.jobs
        )
        return tuple(one for name, one in known.items() if name not in names and one.is_overdue)

    def end(self, run: JobEnded) -> bool:
        """Keep how a run went, unless a later one is known; returns whether the job was overdue and is no more.

        A job that nobody declared is none: the process that has it says so first, or will.
        """
        record = next((one for one in self.jobs if one.job == run.job), None)
        if record is None or (record.ended_at is not None and record.ended_at > run.ended_at):
            return False
        is_done = run.result == DONE
        self._put(
            msgspec.structs.replace(
                record,
                started_at=run.started_at,
                ended_at=run.ended_at,
                seconds=run.seconds,
                result=run.result,
                done_at=run.ended_at if is_done else record.done_at,
                is_overdue=record.is_overdue and not is_done,
            )
        )
        return record.is_overdue and is_done

    def overdue(self, now: datetime) -> tuple[JobRecord, ...]:
        """Return the jobs that have become overdue since this was asked last."""
        found = tuple(one for one in self.jobs if not one.is_overdue and one.due_until < now)
        for one in found:
            self._put(msgspec.structs.replace(one, is_overdue=True))
        return found

    def _put(self, record: JobRecord) -> None:
        self.jobs = tuple(record if one.job == record.job else one for one in self.jobs)
