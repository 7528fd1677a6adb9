"""Telling whoever watches which jobs a service has, and how each run went (DOMAIN §12).

A word that NATS does not take is not said again: the next run's says the same. A job of which nothing is heard for
long counts as overdue, so what is lost shows as too much alarm and never as too little.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog

from actors.clock import Clock
from actors.engine.publisher import Publisher
from actors.schedules import ScheduledJob
from contracts.envelope import addressed, first_envelope
from contracts.ground import DeclaredJob, JobEnded, JobsDeclared
from contracts.message import Event, encode

DONE: Final = "done"
_RESULT_LENGTH_MAX: Final = 300

log = structlog.get_logger()


class JobReports:
    """One service's."""

    def __init__(
        self, service: str, schedules: Mapping[str, ScheduledJob[...]], publisher: Publisher, clock: Clock
    ) -> None:
        """Tell of these jobs through `publisher`."""
        self._service = service
        self._schedules = schedules
        self._publisher = publisher
        self._clock = clock

    async def declare(self) -> None:
        """Say which jobs there are; a service without jobs says so too, for it may have had some."""
        jobs = tuple(
            DeclaredJob(job=name, period_seconds=job.schedule.period_seconds())
            for name, job in sorted(self._schedules.items())
        )
        await self._say(JobsDeclared(service=self._service, jobs=jobs, at=self._clock.now()))

    async def ended(self, type_name: str, started_at: datetime, *, error: Exception | None = None) -> None:
        """Say how a run went that began then and is over now; `type_name` is that of what fired it."""
        result = DONE if error is None else f"{type(error).__name__}: {error}"
        now = self._clock.now()
        await self._say(
            JobEnded(
                service=self._service,
                job=type_name.rpartition(".")[2],
                started_at=started_at,
                ended_at=now,
                seconds=round((now - started_at).total_seconds(), 3),
                result=" ".join(result.split())[:_RESULT_LENGTH_MAX],
            )
        )

    async def _say(self, event: Event) -> None:
        envelope = first_envelope(
            event, identifier=f"job:{uuid.uuid4().hex}", time=self._clock.now(), source=self._service
        )
        subject, headers = addressed(event, envelope)
        said: Any = None
        try:
            (said,) = await self._publisher.publish([(subject, headers, encode(event))])
        except Exception as error:
            said = error
        if said is not None:
            log.warning("job_not_told_of", subject=subject, error=f"{type(said).__name__}: {said}")
