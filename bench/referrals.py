"""The dashboard, the review queue and the search for rings with 1,000,000 referrals stored.

Asked of the service's own process, like an operator would. Rings are looked for by the very turn that does it after
each binding, from its first statement to its commit, one start a turn: a busy hour has many in one.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final
from uuid import uuid4

import asyncpg
import msgspec

from actors.clock import SystemClock
from actors.engine.delivery import Delivery
from actors.engine.turns import Turns
from bench import referrals_fill
from bench.report import progress
from bench.surroundings import Surroundings, surroundings
from contracts.envelope import first_envelope
from contracts.message import encode
from contracts.referrals import CheckRing, ReferralsDashboard, ReferralsDashboardQuery, ReviewList
from referrals.app import SPEC
from referrals.store.affiliate_pages import AffiliateBook

_REFERRALS: Final = 1_000_000
_DAYS: Final = 60
_WINDOWS: Final = (1, 24, 168)
_ASKED: Final = 15
_TURNS: Final = 300
_OPERATOR: Final = "bench"


async def run() -> dict[str, Any]:
    """Fill, ask, and look for rings."""
    async with surroundings("referrals") as around:
        await around.admin.execute("set search_path to referrals")
        until = datetime.now(UTC) - timedelta(minutes=3, seconds=7)
        progress(f"storing {_REFERRALS:,} referrals")
        begun = time.perf_counter()
        await referrals_fill.fill(around.admin, _REFERRALS, until=until, days=_DAYS)
        progress(f"  stored in {time.perf_counter() - begun:.0f} s")
        program = around.program("referrals")
        await program.start()
        try:
            await program.wait_ready(60)
            windows = {hours: await _dashboard(around, hours, until) for hours in _WINDOWS}
            review = await _reviews(around)
        finally:
            await program.stop()
        cycle = await _cycles(around)
    return {
        "dashboard_ms": max(one["p50_ms"] for one in windows.values()),
        "dashboard_max_ms": max(one["max_ms"] for one in windows.values()),
        "review_ms": review["p50_ms"],
        "review_max_ms": review["max_ms"],
        "cycle_ms": cycle["p50_ms"],
        "cycle_max_ms": cycle["max_ms"],
        "referrals": _REFERRALS,
        "to_review": review["total"],
        "dashboard_windows": {f"{hours} h": one for hours, one in windows.items()},
    }


async def _timed(act: Callable[[], Awaitable[bytes]], times: int) -> tuple[dict[str, float], bytes]:
    """Return how long it took, the first time included, and the last answer."""
    took: list[float] = []
    answer = b""
    for _ in range(times):
        begun = time.perf_counter()
        answer = await act()
        took.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": round(median(took), 1), "max_ms": round(max(took), 1)}, answer


async def _dashboard(around: Surroundings, hours: int, until: datetime) -> dict[str, Any]:
    body = msgspec.json.encode(ReferralsDashboardQuery(hours=hours, until=until))

    async def ask() -> bytes:
        return (await around.nc.request(ReferralsDashboardQuery.subject, body, timeout=60)).data

    took, answer = await _timed(ask, _ASKED)
    found = msgspec.json.decode(answer, type=ReferralsDashboard)
    counted = await around.admin.fetchval(
        "select count(*) from referrals where touched_at >= $1 and touched_at < $2", found.since, until
    )
    if found.starts != counted:
        raise AssertionError(f"the dashboard of {hours} h says {found.starts} starts, there are {counted}")
    progress(f"  {hours} h: {took['p50_ms']} ms, at most {took['max_ms']} ms; {counted:,} starts")
    return {**took, "starts": counted}


async def _reviews(around: Surroundings) -> dict[str, Any]:
    async def ask() -> bytes:
        body = msgspec.json.encode({"request_id": uuid4().hex, "filter": {"page": 3}})
        return (await around.nc.request(f"admin.referrals.review.list.{_OPERATOR}", body, timeout=60)).data

    took, answer = await _timed(ask, _ASKED)
    found = msgspec.json.decode(answer, type=ReviewList)
    if len(found.cases) != 50 or found.total != _REFERRALS // 25:
        raise AssertionError(f"{len(found.cases)} cases of {found.total}: expected 50 of {_REFERRALS // 25}")
    progress(f"  the queue: {took['p50_ms']} ms, at most {took['max_ms']} ms; {found.total:,} cases")
    return {**took, "total": found.total}


async def _cycles(around: Surroundings) -> dict[str, float]:
    """Take the turns that look for rings, of starts spread over all referrals; milliseconds a start."""
    clock = SystemClock()
    async with asyncpg.create_pool(around.database.dsn("referrals"), min_size=1, max_size=2) as pool:
        turns = Turns(SPEC.actor, pool=pool, clock=clock, resources={AffiliateBook: AffiliateBook(clock)})
        took: list[float] = []
        for turn in range(_TURNS):
            player_id = 2 + turn * 2_417 % _REFERRALS
            word = _delivery(CheckRing(player_id=player_id, referrer_id=max(1, player_id // 4)))
            begun = time.perf_counter()
            result = await turns.take([word])
            took.append((time.perf_counter() - begun) * 1000)
            if len(result.done) != 1:
                raise AssertionError(f"{result.failed}")
    progress(f"  rings: {median(took):.2f} ms a start, at most {max(took):.2f} ms")
    return {"p50_ms": round(median(took), 2), "max_ms": round(max(took), 2)}


def _delivery(message: CheckRing) -> Delivery:
    envelope = first_envelope(message, identifier=uuid4().hex, time=datetime.now(UTC), source="bench")
    return Delivery("", {}, encode(message), envelope, message=message)
