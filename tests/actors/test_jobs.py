"""What a job is handed: the service's resources, and the name of what triggered it."""

from typing import Any

import pytest
from stage.app import SPEC, Bell, count

from actors.clock import SystemClock
from actors.engine import job_runner
from actors.engine.running_job import RunningJob
from actors.jobs import Job
from actors.schedules import Due


async def test_a_job_has_resources_and_the_firing_s_name_which_a_repetition_keeps(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    firings: list[str] = []
    bells: list[Bell] = []

    async def once_failing(due: Due, job: Job) -> None:
        firings.append(job.firing)
        bells.append(job.resource(Bell))
        if len(firings) == 1:
            raise ConnectionError("the first time something is away")

    monkeypatch.setitem(SPEC.actor.jobs, count.kind, once_failing)
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))
    await stage.start()
    await stage.js.publish("stage.due.count", b"{}")
    await stage.until(lambda: _are(firings, 2))
    await stage.js.publish("stage.due.count", b"{}")
    await stage.until(lambda: _are(firings, 3))
    assert firings[0] == firings[1] != firings[2]
    assert bells[0] is bells[2]


async def _are(found: list[str], number: int) -> bool:
    return len(found) >= number


def test_a_resource_that_nobody_provided_is_named() -> None:
    job = RunningJob(service="stage", clock=SystemClock(), acquire=_nothing, take=_nothing)
    with pytest.raises(LookupError, match="Bell"):
        job.resource(Bell)
    assert job.firing != RunningJob(service="stage", clock=SystemClock(), acquire=_nothing, take=_nothing).firing


def _nothing(*_: Any) -> Any:
    raise AssertionError("not asked for")
