"""Every job leaves how it went, and one that is not done in time is an alert (DOMAIN §12)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from alert_desk import Desk

from alerts.handlers.jobs_watched import overdue_jobs
from contracts.alerts import AlertState
from contracts.ground import AlertCleared, AlertRaised, DeclaredJob, JobEnded, JobsDeclared

pytestmark = pytest.mark.services("alerts")


def _declared(desk: Desk, *names: str, period: int = 300) -> JobsDeclared:
    jobs = tuple(DeclaredJob(job=name, period_seconds=period) for name in names)
    return JobsDeclared(service="payments", jobs=jobs, at=desk.now)


def _ended(at: datetime, result: str = "done", job: str = "recovery") -> JobEnded:
    began = at - timedelta(seconds=2)
    return JobEnded(service="payments", job=job, started_at=began, ended_at=at, seconds=2.0, result=result)


def _said(raised: AlertRaised) -> dict[str, str | int]:
    return {figure.name: figure.value for figure in raised.figures}


async def _strike(desk: Desk, **span: float) -> list[Any]:
    """Let time pass and the jobs be looked at; returns what was said of them, which alerts then hears as well."""
    desk.clock.advance(**span)
    before = len(desk.said)
    await desk.run(overdue_jobs.due())
    said = desk.said[before:]
    await desk.take(*said)
    return said


async def test_a_job_that_is_not_done_by_twice_its_period_and_five_minutes_is_an_alert_once(desk: Desk) -> None:
    await desk.take(_declared(desk, "recovery", "other", period=300))
    desk.clock.advance(minutes=10)
    await desk.take(_ended(desk.now), _ended(desk.now, job="other"))
    assert await _strike(desk, minutes=15) == []
    await desk.take(_ended(desk.now, job="other"))
    (raised,) = await _strike(desk, seconds=1)
    assert isinstance(raised, AlertRaised)
    assert (raised.key, raised.about, raised.has_end) == ("payments:recovery", "payments", True)
    assert await _strike(desk, minutes=1) == []
    alert = await desk.only()
    assert (alert.event, alert.service, alert.figures["result"]) == ("job_overdue", "payments", "done")


async def test_a_run_that_failed_is_none_and_one_that_is_done_ends_the_alert(desk: Desk) -> None:
    await desk.take(_declared(desk, "recovery"))
    desk.clock.advance(minutes=15)
    await desk.take(_ended(desk.now, result="TimeoutError: no"))
    (raised,) = await _strike(desk, seconds=1)
    assert _said(raised)["result"] == "TimeoutError: no"
    desk.clock.advance(minutes=1)
    await desk.take(_ended(desk.now))
    (cleared,) = [word for word in desk.said if isinstance(word, AlertCleared)]
    await desk.take(cleared)
    assert (await desk.only()).state is AlertState.RESOLVED
    assert await _strike(desk, minutes=14) == []


async def test_a_job_that_never_ran_is_overdue_from_when_it_was_declared_first(desk: Desk) -> None:
    await desk.take(_declared(desk, "recovery"))
    desk.clock.advance(minutes=14)
    await desk.take(_declared(desk, "recovery"))  # its process began anew
    (raised,) = await _strike(desk, minutes=2)
    assert _said(raised)["done_at"] == "never"


async def test_a_job_that_is_gone_is_waited_for_no_more(desk: Desk) -> None:
    await desk.take(_declared(desk, "recovery", "other"))
    assert len(await _strike(desk, minutes=16)) == 2
    await desk.take(_declared(desk, "recovery"))
    (cleared,) = [word for word in desk.said if isinstance(word, AlertCleared)]
    assert cleared.key == "payments:other"
    assert await _strike(desk, hours=1) == []


async def test_the_order_of_words_does_not_matter(desk: Desk) -> None:
    await desk.take(_ended(desk.now))  # nobody has declared it yet
    await desk.take(_declared(desk, "recovery"))
    late = desk.now
    desk.clock.advance(minutes=5)
    await desk.take(_ended(desk.now), _ended(late, result="an old failure"))
    assert await _strike(desk, minutes=15) == []
