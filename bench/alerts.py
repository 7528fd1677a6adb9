"""Ten thousand alerts within a minute while alerts is killed with SIGKILL, and lone ones beside a channel that hangs.

Alerts runs as a process of its own, on real NATS and Postgres; who listens is a webhook in this process.
"""

import asyncio
import json
import math
import time
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any, Final
from uuid import uuid4

from bench.alerts_hooks import Hooks, listening
from bench.report import progress
from bench.surroundings import Surroundings, surroundings
from contracts.envelope import addressed, first_envelope
from contracts.ground import AlertRaised, Figure
from contracts.message import encode
from devstack.processes import Program

_ALERTS: Final = 10_000
_SECONDS: Final = 60
_KILLS: Final = 5
_LONE: Final = 15
_FIGURES: Final = (Figure("n", 1),)
_PATIENCE_SECONDS: Final = 300
_POLICY: Final = json.dumps({"*": {"channels": ["slack", "generic"]}})


async def run() -> dict[str, Any]:
    """Measure lone alerts beside a hanging channel, then the flood."""
    async with surroundings("alerts") as around, listening() as hooks:
        delay = await _hanging(around, hooks)
        flood = await _flood(around, hooks)
    return {**flood, **delay}


def _program(around: Surroundings, hooks: Hooks, group_seconds: int) -> Program:
    return around.program(
        "alerts",
        OPS_ALERT_WEBHOOK_URL=f"{hooks.url}/generic",
        OPS_ALERT_SLACK_WEBHOOK_URL=f"{hooks.url}/slack",
        OPS_ALERT_ESCALATION_POLICY_JSON=_POLICY,
        ALERTS_GROUP_SECONDS=str(group_seconds),
    )


async def _say(around: Surroundings, key: str) -> None:
    now = datetime.now(UTC)
    event = AlertRaised(
        service="gameplay", event="bench", key=key, summary="a benchmark", figures=(Figure("n", 1),), at=now
    )
    envelope = first_envelope(event, identifier=uuid4().hex, time=now, source="bench")
    subject, headers = addressed(event, envelope)
    await around.nc.jetstream().publish(subject, encode(event), headers=headers)


async def _hanging(around: Surroundings, hooks: Hooks) -> dict[str, Any]:
    """Measure how long a lone alert takes to the generic webhook while Slack answers, and while it hangs."""
    program = _program(around, hooks, 0)
    await program.start()
    try:
        await program.wait_ready(60)
        found: dict[bool, list[float]] = {}
        for hangs in (False, True):
            hooks.slack_hangs = hangs
            found[hangs] = [await _lone(around, hooks, f"lone-{hangs}-{n}") for n in range(_LONE)]
            progress(f"  a lone alert {'beside a hanging Slack' if hangs else 'calm'}: {median(found[hangs]):.2f} s")
    finally:
        await program.stop()
    slow, calm = max(found[True]), max(found[False])
    return {
        # Nothing was measured where Slack is no channel of this build, for then it was never called.
        "hanging_delay_s": round(max(slow - calm, 0.0), 3) if hooks.slack_calls else None,
        "lone_s": round(median(found[False]), 3),
        "lone_max_s": round(calm, 3),
        "lone_beside_hanging_s": round(median(found[True]), 3),
        "lone_beside_hanging_max_s": round(slow, 3),
    }


async def _lone(around: Surroundings, hooks: Hooks, key: str) -> float:
    begun = time.time()
    await _say(around, key)
    async with asyncio.timeout(60):
        while key not in hooks.arrived:
            await asyncio.sleep(0.01)
    return hooks.arrived[key] - begun


async def _flood(around: Surroundings, hooks: Hooks) -> dict[str, Any]:
    """Send ten thousand while Slack hangs and alerts is killed, then wait until none is missing or time is up."""
    hooks.calls.clear()
    program = _program(around, hooks, 30)
    await program.start()
    await program.wait_ready(60)
    begun = time.time()
    killing = asyncio.create_task(_kill(program))
    keys = [f"flood-{n}" for n in range(_ALERTS)]
    try:
        await _send(around, keys, begun)
        sent = time.time() - begun
        await killing
        await _await_all(hooks, keys)
        took = time.time() - begun
        # A call that a killed process did not live to write down would come again now.
        await asyncio.sleep(15)
    finally:
        killing.cancel()
        await program.stop()
    return _account(hooks, keys) | {"sent_in_s": round(sent, 1), "all_told_after_s": round(took, 1)}


async def _send(around: Surroundings, keys: list[str], begun: float) -> None:
    a_second = math.ceil(len(keys) / _SECONDS)
    for second, start in enumerate(range(0, len(keys), a_second)):
        await asyncio.sleep(max(begun + second - time.time(), 0))
        await asyncio.gather(*(_say(around, key) for key in keys[start : start + a_second]))


async def _kill(program: Program) -> None:
    for number in range(_KILLS):
        await asyncio.sleep(_SECONDS / _KILLS * 0.9)
        await program.kill()
        progress(f"  alerts killed, {number + 1} of {_KILLS}")
        await program.start()
        await program.wait_ready(60)


async def _await_all(hooks: Hooks, keys: list[str]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and any(key not in hooks.opened for key in keys):
        await asyncio.sleep(0.5)


def _account(hooks: Hooks, keys: list[str]) -> dict[str, Any]:
    told = [hooks.opened.get(key, set()) for key in keys]
    moments = sorted(moment for moment, _ in hooks.calls)
    gaps = [after - before for before, after in pairwise(moments)]
    return {
        "alerts": len(keys),
        "lost": sum(not ids for ids in told),
        "doubled": sum(len(ids) > 1 for ids in told),
        "sent_again": sum(hooks.times[one] > 1 for ids in told for one in ids),
        "kills": _KILLS,
        "messages": len(hooks.calls),
        "largest_group": max(size for _, size in hooks.calls),
        "smallest_gap_s": round(min(gaps), 2) if gaps else 0.0,
    }
