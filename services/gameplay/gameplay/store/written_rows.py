"""What the readers of all formats hand over: rows as they were written, and the rows that are none."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from gameplay.domain.question_rules import QuestionRow


class RowError(msgspec.Struct, frozen=True):
    """A row that was not read, and why. Lines count from 1; in Open Trivia DB files, results do."""

    line: int
    """The physical line on which the row begins."""
    reason: str


Written = tuple[int, QuestionRow] | RowError
"""A line's number with what is written there, or what is wrong with it."""
Rows = Iterator[Written]

_DIGITS_MAX: Final = 20
NESTED: Final = "nested too deeply"


class NamedTwice(msgspec.Struct, frozen=True):
    """Stands where an object names fields twice."""

    fields: tuple[str, ...]

    def __str__(self) -> str:
        """Return the reason why such an object is refused."""
        return f"{', '.join(self.fields)}: named twice; only one can be meant"


def read_json(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value that begins at `start`, and where it ends; raises ValueError where it is none.

    Every other JSON reader would take the last of two fields of one name and say nothing.
    """
    try:
        return _decoder.raw_decode(text, start)
    except RecursionError as error:
        raise ValueError(NESTED) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | NamedTwice:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    return NamedTwice(tuple(name for name, count in counts.items() if count > 1))


def _int(digits: str) -> int | None:
    """A whole number; of one beyond 64 bits nobody knows more than that it is one."""
    return int(digits) if len(digits) < _DIGITS_MAX else None


_decoder: Final = json.JSONDecoder(object_pairs_hook=_object, parse_int=_int)
