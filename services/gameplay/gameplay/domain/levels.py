"""Progress in a mode and the level that follows from it (DOMAIN §3).

After 30 warm-up answers a rolling accuracy of 0.75 over the last 20 mixes in the next level, at weights 0.25, 0.50 and
0.75 with 10 right answers a step; after the third step the level rises. It never falls: when the accuracy drops, the
mixing pauses and the steps reached are kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from contracts.gameplay import Level, Mode

ADAPTIVE_MODES: Final = frozenset({Mode.QUICK_MIX_A1A2, Mode.ARTIKEL_SPRINT})
WARM_UP_ANSWERS: Final = 30
WINDOW_ANSWERS: Final = 20
ACCURACY_PERCENT_MIN: Final = 75
STEP_RIGHT_ANSWERS: Final = 10
WEIGHTS_PERCENT: Final = (25, 50, 75)
RECENT_QUESTIONS: Final = 20

_RIGHT, _WRONG = "1", "0"


class ModeProgress(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How far a player has come in one mode."""

    mode: Mode
    level: Level | None = None
    """None until the first answer: the lowest level that the bank has in this mode."""
    answered: int = 0
    right: int = 0
    window: str = ""
    """The last 20 answers, oldest first: 1 right, 0 wrong."""
    climb: int = 0
    """Right answers given while the next level was mixed in, 0–29."""
    recent: tuple[str, ...] = ()
    """Ids of the last 20 answered questions, oldest first."""
    access_until: datetime | None = None
    """End of a mega pack's access to this mode."""


def weight_percent(progress: ModeProgress, levels: Sequence[Level]) -> int:
    """Return the share of questions from the next level: 0, 25, 50 or 75.

    `levels` are those that the bank has in this mode, ascending.
    """
    window = progress.window
    if progress.answered < WARM_UP_ANSWERS or len(window) < WINDOW_ANSWERS:
        return 0
    if window.count(_RIGHT) * 100 < ACCURACY_PERCENT_MIN * len(window) or next_level(progress, levels) is None:
        return 0
    return WEIGHTS_PERCENT[progress.climb // STEP_RIGHT_ANSWERS]


def level_of(progress: ModeProgress, levels: Sequence[Level]) -> Level | None:
    """Return the level played now; None when the bank has no level in this mode."""
    if progress.level is not None:
        return progress.level
    return levels[0] if levels else None


def next_level(progress: ModeProgress, levels: Sequence[Level]) -> Level | None:
    """Return the next higher level that the bank has in this mode, if any."""
    current = level_of(progress, levels)
    return next((level for level in levels if current is not None and level > current), None)


def after_answer(progress: ModeProgress, question_id: str, levels: Sequence[Level], *, is_right: bool) -> ModeProgress:
    """Return progress after one answer in its mode."""
    level, climb = progress.level, 0
    if progress.mode in ADAPTIVE_MODES:
        level, climb = level_of(progress, levels), progress.climb
        if is_right and weight_percent(progress, levels):
            climb += 1
            if climb == STEP_RIGHT_ANSWERS * len(WEIGHTS_PERCENT):
                level, climb = next_level(progress, levels), 0
    return ModeProgress(
        progress.mode,
        level,
        progress.answered + 1,
        progress.right + is_right,
        (progress.window + (_RIGHT if is_right else _WRONG))[-WINDOW_ANSWERS:],
        climb,
        (*progress.recent, question_id)[-RECENT_QUESTIONS:],
        progress.access_until,
    )
