"""ONLY=latency: tap → rendered answer through webhook, gateway, gameplay, gateway and Bot API.

Percentiles at fixed rates, the highest rate held, CPU per tap and peak memory per process. Taps are sent at their
times whatever the answers do (an open loop), so a slow answer is not hidden by fewer questions. A turn costs much the
same for one message as for ten, so a tap is dear at a low rate and cheap at a high one: `cpu_ms_per_tap` is that of
300 taps/s, the rate that the latency is judged at; those of the other rates stand beside it. A lone tap is one of 20
taps/s, each from another player.
"""

import asyncio
import time
from statistics import median
from typing import Any

from bench.load import Load, Person, percentile
from bench.report import progress
from bench.usage import Usage
from bench.whole import SECRET, gather, playing

__all__ = ["SECRET", "at_rate", "gather", "run"]  # what `bench.beside_child` uses, of this tree and of others

_LONE = 20
"""Taps a second at which each is alone on its way."""
_RATES = (_LONE, 100, 300, 1_000)
_SECONDS = 15
_SETTLE_SECONDS = 3
_HELD_SECONDS = 30
_FLOODS = 3
_FLOOD_RATE = 100
_FLOOD_SECONDS = 8
_SERVED = ("gateway", "gameplay", "payments", "nats", "postgres")
"""Payments has nothing to do with a tap, but it runs, and whatever runs is counted."""


async def run() -> dict[str, Any]:
    """Start everything, let a crowd play at each rate, and look for the highest rate that is held."""
    load = Load(secret=SECRET)
    async with playing(load) as (_, usage):
        await at_rate(load, usage, 100, 5)
        steps = {rate: await at_rate(load, usage, rate, _SECONDS) for rate in _RATES}
        flood = await _flood(load, usage)
        held, held_step = await _highest(load, usage)
        memory = usage.peak_mb()
    lone = steps.pop(_LONE)
    found: dict[str, Any] = {
        "p50_ms_lone_tap": lone["p50_ms"],
        "cpu_ms_lone_tap": lone["cpu_ms_per_tap"],
        "cpu_ms_lone_tap_by_process": lone["by_process"],
    }
    for rate, step in steps.items():
        found[f"p50_ms_at_{rate}"], found[f"p99_ms_at_{rate}"] = step["p50_ms"], step["p99_ms"]
        found[f"answered_per_s_at_{rate}"] = step["answered_per_s"]
        found[f"cpu_ms_per_tap_at_{rate}"] = step["cpu_ms_per_tap"]
    return found | {
        "rate_held": held,
        "cpu_ms_per_tap": steps[300]["cpu_ms_per_tap"],
        "cpu_ms_per_tap_at_rate_held": held_step["cpu_ms_per_tap"],
        "cpu_ms_per_tap_by_process_at_300": steps[300]["by_process"],
        **flood,
        "cpu_ms_per_tap_by_process_at_rate_held": held_step["by_process"],
        "peak_mb": memory,
    }


async def at_rate(load: Load, usage: Usage, rate: int, seconds: float) -> dict[str, Any]:
    """Play at one rate; returns percentiles in ms, what was answered, and CPU ms per tap."""
    progress(f"{rate:,} taps/s for {seconds:g} s")
    load.latencies.clear()
    before, begun = usage.cpu_seconds(), time.perf_counter()
    await load.play(rate, seconds)
    after, ended = usage.cpu_seconds(), time.perf_counter()
    left = load.waiting
    done = [latency for tapped, latency in load.latencies if tapped <= ended]
    late = [latency for tapped, latency in load.latencies if tapped > begun + seconds * 2 / 3]
    await _rest(load)
    answered = max(1, len(done))
    figures = f"p50 {percentile(done, 0.5) * 1000:.0f} ms, p99 {percentile(done, 0.99) * 1000:.0f} ms"
    progress(f"  {figures}, {len(done) / seconds:.0f}/s answered, {len(load.ready)} ready, {load.ended} ended")
    by_process = {name: round((after[name] - before[name]) * 1000 / answered, 3) for name in after}
    return {
        "p50_ms": round(percentile(done, 0.50) * 1000, 1),
        "p99_ms": round(percentile(done, 0.99) * 1000, 1),
        "late_p99_ms": round(percentile(late, 0.99) * 1000, 1),
        "answered_per_s": round(len(done) / seconds, 1),
        "left": left,
        "cpu_ms_per_tap": round(sum(by_process[name] for name in _SERVED), 3),
        "by_process": by_process,
    }


async def _flood(load: Load, usage: Usage) -> dict[str, Any]:
    """One player taps 1,000 times within a second, thrice, while the others play on: what do the others notice?"""
    flooder = Person(9_999_999)
    calm: list[float] = []
    flooded: list[float] = []
    for number in range(_FLOODS):
        progress(f"one player's flood, {number + 1} of {_FLOODS}")
        calm.append((await at_rate(load, usage, _FLOOD_RATE, _FLOOD_SECONDS))["p99_ms"])
        flooding = asyncio.create_task(_pour(load, flooder))
        flooded.append((await at_rate(load, usage, _FLOOD_RATE, _FLOOD_SECONDS))["p99_ms"])
        await flooding
    return {"p99_ms_calm": median(calm), "p99_ms_beside_a_flood": median(flooded), "updates_not_taken": load.refused}


async def _pour(load: Load, flooder: Person) -> None:
    begun = time.perf_counter()
    for number in range(1_000):
        load.post(load.update_of(flooder, "p:QUICK_MIX_A1A2"))
        if number % 50 == 49:
            await asyncio.sleep(max(0.0, begun + number / 1_000 - time.perf_counter()))


async def _rest(load: Load) -> None:
    """Let what is under way arrive; a player whose answer never comes is a loss, and the benchmark says so."""
    deadline = time.monotonic() + 60
    while load.waiting:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{load.waiting} taps were never answered")
        await asyncio.sleep(0.1)
    await asyncio.sleep(_SETTLE_SECONDS)


def _is_held(step: dict[str, Any], rate: int) -> bool:
    """Whether the backlog did not grow: nearly all answered in time, and late answers no slower than a second."""
    return step["answered_per_s"] >= 0.97 * rate and step["late_p99_ms"] < 1_000 and step["left"] < rate


async def _highest(load: Load, usage: Usage) -> tuple[int, dict[str, Any]]:
    """Return the highest rate, in steps of 50 taps/s, that is held for 30 s."""
    low, high = 300, 2_000
    while high - low > 50:
        middle = (low + high) // 100 * 50
        step = await at_rate(load, usage, middle, 8)
        low, high = (middle, high) if _is_held(step, middle) else (low, middle)
    while low > 50:
        step = await at_rate(load, usage, low, _HELD_SECONDS)
        if _is_held(step, low):
            return low, step
        low -= 50
    raise RuntimeError("no rate was held")
