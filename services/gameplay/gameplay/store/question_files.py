"""Questions as files: JSON lines, CSV, and the JSON of the Open Trivia DB. What cannot be read is said, row by row."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath

import msgspec

from gameplay.domain.bank import Question
from gameplay.domain.question_rules import FaultyRowError, QuestionRow, to_question
from gameplay.store import file_text
from gameplay.store.csv_rows import csv_rows
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.json_rows import json_rows
from gameplay.store.trivia_rows import trivia_rows
from gameplay.store.written_rows import RowError, Rows


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken for fields that a row leaves empty."""

    mode: str = ""
    level: str = ""
    category: str = ""
    language: str = ""


Read = tuple[int, Question] | RowError
"""A line's number with its question, or what is wrong with it."""


def read(source: Path | bytes, defaults: Defaults | None = None, *, name: str = "") -> Iterator[Read]:
    """Return every row of a file, by its ending: .jsonl (or .ndjson), .csv, .json (Open Trivia DB).

    Bytes are read as the file `name` would be; then nothing outside is touched. Each row is there once, as a question
    or as an error, under the line on which it begins. Empty lines are no rows. Raises UnreadableFileError when the file
    as a whole makes no sense or cannot be opened, and nothing else, whatever the file holds.
    """
    given = defaults or Defaults()
    is_path = isinstance(source, Path)
    ending = PurePath(name or (source if is_path else "")).suffix.lower()
    if ending not in (".jsonl", ".ndjson", ".csv", ".json"):
        raise UnreadableFileError(f"{ending or 'no ending'}; expected .jsonl, .csv or .json")
    text = file_text.decode(file_text.load(source) if is_path else source)
    if ending == ".json":
        given = msgspec.structs.replace(given, language=given.language or "en")
        return iter(_questions(trivia_rows(text), given, explained=False))
    rows = csv_rows(text) if ending == ".csv" else json_rows(text)
    return iter(_questions(rows, given, explained=True))


def _questions(rows: Rows, defaults: Defaults, *, explained: bool) -> list[Read]:
    lines: dict[str, int] = {}
    return [row if isinstance(row, RowError) else _question(*row, defaults, lines, explained) for row in rows]


def _question(line: int, row: QuestionRow, defaults: Defaults, lines: dict[str, int], explained: bool) -> Read:
    try:
        question = to_question(_completed(row, defaults), explained=explained)
    except FaultyRowError as error:
        return RowError(line, str(error))
    if question.id in lines:
        return RowError(line, f"id: {question.id} is on line {lines[question.id]} already")
    lines[question.id] = line
    return line, question


def _completed(row: QuestionRow, defaults: Defaults) -> QuestionRow:
    given = msgspec.structs.asdict(defaults)
    return msgspec.structs.replace(row, **{name: getattr(row, name) or value for name, value in given.items()})


# --- what ships --------------------------------------------------------------------------------


def shipped_files() -> list[Traversable]:
    """Return the files of the bank that ships with the service, by name."""
    folder = resources.files("gameplay").joinpath("bank")
    return sorted((file for file in folder.iterdir() if file.name.endswith(".jsonl")), key=lambda file: file.name)


def shipped_questions() -> list[Question]:
    """Return the questions that ship with the service; raises FaultyRowError for one that the linter would refuse."""
    found: list[Question] = []
    for file in shipped_files():
        for row in read(file.read_bytes(), name=file.name):
            if isinstance(row, RowError):
                raise FaultyRowError([f"{file.name}:{row.line}: {row.reason}"])
            found.append(row[1])
    return found
