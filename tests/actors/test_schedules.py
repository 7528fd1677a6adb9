"""Schedules: cron in Berlin time, right on both days when the clock changes.

The server's own clock cannot be set, so the test gives it a zone of its own making instead: one whose clock change is
a real one, moved to today. The server tells with every firing when the next one will be.
"""

import asyncio
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import nats
import pytest
from nats.js.errors import NotFoundError

from actors.actor import Actor
from actors.deploying.provision import provision
from actors.jobs import Job
from actors.schedules import Cron
from actors.spec import ServiceSpec
from contracts.message import decode, subject_of
from devstack.ports import free_port

ZONE = "Europe/Berlin"
_HALF_A_DAY = 12 * 3600
RunServer = Callable[[Path], Any]


def _zone_file(change_at: datetime, before: int, after: int) -> bytes:
    """Return a TZif file (version 2): a zone that goes from `before` to `after` seconds east of UTC at `change_at`."""
    moment = int(change_at.timestamp())
    kinds = struct.pack(">lBB", before, 0, 0) + struct.pack(">lBB", after, 1, 4)
    names = b"AAA\0BBB\0"

    def block(width: str) -> bytes:
        counts = struct.pack(">6l", 0, 0, 0, 2, 2, len(names))
        times = struct.pack(f">2{width}", -(2**31), moment)
        return b"TZif2" + b"\0" * 15 + counts + times + b"\0\1" + kinds + names

    return block("l") + block("q") + b"\n\n"


def _serve(arguments: list[Any], zones: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(arguments, env={"ZONEINFO": str(zones)}, stderr=subprocess.DEVNULL)


@pytest.fixture
async def run_server(tmp_path: Path) -> AsyncIterator[RunServer]:
    """Start a NATS server that looks up its time zones in a folder of the test's."""
    started: list[subprocess.Popen[bytes]] = []

    async def run(zones: Path) -> Any:
        port = free_port()
        program = Path(sys.executable).with_name("nats-server")
        arguments = [program, "-js", "-sd", tmp_path / "store", "-a", "127.0.0.1", "-p", str(port)]
        started.append(await asyncio.to_thread(_serve, arguments, zones))
        return await nats.connect(f"nats://127.0.0.1:{port}", max_reconnect_attempts=50, reconnect_time_wait=0.1,
                                  allow_reconnect=True)  # fmt: skip

    yield run
    for process in started:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize(
    ("name", "jump_hours", "hours_to_three", "hours_to_tomorrow"),
    [("spring", 1, 2, 23), ("autumn", -1, 4, 25)],
)
async def test_berlin_cron_is_right_on_the_days_when_the_clock_changes(
    tmp_path: Path, run_server: RunServer, name: str, jump_hours: int, hours_to_three: int, hours_to_tomorrow: int
) -> None:
    """At 00:10 local on such a day, 03:10 is 2 (4) hours away and the next 00:10 is 23 (25) hours away."""
    fires_at = (datetime.now(UTC) + timedelta(seconds=5)).replace(microsecond=0)
    # The zone's clock shows 00:10 at `fires_at`, and it changes when it shows 02:00 (spring) or 03:00 (autumn).
    wall = fires_at.replace(hour=0, minute=10, second=fires_at.second)
    # Of the offsets that do so, the one within half a day: a zone's must stay under a day, whatever time it is now.
    offset = (int((wall - fires_at).total_seconds()) + _HALF_A_DAY) % (2 * _HALF_A_DAY) - _HALF_A_DAY
    change_hour = 2 if jump_hours > 0 else 3
    change_at = fires_at + timedelta(hours=change_hour, minutes=-10, seconds=-fires_at.second)
    zone = tmp_path / "zones" / ZONE
    zone.parent.mkdir(parents=True)
    zone.write_bytes(_zone_file(change_at, offset, offset + jump_hours * 3600))
    nc = await run_server(tmp_path / "zones")
    js = nc.jetstream()
    await nc.request("$JS.API.STREAM.CREATE.S", b'{"name":"S","subjects":["s.>"],"allow_msg_schedules":true,'
                     b'"storage":"memory","retention":"limits"}')  # fmt: skip
    for hours in ("0", "0,3"):
        headers = {
            "Nats-Schedule": f"{fires_at.second} 10 {hours} * * *",
            "Nats-Schedule-Time-Zone": ZONE,
            "Nats-Schedule-Target": f"s.due.{hours.replace(',', '-')}",
        }
        await js.publish(f"s.timer.{hours.replace(',', '-')}", b"{}", headers=headers)
    for hours, expected in (("0-3", hours_to_three), ("0", hours_to_tomorrow)):
        fired = await _fired(js, f"s.due.{hours}")
        upcoming = datetime.fromisoformat((fired.headers or {})["Nats-Schedule-Next"])
        assert upcoming - fires_at == timedelta(hours=expected), f"{name}, {hours} o'clock"
    await nc.close()


async def test_schedules_survive_a_second_provisioning_and_a_restart(stage: Any) -> None:
    before = await stage.js.get_last_msg("STAGE_TIMER", "stage.timer.cron.count")
    await provision(stage.nc, [stage.spec])
    info = await stage.js.stream_info("STAGE_TIMER", subjects_filter="stage.timer.>")
    assert info.state.subjects == {"stage.timer.cron.count": 1}
    await asyncio.to_thread(stage.nats_server.restart)
    after = await stage.until(lambda: _schedule(stage))
    assert after.headers["Nats-Schedule"] == (before.headers or {})["Nats-Schedule"] == "@every 3600s"


def test_a_cron_speaks_berlin_time_unless_told_otherwise() -> None:
    assert Cron("0 10 0 * * *").headers() == {
        "Nats-Schedule": "0 10 0 * * *",
        "Nats-Schedule-Time-Zone": "Europe/Berlin",
    }


async def _fired(js: Any, subject: str) -> Any:
    for _ in range(400):
        try:
            return await js.get_last_msg("S", subject)
        except NotFoundError:
            await asyncio.sleep(0.05)
    raise AssertionError(f"{subject} did not fire")


async def _schedule(stage: Any) -> Any:
    try:
        return await stage.js.get_last_msg("STAGE_TIMER", "stage.timer.cron.count")
    except Exception:
        return None


# -- declaring ------------------------------------------------------------------------------------


async def test_a_job_is_named_after_its_function_and_what_a_firing_says_are_its_parameters() -> None:
    toy, heard = Actor("toy"), list[int]()

    @toy.every(60)
    async def sweep(job: Job, most: int = 7) -> None:
        """Sweep."""
        heard.append(most)

    assert (sweep.name, subject_of(sweep.due()), sweep.kind.__doc__) == ("sweep", "toy.due.sweep", "Sweep.")
    for due in (sweep.due(), decode(sweep.kind, b'{"most":3}')):
        await toy.jobs[type(due)](due, cast("Job", None))
    assert heard == [7, 3]
    assert toy.schedules == {"sweep": sweep}


def test_a_job_is_refused_that_no_schedule_could_run_and_a_second_of_a_name() -> None:
    toy = Actor("toy")

    async def needs(job: Job, most: int) -> None: ...

    async def asks(most: int) -> None: ...

    async def swept_twice(job: Job) -> None: ...

    with pytest.raises(TypeError, match="needs: parameter most needs an annotation and a default"):
        toy.every(60)(needs)
    with pytest.raises(TypeError, match="asks: the first parameter must be annotated Job"):
        toy.every(60)(cast("Any", asks))
    with pytest.raises(TypeError, match="expected <owner>"):
        toy.every(60, name="no token")(swept_twice)
    toy.cron("0 0 3 * * *")(swept_twice)
    with pytest.raises(TypeError, match="swept_twice"):
        toy.every(60)(swept_twice)


async def test_what_is_provisioned_more_often_than_it_fires_fires_all_the_same(nats_client: Any) -> None:
    spec = _ticking(3)
    await provision(nats_client, [spec])
    stored = await _as_stored(nats_client)
    async with asyncio.timeout(30):
        while not (
            await nats_client.jetstream().stream_info("CLOCK_TIMER", subjects_filter="clock.due.>")
        ).state.subjects:
            await provision(nats_client, [spec])
            await asyncio.sleep(0.2)
    assert (await _as_stored(nats_client)).seq == stored.seq
    await provision(nats_client, [_ticking(7)])
    assert ((await _as_stored(nats_client)).headers or {})["Nats-Schedule"] == "@every 7s"


def _ticking(seconds: int) -> ServiceSpec:
    actor = Actor("clock")

    @actor.every(seconds)
    async def tick(job: Job) -> None:
        del job

    return ServiceSpec(name="clock", actor=actor)


async def _as_stored(nc: Any) -> Any:
    return await nc.jetstream().get_last_msg("CLOCK_TIMER", "clock.timer.cron.tick")
