"""What an offer's decision adds to a tap's CPU, and the offers' dashboard over a busy week; a part of ONLY=promo.

300 taps a second, and beside them 20 people a second who look at the menu, which is a moment: one for 15 taps, where a
game has 20 rounds. Newcomers are never asked about, players are and get nothing, and players with a long streak are
made an offer. `offer_none_cpu_share` is what deciding for nothing adds to the CPU of a tap, of all processes together;
`offer_made_cpu_share` likewise when each decision is an offer that is written and shown.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

import asyncpg
import msgspec

from bench import offers_fill
from bench.latency import at_rate
from bench.load import Load
from bench.report import progress
from bench.surroundings import Surroundings, surroundings
from bench.ticking import ticks
from bench.usage import Usage
from bench.whole import SECRET, playing
from contracts.promo import OffersDashboard, OffersDashboardQuery
from devstack.roles import DATABASE
from devstack.stack import Stack

_TAPS, _VISITS = 300, 20
_ROUNDS = 3
_SECONDS = 12
_GROUP = _ROUNDS * _SECONDS * _VISITS
"""Each is there once: nobody's second offer is capped by the first."""
_GROUPS: Final = {"newcomers": 40_000_000, "players": 50_000_000, "streakers": 60_000_000}
"""Ids from."""
_IMPRESSIONS = 5_000_000
_PLAYERS = 600_000
_DAYS = 7
_WINDOWS = (1, 24, 168)
_ASKED = 15


class Visitors(Load):
    """A crowd, and people beside it who look at the menu."""

    async def visit(self, players: Iterator[int], rate: float, count: int) -> None:
        """Let the next of them look, evenly spread."""
        async for _ in ticks(rate, count):
            self.look(next(players))

    def look(self, player: int) -> None:
        """Let one look at the menu."""
        sender = {"id": player, "is_bot": False, "first_name": f"V{player}", "language_code": "de"}
        chat = {"id": player, "type": "private", "first_name": sender["first_name"]}
        message = {"message_id": 1, "date": int(time.time()), "from": sender, "chat": chat, "text": "/play"}
        self.post(msgspec.json.encode({"update_id": next(self._updates), "message": message}))


async def run() -> dict[str, Any]:
    """Decide beside taps, then ask for figures."""
    return await _deciding() | await _dashboards()


async def _deciding() -> dict[str, Any]:
    crowd = Visitors(secret=SECRET)
    async with playing(crowd) as (stack, usage):
        await _come(stack, crowd)
        costs = await _in_turns(crowd, usage)
        written = await _written(stack)
    base = costs["newcomers"]
    return {
        "offer_none_cpu_share": round(costs["players"] / base - 1, 4),
        "offer_made_cpu_share": round(costs["streakers"] / base - 1, 4),
        "offer_cpu_ms_per_tap": {name: round(cost, 3) for name, cost in costs.items()},
        "offer_impressions": written,
    }


async def _come(stack: Stack, crowd: Visitors) -> None:
    """Let all visitors be known, and write into their rows who has played, and how long."""
    progress(f"{_GROUP * len(_GROUPS):,} visitors come in")
    for first in _GROUPS.values():
        await crowd.visit(itertools.count(first), 150, _GROUP)
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    here = "select count(*) from gameplay.players where id >= $1"
    try:
        while await connection.fetchval(here, min(_GROUPS.values())) < _GROUP * len(_GROUPS):
            await asyncio.sleep(0.1)
        await asyncio.sleep(3)  # their menus are under way
        await connection.execute("update gameplay.players set answered = 40 where id >= $1", _GROUPS["players"])
        await connection.execute(
            """update gameplay.players set streak_days = 31, streak_best = 31, streak_active_on = current_date - 1,
            streak_settled_on = current_date - 1 where id >= $1""",
            _GROUPS["streakers"],
        )
    finally:
        await connection.close()


async def _in_turns(crowd: Visitors, usage: Usage) -> dict[str, float]:
    """Return the middle CPU ms a tap beside each group's visits."""
    steps: dict[str, list[float]] = {group: [] for group in _GROUPS}
    players = {group: itertools.count(first) for group, first in _GROUPS.items()}
    await at_rate(crowd, usage, _TAPS, 5)
    for _ in range(_ROUNDS):
        for group in _GROUPS:
            visits = asyncio.create_task(crowd.visit(players[group], _VISITS, _VISITS * _SECONDS))
            step = await at_rate(crowd, usage, _TAPS, _SECONDS)
            await visits
            cost = sum(ms for name, ms in step["by_process"].items() if name != "load_generator")
            steps[group].append(cost)
            progress(f"  beside {group}: {cost:.2f} ms a tap")
    return {group: median(costs) for group, costs in steps.items()}


async def _written(stack: Stack) -> int:
    """See that only those were made offers who should be, or the figures mean nothing."""
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    try:
        rows = "select count(*), count(*) filter (where player_id < $1) from promo.impressions"
        written, others = (await connection.fetch(rows, _GROUPS["streakers"]))[0]
    finally:
        await connection.close()
    if written < 0.95 * _GROUP:
        raise AssertionError(f"{written} impressions of {_GROUP} moments with a long streak ({others} of others)")
    return written


# -- the dashboard --------------------------------------------------------------------------------


async def _dashboards() -> dict[str, Any]:
    async with surroundings("promo") as around:
        await around.admin.execute("set search_path to promo")
        until = datetime.now(UTC) - timedelta(minutes=3, seconds=7)
        progress(f"storing {_IMPRESSIONS:,} impressions")
        begun = time.perf_counter()
        await offers_fill.fill(around.admin, _IMPRESSIONS, players=_PLAYERS, until=until, days=_DAYS)
        await around.admin.execute("vacuum (analyze) impressions, purchases, offer_hours, offer_reach")
        progress(f"  stored in {time.perf_counter() - begun:.0f} s")
        program = around.program("promo")
        await program.start()
        try:
            await program.wait_ready(60)
            windows = {hours: await _asked(around, hours, until) for hours in _WINDOWS}
        finally:
            await program.stop()
    return {
        "offers_dashboard_ms": max(one["p50_ms"] for one in windows.values()),
        "offers_dashboard_max_ms": max(one["max_ms"] for one in windows.values()),
        "offers_dashboard_impressions": _IMPRESSIONS,
        "offers_dashboard_windows": {f"{hours} h": one for hours, one in windows.items()},
    }


async def _asked(around: Surroundings, hours: int, until: datetime) -> dict[str, Any]:
    """Ask again and again, as an operator would, the first time included."""
    body = msgspec.json.encode(OffersDashboardQuery(hours=hours, until=until))
    took: list[float] = []
    answers: list[bytes] = []
    for _ in range(_ASKED):
        begun = time.perf_counter()
        answers.append((await around.nc.request(OffersDashboardQuery.subject, body, timeout=60)).data)
        took.append((time.perf_counter() - begun) * 1000)
    found = msgspec.json.decode(answers[-1], type=OffersDashboard)
    counted, players = (
        await around.admin.fetch(
            """select sum(seen)::int, count(*) from (
                select count(*) as seen from impressions where at >= $1 and at < $2 and not is_withheld
                group by player_id
            ) as players""",
            until - timedelta(hours=hours),
            until,
        )
    )[0]
    if (found.impressions, found.players) != (counted, players):
        raise AssertionError(f"{hours} h: {found.impressions} of {found.players}; there are {counted} of {players}")
    progress(f"  {hours} h: {median(took):.0f} ms, at most {max(took):.0f} ms; {counted:,} impressions")
    return {"p50_ms": round(median(took), 1), "max_ms": round(max(took), 1), "impressions": counted}
