"""ONLY=turns: exactly-once messages a second of gameplay's real start and answer handlers, and their rivals."""

from statistics import median
from typing import Any

from bench import against_pgbench
from bench.commands import ANSWERS
from bench.draining import in_turns, one_by_one
from bench.report import progress
from bench.statements import populate, record
from bench.surroundings import surroundings

_PLAYERS = 2_000
_STORED = 20_000
_ROUNDS = 3
_SECONDS = 8


async def run() -> dict[str, Any]:
    """Measure in turns, with pgbench, and one by one, alternately, and return medians and ratios."""
    turns: list[float] = []
    pgbench: list[float] = []
    single: list[float] = []
    async with surroundings() as around:
        scripts = await record(around)
        for number in range(_ROUNDS):
            progress(f"turns, round {number + 1} of {_ROUNDS}")
            await populate(around, _STORED)
            players = range(1_000_000 + number * 100_000, 1_000_000 + number * 100_000 + _PLAYERS)
            turns.append(await in_turns(around, players, tag=f"t{number}"))
            pgbench.append(
                await against_pgbench.run(around, scripts, players=_STORED, seconds=_SECONDS, answers_per_start=ANSWERS)
            )
            await around.nc.jetstream().purge_stream("GAMEPLAY_CMD")
            single.append(
                await one_by_one(around, range(players.stop, players.stop + 600), tag=f"s{number}", seconds=_SECONDS)
            )
            await around.nc.jetstream().purge_stream("GAMEPLAY_CMD")
    return {
        "turns_per_s": round(median(turns)),
        "pgbench_per_s": round(median(pgbench)),
        "one_by_one_per_s": round(median(single)),
        "vs_pgbench": round(median(t / p for t, p in zip(turns, pgbench, strict=True)), 2),
        "vs_one_by_one": round(median(t / s for t, s in zip(turns, single, strict=True)), 2),
    }
