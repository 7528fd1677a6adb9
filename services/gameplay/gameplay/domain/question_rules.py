"""What a question must be like to be asked (DOMAIN §3), and how one becomes a `Question`."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import msgspec

from contracts.foreign_text import UNSEEN
from contracts.gameplay import Level, Mode
from gameplay.domain.bank import Question, QuestionStatus
from gameplay.domain.look_alikes import alike, is_variation

TEXT_LENGTH: Final = (10, 200)
OPTION_LENGTH: Final = (1, 40)
EXPLANATION_LENGTH: Final = (15, 190)
CATEGORY_LENGTH: Final = (1, 64)
OPTIONS: Final = 4
ID_LENGTH_MAX: Final = 64

_ID_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_LANGUAGE: Final = re.compile("[a-z]{2,3}")
_ENTITY: Final = re.compile("&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_PERCENT: Final = re.compile("%[0-9A-Fa-f]{2}")
_JOINER: Final = "\u200d"
"""Joins emoji to one; it has no place between letters."""
_STYLES: Final = "\ufe0e\ufe0f"
"""Say whether a sign is an emoji (❤️) or black and white (❤); a letter is neither."""
_UNSEEN: Final = UNSEEN | {"\u2800"}


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
        """`reasons` has one sentence a fault."""
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


def to_question(row: QuestionRow, *, explained: bool = True) -> Question:
    """Return the question in a row; raises FaultyRowError with every reason why it is none.

    With `explained` false the explanations may be empty (formats that have none); a question in English needs no second
    one in English. Texts are kept as Unicode's NFC: what looks the same is the same.
    """
    row = _composed(row)
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


def _composed(row: QuestionRow) -> QuestionRow:
    """Return a row whose texts are composed (NFC)."""
    texts = {
        name: unicodedata.normalize("NFC", getattr(row, name))
        for name in ("category", "text", "answer", "explanation", "explanation_en")
    }
    options = tuple(unicodedata.normalize("NFC", option) for option in row.options)
    return msgspec.structs.replace(row, options=options, **texts)


def _faults(row: QuestionRow, *, explained: bool) -> Iterable[str]:
    if len(row.id) > ID_LENGTH_MAX or not _ID_CHARACTERS.issuperset(row.id):
        yield f"id: {row.id!r} must be 1–{ID_LENGTH_MAX} of A-Z a-z 0-9 _ -"
    yield from _not_one_of("mode", row.mode, Mode)
    yield from _not_one_of("level", row.level, Level)
    yield from _not_one_of("status", row.status or QuestionStatus.ACTIVE, QuestionStatus)
    if row.language and not _LANGUAGE.fullmatch(row.language):
        yield f"language: {row.language!r} is no code of two or three small letters, as de or en"
    if not row.category.strip():
        yield "category: missing"
    else:
        yield from _wrong_text("category", row.category, CATEGORY_LENGTH)
    yield from _wrong_text("text", row.text, TEXT_LENGTH)
    yield from _option_faults(row)
    if explained or row.explanation:
        yield from _wrong_text("explanation", row.explanation, EXPLANATION_LENGTH)
    if (explained and row.language != "en") or row.explanation_en:
        yield from _wrong_text("explanation_en", row.explanation_en, EXPLANATION_LENGTH)


def _option_faults(row: QuestionRow) -> Iterable[str]:
    if len(row.options) != OPTIONS:
        yield f"options: {len(row.options)}, exactly {OPTIONS} are needed"
    if len(set(row.options)) != len(row.options):
        yield "options: two are the same"
    else:
        for one, other in alike(row.options, f"{row.category} {row.text}"):
            yield f"options: {one!a} and {other!a} look the same"
    for option in row.options:
        yield from _wrong_text("option", option, OPTION_LENGTH)
    if row.answer not in row.options:
        yield f"answer: {row.answer!r} is none of the options"


def _wrong_text(name: str, text: str, bounds: tuple[int, int]) -> Iterable[str]:
    shortest, longest = bounds
    if not shortest <= len(text) <= longest:
        yield f"{name}: {len(text)} characters, {shortest}–{longest} are allowed"
    if "\n" in text or "\r" in text:
        yield f"{name}: must be one line"
    if text != text.strip():
        yield f"{name}: must be without blanks at its ends"
    if hidden := sorted(set(_hidden(text.strip()))):
        yield f"{name}: {', '.join(map(_named, hidden))} cannot be shown; leave it out"
    if entity := _ENTITY.search(text):
        yield f"{name}: {entity.group()} is escaped (twice?); write the character itself"
    if _is_percent_encoded(text):
        yield f"{name}: encoded as for a web address (%20 and the like); write the characters themselves"


def _hidden(text: str) -> Iterable[str]:
    """Yield what nobody sees, or sees where it does not belong: a mark without a letter below it."""
    has_letters = any(one.isalpha() for one in text)
    for before, char in pairwise(f" {text}"):
        if char == _JOINER:
            is_shown = not has_letters
        elif unicodedata.category(char) in ("Mn", "Mc", "Me"):
            is_style = char in _STYLES and not before.isalpha()
            is_shown = before != " " and char not in _UNSEEN and (is_style or not is_variation(char))
        else:
            is_shown = char.isprintable() and char not in _UNSEEN
        if not is_shown and char not in "\r\n":
            yield char


def _named(char: str) -> str:
    name = unicodedata.name(char, "a control character")
    return (
        f"U+{ord(char):04X} ({name})" if unicodedata.category(char) != "Zs" else f"U+{ord(char):04X} (a blank: {name})"
    )


def _is_percent_encoded(text: str) -> bool:
    found = len(_PERCENT.findall(text))
    return found > 1 or (found == 1 and " " not in text)


def _not_one_of(name: str, value: str, allowed: type[StrEnum]) -> Iterable[str]:
    values = [str(one) for one in allowed]
    if value not in values:
        yield f"{name}: {value!r} is none of {', '.join(values)}"
