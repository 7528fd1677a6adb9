"""Which question comes next and how its options lie: pure functions of the round's id (DOMAIN §3).

A round's id carries at least 62 random bits at its low end; three separate slices of them decide.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import Final, TypeVar
from uuid import UUID

from gameplay.domain import levels
from gameplay.domain.bank import Pool, QuestionBank
from gameplay.domain.levels import ADAPTIVE_MODES, ModeProgress

T = TypeVar("T")
Four = tuple[T, T, T, T]

ORDERS: Final = tuple(permutations((0, 1, 2, 3)))
"""All 24 orders of four options. A round keeps its order as the place in this tuple."""

_SHUFFLE_BITS, _LEVEL_BITS, _PICK_BITS = 16, 16, 30


def option_order(round_id: UUID) -> int:
    """Return the place in `ORDERS` of the order in which a round shows its options."""
    return _slice(round_id, 0, _SHUFFLE_BITS) % len(ORDERS)


def shuffled(options: Four[str], order: int) -> Four[str]:
    """Return the options as shown: the n-th shown is `options[ORDERS[order][n]]`."""
    first, second, third, fourth = ORDERS[order]
    return options[first], options[second], options[third], options[fourth]


def choose(round_id: UUID, progress: ModeProgress, bank: QuestionBank) -> str | None:
    """Return the id of the question that a round asks; None when the mode has no active question.

    The last 20 answered questions are excluded; when that leaves none, the exclusion is dropped.
    """
    pool = _pool(round_id, progress, bank)
    if not pool.ids:
        return None
    return pick(pool, progress.recent, _slice(round_id, _SHUFFLE_BITS + _LEVEL_BITS, _PICK_BITS))


def _pool(round_id: UUID, progress: ModeProgress, bank: QuestionBank) -> Pool:
    mode = progress.mode
    if mode not in ADAPTIVE_MODES:
        return bank.pool(mode)
    available = bank.levels(mode)
    weight = levels.weight_percent(progress, available)
    level = levels.level_of(progress, available)
    if weight and _slice(round_id, _SHUFFLE_BITS, _LEVEL_BITS) * 100 < weight << _LEVEL_BITS:
        level = levels.next_level(progress, available)
    pool = bank.pool(mode, level)
    # A level whose last question was disabled leaves the whole mode.
    return pool if pool.ids else bank.pool(mode)


def pick(pool: Pool, excluded: Sequence[str], number: int) -> str:
    """Return the `number`-th (round and round) of the pool's ids that are not excluded; of all when all are.

    Counts past the excluded places instead of building the remaining pool: its cost does not grow with the pool.
    """
    skipped = sorted({pool.places[question_id] for question_id in excluded if question_id in pool.places})
    left = len(pool.ids) - len(skipped)
    if left == 0:
        return pool.ids[number % len(pool.ids)]
    place = number % left
    for skip in skipped:
        if skip > place:
            break
        place += 1
    return pool.ids[place]


def _slice(round_id: UUID, start: int, bits: int) -> int:
    return (round_id.int >> start) & ((1 << bits) - 1)
