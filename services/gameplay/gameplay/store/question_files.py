"""Questions as files: JSON lines, CSV, and the JSON of the Open Trivia DB. What cannot be read is said, row by row."""

import csv
import html
import io
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import msgspec

from gameplay.domain.bank import Question
from gameplay.domain.question_rules import FaultyRowError, QuestionRow, to_question

LEVEL_OF_DIFFICULTY: Final = {"easy": "A2", "medium": "B1", "hard": "B2"}
"""What the Open Trivia DB's difficulties are taken for, unless a level is given."""
OPTION_COLUMNS: Final = ("option_1", "option_2", "option_3", "option_4")

_row = msgspec.json.Decoder(QuestionRow)


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken for fields that a row leaves empty."""

    mode: str = ""
    level: str = ""
    category: str = ""
    language: str = ""


class RowError(msgspec.Struct, frozen=True):
    """A row that was not read, and why. Lines count from 1; in Open Trivia DB files, results do."""

    line: int
    reason: str


class UnreadableFileError(ValueError):
    """A file that is none of the known formats; the text says what was expected."""


Read = tuple[int, Question] | RowError
"""A line's number with its question, or what is wrong with it."""


def read(path: Path, defaults: Defaults | None = None) -> Iterator[Read]:
    """Yield every row of a file, by its ending: .jsonl (or .ndjson), .csv, .json (Open Trivia DB).

    Raises UnreadableFileError when the file as a whole makes no sense, OSError when it cannot be opened.
    """
    given = defaults or Defaults()
    text = _text(path)
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            rows, explained = _json_lines(text), True
        case ".csv":
            rows, explained = _csv(text), True
        case ".json":
            rows, explained = _open_trivia(text), False
            given = msgspec.structs.replace(given, language=given.language or "en")
        case ending:
            raise UnreadableFileError(f"{path.name}: {ending or 'no ending'}; expected .jsonl, .csv or .json")
    return _questions(rows, given, explained=explained)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path.name}: not UTF-8 ({error.reason} at byte {error.start})") from error


def _questions(
    rows: Iterable[tuple[int, QuestionRow] | RowError], defaults: Defaults, *, explained: bool
) -> Iterator[Read]:
    lines: dict[str, int] = {}
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        line, written = row
        try:
            question = to_question(_completed(written, defaults), explained=explained)
        except FaultyRowError as error:
            yield RowError(line, str(error))
            continue
        first = lines.setdefault(question.id, line)
        yield (line, question) if first == line else RowError(line, f"id: {question.id} is on line {first} already")


def _completed(row: QuestionRow, defaults: Defaults) -> QuestionRow:
    given = msgspec.structs.asdict(defaults)
    return msgspec.structs.replace(row, **{name: getattr(row, name) or value for name, value in given.items()})


# --- JSON lines --------------------------------------------------------------------------------


def _json_lines(text: str) -> Iterator[tuple[int, QuestionRow] | RowError]:
    for line, body in enumerate(text.split("\n"), start=1):
        if not body.strip():
            continue
        try:
            yield line, _row.decode(body)
        except msgspec.DecodeError as error:
            yield RowError(line, f"not a question's JSON object: {error}")


# --- CSV ---------------------------------------------------------------------------------------


def _csv(text: str) -> Iterator[tuple[int, QuestionRow] | RowError]:
    """Read comma or semicolon separated rows under a header; options in columns option_1 … option_4."""
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [name.strip() for name in reader.fieldnames or ()]
    fields = set(QuestionRow.__struct_fields__) - {"options"}
    missing = [name for name in ("text", *OPTION_COLUMNS, "answer") if name not in columns]
    unknown = [name for name in columns if name not in fields and name not in OPTION_COLUMNS]
    if missing or unknown:
        known = ", ".join((*sorted(fields), *OPTION_COLUMNS))
        raise UnreadableFileError(f"CSV header: missing {missing}, unknown {unknown}; the columns are {known}")
    reader.fieldnames = columns
    return _csv_rows(reader, fields)


def _csv_rows(reader: "csv.DictReader[str]", fields: set[str]) -> Iterator[tuple[int, QuestionRow] | RowError]:
    for cells in reader:
        if None in cells or None in cells.values():
            yield RowError(reader.line_num, f"{'more' if None in cells else 'fewer'} cells than the header has columns")
            continue
        values = {name: cell.strip() for name, cell in cells.items()}
        options = tuple(values[name] for name in OPTION_COLUMNS)
        yield reader.line_num, QuestionRow(options=options, **{n: v for n, v in values.items() if n in fields})


# --- Open Trivia DB ----------------------------------------------------------------------------


class TriviaResult(msgspec.Struct, frozen=True, kw_only=True):
    """One question of the Open Trivia DB, its texts with HTML entities."""

    type: str
    difficulty: str
    category: str
    question: str
    correct_answer: str
    incorrect_answers: tuple[str, ...]


class TriviaDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the Open Trivia DB; its results are looked at one by one."""

    results: tuple[Any, ...]


def _open_trivia(text: str) -> Iterator[tuple[int, QuestionRow] | RowError]:
    try:
        document = msgspec.json.decode(text, type=TriviaDocument)
    except msgspec.DecodeError as error:
        expected = '{"response_code": 0, "results": […]}'
        raise UnreadableFileError(f"not an Open Trivia DB file ({error}): expected {expected}") from error
    return _trivia_rows(document.results)


def _trivia_rows(results: Sequence[Any]) -> Iterator[tuple[int, QuestionRow] | RowError]:
    for number, result in enumerate(results, start=1):
        try:
            found = msgspec.convert(result, TriviaResult)
        except msgspec.ValidationError as error:
            yield RowError(number, f"not an Open Trivia DB result: {error}")
            continue
        if found.type != "multiple":
            yield RowError(number, f"type: {found.type!r} has no four options; only 'multiple' can be imported")
            continue
        yield number, _trivia_row(found)


def _trivia_row(result: TriviaResult) -> QuestionRow:
    answer = html.unescape(result.correct_answer).strip()
    wrong = (html.unescape(option).strip() for option in result.incorrect_answers)
    return QuestionRow(
        level=LEVEL_OF_DIFFICULTY.get(result.difficulty, ""),
        category=html.unescape(result.category).strip(),
        text=html.unescape(result.question).strip(),
        options=tuple(sorted((answer, *wrong))),
        answer=answer,
    )


# --- what ships --------------------------------------------------------------------------------


def shipped_files() -> list[Traversable]:
    """Return the files of the bank that ships with the service, by name."""
    folder = resources.files("gameplay").joinpath("bank")
    return sorted((file for file in folder.iterdir() if file.name.endswith(".jsonl")), key=lambda file: file.name)


def shipped_questions() -> list[Question]:
    """Return the questions that ship with the service; raises FaultyRowError for one that the linter would refuse."""
    found: list[Question] = []
    for file in shipped_files():
        for row in _questions(_json_lines(file.read_text(encoding="utf-8")), Defaults(), explained=True):
            if isinstance(row, RowError):
                raise FaultyRowError([f"{file.name}:{row.line}: {row.reason}"])
            found.append(row[1])
    return found
