"""Whether every service's jobs are done in time (DOMAIN §12): `job_overdue`."""

from actors.jobs import Job
from actors.turn import Turn
from alerts.domain.internal_commands import CheckJobs
from alerts.domain.job_book import JobBook, JobRecord
from alerts.handlers.table import actor
from alerts.store.job_books import SERVICES
from contracts.ground import AlertCleared, AlertRaised, Figure, JobEnded, JobsDeclared

EVENT = "job_overdue"


@actor.on(JobsDeclared)
def declare_jobs(event: JobsDeclared, book: JobBook, turn: Turn) -> None:
    """Wait for these jobs of the service from now on, and for no others."""
    for gone in book.declare(event):
        _clear(book, gone.job, turn)


@actor.on(JobEnded)
def end_job(event: JobEnded, book: JobBook, turn: Turn) -> None:
    """Keep how it went; a job that is done is overdue no more."""
    if book.end(event):
        _clear(book, event.job, turn)


@actor.every(60)
async def overdue_jobs(job: Job) -> None:
    """Every minute: look for jobs that are not done by twice their period and five minutes."""
    async for services in job.pages(SERVICES):
        await job.take([CheckJobs(service=service) for service in services])


@actor.on(CheckJobs)
def check_jobs(command: CheckJobs, book: JobBook, turn: Turn) -> None:
    """Raise an alert for each that has become overdue."""
    del command
    for record in book.overdue(turn.now):
        turn.emit(
            AlertRaised(
                service=actor.service,
                event=EVENT,
                key=_key(book, record.job),
                about=book.service,
                summary=f"{book.service}'s job {record.job} was to be done by {record.due_until:%Y-%m-%d %H:%M} UTC",
                figures=_figures(record),
                has_end=True,
                at=turn.now,
            )
        )


def _clear(book: JobBook, job: str, turn: Turn) -> None:
    turn.emit(AlertCleared(service=actor.service, event=EVENT, key=_key(book, job), at=turn.now))


def _key(book: JobBook, job: str) -> str:
    return f"{book.service}:{job}"


def _figures(record: JobRecord) -> tuple[Figure, ...]:
    done_at = "never" if record.done_at is None else record.done_at.isoformat(timespec="seconds")
    return (
        Figure("job", record.job),
        Figure("period_seconds", record.period_seconds),
        Figure("done_at", done_at),
        Figure("result", record.result or "it has not run yet"),
    )
