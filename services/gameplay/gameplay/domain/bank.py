"""The question bank in memory: every question ever shipped, and sorted pools of the active ones (DOMAIN §3)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from contracts.gameplay import Level, Mode
from gameplay.domain import daily


class QuestionStatus(StrEnum):
    """Whether a question may be asked. A disabled one is still shown in rounds that had it."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question with exactly four distinct options, one of which is `answer`."""

    id: str
    mode: Mode
    level: Level
    category: str
    text: str
    options: tuple[str, str, str, str]
    answer: str
    explanation: str
    explanation_en: str
    language: str = "de"
    status: QuestionStatus = QuestionStatus.ACTIVE


class QuestionSwitch(msgspec.Struct):
    """An operator's switch on one question, beside the status that it ships with."""

    question_id: str
    enabled: bool


class Pool(msgspec.Struct, frozen=True):
    """Ids of active questions, sorted, with the place of each."""

    ids: tuple[str, ...] = ()
    places: Mapping[str, int] = {}


_EMPTY: Final = Pool()


class QuestionBank:
    """What handlers ask for questions. Its content is swapped as a whole when the bank's version changes."""

    def __init__(self, questions: Iterable[Question] = (), *, version: int = 0) -> None:
        """Begin with these questions; `replace` swaps them."""
        self.replace(questions, version=version)

    def replace(
        self, questions: Iterable[Question], *, version: int, daily_sets: Mapping[date, Sequence[str]] | None = None
    ) -> None:
        """Swap the content. `daily_sets` are the recorded sets of days that have begun or are about to."""
        found = {question.id: question for question in questions}
        grouped: dict[tuple[Mode, Level | None], list[str]] = {}
        for question in found.values():
            if question.status is QuestionStatus.ACTIVE:
                grouped.setdefault((question.mode, question.level), []).append(question.id)
                grouped.setdefault((question.mode, None), []).append(question.id)
        self._questions = found
        self._pools = {key: _pool(ids) for key, ids in grouped.items()}
        self._levels = {mode: tuple(level for level in Level if (mode, level) in self._pools) for mode in Mode}
        self.version = version
        self.set_days(daily_sets or {})

    def set_days(self, daily_sets: Mapping[date, Sequence[str]]) -> None:
        """Hold the recorded daily sets."""
        self._daily_sets = {day: tuple(ids) for day, ids in daily_sets.items()}

    def __len__(self) -> int:
        """Return how many questions there are, disabled ones counted."""
        return len(self._questions)

    def question(self, question_id: str) -> Question:
        """Return a question, disabled or not; raises KeyError when this process has not loaded it (yet)."""
        return self._questions[question_id]

    def pool(self, mode: Mode, level: Level | None = None) -> Pool:
        """Return the active questions of a mode, of one level or of all."""
        return self._pools.get((mode, level), _EMPTY)

    def levels(self, mode: Mode) -> tuple[Level, ...]:
        """Return the levels that have active questions in a mode, ascending."""
        return self._levels[mode]

    def daily_set(self, day: date) -> tuple[str, ...]:
        """Return the ids of a day's seven questions: as recorded, else as they follow from the date and the bank.

        Empty when the bank has too few questions for the daily challenge.
        """
        recorded = self._daily_sets.get(day)
        return recorded if recorded is not None else self.compute_daily_set(day)

    def compute_daily_set(self, day: date) -> tuple[str, ...]:
        """Return the day's questions as they follow from the date and the active pool of this moment."""
        mode = Mode.DAILY_CHALLENGE
        return daily.choose(day, {level: self.pool(mode, level).ids for level in Level})


def _pool(ids: Iterable[str]) -> Pool:
    ordered = tuple(sorted(ids))
    return Pool(ordered, {question_id: place for place, question_id in enumerate(ordered)})
