"""The daily challenge: seven questions a day, the same for everyone (DOMAIN §3)."""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Final

from contracts.gameplay import Level

LEVELS: Final = (Level.A1, Level.A1, Level.A2, Level.A2, Level.A2, Level.B1, Level.B1)
QUESTIONS: Final = len(LEVELS)


def choose(day: date, pools: Mapping[Level, Sequence[str]]) -> tuple[str, ...]:
    """Return the ids of the day's questions, level by level, from sorted pools; empty when a pool is too small.

    Each level's pool is walked in an order of its own per round of the pool, so that no question comes again before
    all others of its level had their day.
    """
    chosen: list[str] = []
    for level in dict.fromkeys(LEVELS):
        wanted, pool = LEVELS.count(level), pools.get(level, ())
        if len(pool) < wanted:
            return ()
        chosen += _walk(day.toordinal(), level, pool, wanted)
    return tuple(chosen)


def _walk(ordinal: int, level: Level, pool: Sequence[str], wanted: int) -> list[str]:
    days_per_lap = len(pool) // wanted
    lap, step = divmod(ordinal, days_per_lap)
    shuffled = sorted(pool, key=lambda question_id: _mark(f"{lap}:{level}:{question_id}"))
    return shuffled[step * wanted : (step + 1) * wanted]


def _mark(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
