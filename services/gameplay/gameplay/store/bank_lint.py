"""The linter of the bank that ships (DOMAIN §3): run by `python -m gameplay lint-bank` and in CI."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contracts.gameplay import Level, Mode
from gameplay.domain import daily
from gameplay.domain.bank import Question
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.question_files import read
from gameplay.store.written_rows import RowError

_STOPS: Final = re.compile(r"(?<!\.)\.\.(?!\.)|[!?]\.(?!\.)")
_GAP: Final = re.compile("___|…")

QUESTIONS_MIN: Final = 600
QUESTIONS_PER_MODE_MIN: Final = 100
DAILY_LAPS_MIN: Final = 10
"""For how many days the daily challenge's questions must last before one comes again."""


def lint(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the bank in a folder, as `file:line: reason`; nothing when all is well."""
    questions: list[Question] = []
    texts: dict[tuple[Mode, str], str] = {}
    ids: dict[str, str] = {}
    for file in sorted(folder.glob("*.jsonl")):
        try:
            rows = list(read(file))
        except UnreadableFileError as error:
            yield f"{file.name}:1: {error}"
            continue
        for row in rows:
            if isinstance(row, RowError):
                yield f"{file.name}:{row.line}: {row.reason}"
                continue
            line, question = row
            place = f"{file.name}:{line}"
            questions.append(question)
            if question.mode.lower() != file.stem:
                yield f"{place}: mode: {question.mode} belongs into {question.mode.lower()}.jsonl"
            yield from _double(place, f"id {question.id}", ids.setdefault(question.id, place))
            yield from _stops(place, question)
            text = " ".join(question.text.casefold().split())
            yield from _double(place, "text", texts.setdefault((question.mode, text), place))
    yield from _too_few(questions)


def _stops(place: str, question: Question) -> Iterator[str]:
    """Find sentences that end twice, as they are written and as the solution shows them."""
    solution = "" if _STOPS.search(question.text) else _GAP.sub(question.answer, question.text)
    for name, text in (
        ("text", question.text),
        ("explanation", question.explanation),
        ("explanation_en", question.explanation_en),
        ("the solution", solution),
    ):
        if found := _STOPS.search(text):
            yield f"{place}: {name}: a sentence ends twice: {found.group()!r}"


def _double(place: str, what: str, first: str) -> Iterator[str]:
    if first != place:
        yield f"{place}: {what} is the same as at {first}"


def _too_few(questions: list[Question]) -> Iterator[str]:
    if len(questions) < QUESTIONS_MIN:
        yield f"bank:1: {len(questions)} questions in all, at least {QUESTIONS_MIN} are needed"
    per_mode = Counter(question.mode for question in questions)
    for mode in Mode:
        if per_mode[mode] < QUESTIONS_PER_MODE_MIN:
            yield f"{mode.lower()}.jsonl:1: {per_mode[mode]} questions, at least {QUESTIONS_PER_MODE_MIN} are needed"
    daily_levels = Counter(question.level for question in questions if question.mode is Mode.DAILY_CHALLENGE)
    for level in sorted(set(daily.LEVELS)):
        needed = daily.LEVELS.count(level) * DAILY_LAPS_MIN
        if daily_levels[Level(level)] < needed:
            yield f"daily_challenge.jsonl:1: {daily_levels[level]} of level {level}, at least {needed} are needed"
