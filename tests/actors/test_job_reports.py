"""Every job leaves its start, end, duration and result, for whoever watches (DOMAIN §12)."""

from typing import Any

import pytest
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from stage.app import SPEC, count

from actors.engine import job_runner
from actors.jobs import Job
from actors.schedules import Cron, Due, Every
from contracts.ground import JobEnded, JobsDeclared
from contracts.message import decode

_HOUR, _DAY = 3_600, 86_400


async def _next(heard: Subscription, name: str) -> Msg:
    """Return the next word of that name on the service's stream."""
    while not (word := await heard.next_msg(timeout=20)).subject.endswith(f".{name}"):
        pass
    return word


async def test_a_start_tells_of_all_jobs_and_each_run_of_how_it_went(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    async def once_failing(due: Due, job: Job) -> None:
        runs.append(job.firing)
        if len(runs) == 1:
            raise ConnectionError("away\nfor now")

    monkeypatch.setitem(SPEC.actor.jobs, count.kind, once_failing)
    monkeypatch.setattr(job_runner, "_RETRY_SECONDS", (0.05, 0.05))
    heard = await stage.nc.subscribe("stage.evt.>")
    await stage.start()
    declared = decode(JobsDeclared, (await _next(heard, "jobs_declared")).data)
    assert {one.job for one in declared.jobs} == set(SPEC.actor.schedules)
    assert all(one.period_seconds > 0 for one in declared.jobs)
    await stage.js.publish("stage.due.count", b"{}")

    failed = decode(JobEnded, (await _next(heard, "job_ended")).data)
    done = decode(JobEnded, (await _next(heard, "job_ended")).data)
    assert (failed.service, failed.job, failed.result) == ("stage", "count", "ConnectionError: away for now")
    assert done.result == "done"
    assert failed.started_at <= failed.ended_at <= done.started_at <= done.ended_at
    assert 0 <= done.seconds < 10


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        (Every(300), 300),
        (Cron("0 30 3 * * *"), _DAY),
        (Cron("0 5 0 1 * *"), 31 * _DAY),
        (Cron("0 0 0 * * 1"), 7 * _DAY),
        (Cron("0 0 * * * *"), _HOUR),
        (Cron("0 */5 * * * *"), _HOUR),
        (Cron("30 * * * * *"), 60),
        (Cron("* * * * * *"), 1),
    ],
)
def test_a_period_is_never_shorter_than_the_longest_wait(schedule: Cron | Every, seconds: int) -> None:
    assert schedule.period_seconds() == seconds
