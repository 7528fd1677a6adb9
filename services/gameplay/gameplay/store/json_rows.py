"""Questions as JSON: one object a line, or an array of objects."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from gameplay.domain.question_rules import QuestionRow
from gameplay.store import file_text
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.written_rows import NESTED, NamedTwice, RowError, Rows, Written, read_json

_BLANKS: Final = re.compile(r"[ \t\r\n]*")

_row = msgspec.json.Decoder(QuestionRow)


def json_rows(text: str) -> Rows:
    """Yield the rows of a file of JSON lines; one that holds a single array is read as such."""
    if text.lstrip().startswith("["):
        yield from _array(text)
        return
    for line, body in file_text.lines(text):
        if too_long := file_text.too_long(body):
            yield RowError(line, too_long)
        elif body.strip():
            yield _written(line, body.strip())


def _written(line: int, body: str, prefix: str = "") -> Written:
    try:
        found = _row.decode(body)
        value, _ = read_json(body, 0)
    except RecursionError:
        return RowError(line, f"{prefix}not a question's JSON object: {NESTED}")
    except ValueError as error:  # msgspec's among them
        return RowError(line, f"{prefix}not a question's JSON object: {error}")
    return RowError(line, f"{prefix}{value}") if isinstance(value, NamedTwice) else (line, found)


def _array(text: str) -> Rows:
    """Read an array's elements, each under the line on which it begins; several may share one."""
    line, counted = 1, 0
    for number, (start, end) in enumerate(list(_elements(text)), start=1):
        line, counted = line + _breaks(text, counted, start), start
        body, prefix = text[start:end], f"element {number}: "
        too_long = file_text.too_long(body)
        yield RowError(line, prefix + too_long) if too_long else _written(line, body, prefix)


def _elements(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each element begins and ends; raises UnreadableFileError when the array is broken anywhere."""
    at = _after_blanks(text, text.index("[") + 1)
    is_first = True
    while not (is_first and text.startswith("]", at)):
        is_first = False
        try:
            _, end = read_json(text, at)
        except ValueError as error:
            raise _broken(text, at, str(error)) from error
        yield at, end
        at = _after_blanks(text, end)
        if not text.startswith(",", at):
            break
        at = _after_blanks(text, at + 1)
    if not text.startswith("]", at):
        raise _broken(text, at, "expected ',' or ']'")
    if text[at + 1 :].strip():
        raise _broken(text, at + 1, "something follows the array")


def _broken(text: str, at: int, reason: str) -> UnreadableFileError:
    line = 1 + _breaks(text, 0, at)
    return UnreadableFileError(f"a JSON array that breaks off on line {line} ({reason}); nothing was read")


def _breaks(text: str, start: int, end: int) -> int:
    """Return how many line breaks there are in a part of a text; a carriage return alone is one too."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
