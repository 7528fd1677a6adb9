"""What a question must be like to be asked (DOMAIN §3), and how one becomes a `Question`."""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from contracts.gameplay import Level, Mode
from gameplay.domain.bank import Question, QuestionStatus

TEXT_LENGTH: Final = (10, 200)
OPTION_LENGTH: Final = (1, 40)
EXPLANATION_LENGTH: Final = (15, 190)
OPTIONS: Final = 4
ID_LENGTH_MAX: Final = 64

_ID_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question as somebody wrote it down: nothing is certain yet."""

    id: str = ""
    """Empty: made from mode, text and options, so that the same question has the same id every time."""
    mode: str = ""
    level: str = ""
    category: str = ""
    text: str = ""
    options: tuple[str, ...] = ()
    answer: str = ""
    explanation: str = ""
    explanation_en: str = ""
    language: str = ""
    status: str = ""


class FaultyRowError(ValueError):
    """A row that is no question; `reasons` says all that is wrong with it."""

    def __init__(self, reasons: Iterable[str]) -> None:
        """Keep the reasons."""
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


def to_question(row: QuestionRow, *, explained: bool = True) -> Question:
    """Return the question in a row; raises FaultyRowError with every reason why it is none.

    With `explained` false the explanations may be empty (formats that have none).
    """
    reasons = list(_faults(row, explained=explained))
    if reasons:
        raise FaultyRowError(reasons)
    first, second, third, fourth = row.options
    return Question(
        id=row.id or content_id(row),
        mode=Mode(row.mode),
        level=Level(row.level),
        category=row.category,
        text=row.text,
        options=(first, second, third, fourth),
        answer=row.answer,
        explanation=row.explanation,
        explanation_en=row.explanation_en,
        language=row.language or "de",
        status=QuestionStatus(row.status or QuestionStatus.ACTIVE),
    )


def content_id(row: QuestionRow) -> str:
    """Return the id of a question that came without one."""
    content = "\x1f".join((row.mode, row.text, *sorted(row.options)))
    return f"x-{blake2b(content.encode(), digest_size=8).hexdigest()}"


def _faults(row: QuestionRow, *, explained: bool) -> Iterable[str]:
    if len(row.id) > ID_LENGTH_MAX or not _ID_CHARACTERS.issuperset(row.id):
        yield f"id: {row.id!r} must be 1–{ID_LENGTH_MAX} of A-Z a-z 0-9 _ -"
    yield from _not_one_of("mode", row.mode, Mode)
    yield from _not_one_of("level", row.level, Level)
    yield from _not_one_of("status", row.status or QuestionStatus.ACTIVE, QuestionStatus)
    if not row.category.strip():
        yield "category: missing"
    yield from _wrong_length("text", row.text, TEXT_LENGTH)
    yield from _option_faults(row)
    for name, text in (("explanation", row.explanation), ("explanation_en", row.explanation_en)):
        if explained or text:
            yield from _wrong_length(name, text, EXPLANATION_LENGTH)


def _option_faults(row: QuestionRow) -> Iterable[str]:
    if len(row.options) != OPTIONS:
        yield f"options: {len(row.options)}, exactly {OPTIONS} are needed"
    if len(set(row.options)) != len(row.options):
        yield "options: two are the same"
    for option in row.options:
        yield from _wrong_length("option", option, OPTION_LENGTH)
    if row.answer not in row.options:
        yield f"answer: {row.answer!r} is none of the options"


def _wrong_length(name: str, text: str, bounds: tuple[int, int]) -> Iterable[str]:
    shortest, longest = bounds
    if not shortest <= len(text) <= longest:
        yield f"{name}: {len(text)} characters, {shortest}–{longest} are allowed"
    if text != text.strip() or not text.isprintable():
        yield f"{name}: must be one line without blanks at its ends"


def _not_one_of(name: str, value: str, allowed: type[StrEnum]) -> Iterable[str]:
    values = [str(one) for one in allowed]
    if value not in values:
        yield f"{name}: {value!r} is none of {', '.join(values)}"
