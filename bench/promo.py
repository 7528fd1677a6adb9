"""ONLY=promo: 200 codes a second beside 300 taps a second, through every process; and dashboards over a busy week.

Each code is typed by a player who is new, and gives premium: of one campaign, so that all uses wait for one row. Timed
from the update's posting to the message that answers. The crowd's taps are measured calm and beside the codes, in
turns. At the end every answer must be one use, one redemption and one grant of premium. Then, on a server of its own,
the dashboard is asked over 1, 24 and 168 hours of 5,000,000 attempts and 1,250,000 discounts, and must agree with a
count of the rows.

`offer_cpu_share` is what offers add to the CPU of 300 taps a second when every twentieth leads to one: the cost of a
[decision](offer_decisions.py) at that pace, against that of the calm taps. What offers add through all processes, and
their own dashboard, `bench.offers` measures.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import msgspec

from bench import offer_decisions, offers, promo_fill
from bench.filling import unhindered
from bench.latency import at_rate
from bench.load import percentile
from bench.redeemers import Redeemers
from bench.report import progress
from bench.surroundings import Surroundings, surroundings
from bench.usage import Usage
from bench.whole import SECRET, playing
from contracts.promo import DashboardAnswer, DashboardQuery, Peppers
from devstack.operator_client import operator_client
from devstack.roles import DATABASE
from devstack.stack import Stack
from promo.domain.code_making import NewCode
from promo.store import batches

_TAPS, _CODES = 300, 200
_ROUNDS = 3
_CALM_SECONDS = 10
_SECONDS = 20
_WARM_SECONDS = 5
_CODE, _CAMPAIGN = "BENCHMARK26", "bench"
_GIVEN = "7 days of Premium"
_ATTEMPTS = 5_000_000
_WINDOWS = (1, 24, 168)
_ASKED = 15
_ANSWER_SECONDS_MAX = 60
_PATIENCE_SECONDS = 60


async def run() -> dict[str, Any]:
    """Redeem beside taps, then ask for figures."""
    figures = await _redeeming()
    figures |= await _dashboards()
    per_tap = figures["offer_decision_cpu_ms"] / offer_decisions.TAPS_PER_DECISION
    figures["offer_cpu_share"] = round(per_tap / figures["cpu_ms_per_tap_calm"], 3)
    return figures | await offers.run()


# -- beside taps ----------------------------------------------------------------------------------


async def _redeeming() -> dict[str, Any]:
    crowd = Redeemers(secret=SECRET)
    async with playing(crowd) as (stack, usage):
        with tempfile.TemporaryDirectory(prefix="starquiz-bench-") as folder:
            await _make_code(stack, Path(folder))
        await _both(crowd, usage, _WARM_SECONDS)
        figures = await _in_turns(crowd, usage)
        await _check(stack, crowd)
        figures["peak_mb"] = usage.peak_mb()
    return figures


async def _make_code(stack: Stack, folder: Path) -> None:
    """Make one code that everybody may use, as the batch tool does."""
    terms = {"type": "PREMIUM_GRANT", "premium_days": 7, "uses_per_code_max": None}
    async with operator_client(stack) as operator:
        made = await operator.ask("admin.promo.campaign.create", name=_CAMPAIGN, **terms)
    if not made.get("done"):
        raise AssertionError(f"no campaign: {made}")
    peppers = Peppers.parse(stack.vault.shared("promo_pepper"))
    connection = await asyncpg.connect(stack.service_dsn("promo"))
    try:
        report = folder / "codes.csv"
        await batches.write(connection, _CAMPAIGN, [NewCode(_CODE)], peppers, report, lambda _, __: None)
    finally:
        await connection.close()


async def _in_turns(crowd: Redeemers, usage: Usage) -> dict[str, Any]:
    """Return percentiles over all rounds and of each, and codes answered a second."""
    crowd.answers.clear()
    calm: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    rounds: list[dict[str, Any]] = []
    for number in range(_ROUNDS):
        progress(f"codes, round {number + 1} of {_ROUNDS}")
        calm.append(await at_rate(crowd, usage, _TAPS, _CALM_SECONDS))
        before = len(crowd.answers)
        step, rate = await _both(crowd, usage, _SECONDS)
        beside.append(step)
        rounds.append(
            {
                **_percentiles(crowd.answers[before:]),
                "redeem_per_s": round(rate, 1),
                "taps_p99_calm_ms": calm[-1]["p99_ms"],
                "taps_p99_beside_ms": step["p99_ms"],
            }
        )
        progress(f"  {rounds[-1]}")
    cost = {
        name: round((_middle(beside, name) - _middle(calm, name)) * _TAPS / _CODES, 2) for name in calm[0]["by_process"]
    }
    return {
        "redeem_per_s": min(one["redeem_per_s"] for one in rounds),
        **_percentiles(crowd.answers),
        "taps_p99_calm_ms": median(one["p99_ms"] for one in calm),
        "taps_p99_beside_ms": median(one["p99_ms"] for one in beside),
        "cpu_ms_per_tap_calm": median(one["cpu_ms_per_tap"] for one in calm),
        "cpu_ms_per_code": cost,
        "rounds": {str(number): one for number, one in enumerate(rounds, 1)},
    }


async def _both(crowd: Redeemers, usage: Usage, seconds: float) -> tuple[dict[str, Any], float]:
    """Let people tap and redeem; returns the taps' step, and codes answered a second within the time."""
    before = len(crowd.answers)
    redeeming = asyncio.create_task(_redeem(crowd, seconds))
    step = await at_rate(crowd, usage, _TAPS, seconds)
    answered = await redeeming
    await _until(lambda: not crowd.redeeming, "every code has its answer")
    return step, (answered - before) / seconds


async def _redeem(crowd: Redeemers, seconds: float) -> int:
    await crowd.redeem(_CODE, _CODES, seconds)
    return len(crowd.answers)


def _middle(steps: list[dict[str, Any]], name: str) -> float:
    return median(step["by_process"][name] for step in steps)


def _percentiles(answers: list[tuple[float, float, str]]) -> dict[str, float]:
    seconds = [one for _, one, _ in answers]
    return {f"redeem_p{share}_ms": round(percentile(seconds, share / 100) * 1000, 1) for share in (50, 99)}


async def _check(stack: Stack, crowd: Redeemers) -> None:
    """See that every answer is one use, one redemption and one term of premium, or the figures mean nothing."""
    wrong = [text for _, _, text in crowd.answers if _GIVEN not in text]
    if wrong or crowd.refused:
        raise AssertionError(f"{len(wrong)} codes were not taken, for example {wrong[:1]}; {crowd.refused} refused")
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    given = "select count(*) from payments.customers where json_array_length(premium_terms::json) > 0"
    try:
        used = await connection.fetchval("select used from promo.campaigns where name = $1", _CAMPAIGN)
        redeemed = await connection.fetchval("select count(*) from promo.redemptions where state = 'APPLIED'")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (terms := await connection.fetchval(given)) < redeemed and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        dead = await connection.fetchval("select count(*) from promo.dead_letters")
    finally:
        await connection.close()
    answers = len(crowd.answers) + _CODES * _WARM_SECONDS
    if len({used, redeemed, terms, answers}) != 1 or dead:
        raise AssertionError(f"{answers} answers, {used} uses, {redeemed} redemptions, {terms} terms, {dead} dead")


# -- the dashboard --------------------------------------------------------------------------------


async def _dashboards() -> dict[str, Any]:
    """Return the slowest window's middle time, and every window's."""
    async with surroundings("promo") as around:
        await around.admin.execute("set search_path to promo")
        until = datetime.now(UTC) - timedelta(minutes=3, seconds=7)
        progress(f"storing {_ATTEMPTS:,} attempts")
        begun = time.perf_counter()
        async with unhindered(around.admin, "attempts", "redemptions"):
            await promo_fill.fill(around.admin, _ATTEMPTS, until)
        await around.admin.execute("vacuum (analyze) attempts, redemptions, attempt_counts, discount_counts, codes")
        progress(f"  stored in {time.perf_counter() - begun:.0f} s")
        program = around.program("promo")
        await program.start()
        try:
            await program.wait_ready(60)
            windows = {hours: await _asked(around, hours, until) for hours in _WINDOWS}
            decision = await offer_decisions.cpu_ms(around, program, _TAPS / offer_decisions.TAPS_PER_DECISION)
        finally:
            await program.stop()
    return {
        "dashboard_ms": max(one["p50_ms"] for one in windows.values()),
        "dashboard_max_ms": max(one["max_ms"] for one in windows.values()),
        "dashboard_attempts": _ATTEMPTS,
        "offer_decision_cpu_ms": round(decision, 2),
        "dashboard_windows": {f"{hours} h": one for hours, one in windows.items()},
    }


async def _asked(around: Surroundings, hours: int, until: datetime) -> dict[str, Any]:
    """Ask again and again, as an operator would, the first time included."""
    query = DashboardQuery(hours=hours, until=until)
    took: list[float] = []
    for _ in range(_ASKED):
        begun = time.perf_counter()
        body = msgspec.json.encode(query)
        answer = await around.nc.request(DashboardQuery.subject, body, timeout=_ANSWER_SECONDS_MAX)
        took.append((time.perf_counter() - begun) * 1000)
    found = msgspec.json.decode(answer.data, type=DashboardAnswer)
    counted = await around.admin.fetchval(
        "select count(*) from attempts where at >= $1 and at < $2", until - timedelta(hours=hours), until
    )
    if found.attempts != counted:
        raise AssertionError(f"the dashboard of {hours} h says {found.attempts}, there are {counted}")
    progress(f"  {hours} h: {median(took):.0f} ms, at most {max(took):.0f} ms; {counted:,} attempts")
    return {"p50_ms": round(median(took), 1), "max_ms": round(max(took), 1), "attempts": counted}


async def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"awaited for {_PATIENCE_SECONDS} s: {what}")
        await asyncio.sleep(0.05)
