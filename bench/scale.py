"""ONLY=scale: how much slower turns become from 1,000 to 1,000,000 players stored."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.draining import in_turns
from bench.report import progress
from bench.statements import populate, record
from bench.surroundings import Surroundings, surroundings

_FEW, _MANY = 1_000, 1_000_000
_PLAYERS = 1_000
_ROUNDS = 4


async def run() -> dict[str, Any]:
    """Let 1,000 players play among 1,000 and among 1,000,000, alternately, on two servers."""
    few: list[float] = []
    many: list[float] = []
    async with surroundings() as small, surroundings() as large:
        for around, players in ((small, _FEW), (large, _MANY)):
            progress(f"storing {players:,} players with a round each")
            await record(around)
            await populate(around, players)
        for number in range(_ROUNDS):
            progress(f"scale, round {number + 1} of {_ROUNDS}")
            # Spread over the whole key space, other players every round: nothing is warm but what a server keeps warm.
            spread = range(1 + number, _MANY + 1, _MANY // _PLAYERS)
            few.append(await _play(small, range(1, _PLAYERS + 1), f"f{number}"))
            await _refill(large, [player_id + _ROUNDS for player_id in spread])
            many.append(await in_turns(large, spread, tag=f"m{number}"))
    return {
        "turns_per_s_at_1k_players": round(median(few)),
        "turns_per_s_at_1m_players": round(median(many)),
        "scale_slowdown": round(1 - median(m / f for f, m in zip(few, many, strict=True)), 3),
    }


async def _play(around: Surroundings, players: Sequence[int], tag: str) -> float:
    await _refill(around, players)
    return await in_turns(around, players, tag=tag)


async def _refill(around: Surroundings, players: Sequence[int]) -> None:
    """Give players energy: the few need it; among the many it goes to others than those who play, to stay cold."""
    await around.admin.execute("update gameplay.players set energy_free = 20 where id = any($1)", list(players))
    await around.admin.execute("checkpoint")
