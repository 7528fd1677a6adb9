"""Questions as CSV, the way spreadsheets and people write it. A row that is torn never takes others along."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from gameplay.domain.question_rules import QuestionRow
from gameplay.store import file_text
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.written_rows import RowError, Rows, Written

OPTION_COLUMNS: Final = ("option_1", "option_2", "option_3", "option_4")
CELL_LINES_MAX: Final = 20
"""Over how many lines a quoted cell is followed before its quotation mark is taken for a stray one."""

_FIELDS: Final = frozenset(QuestionRow.__struct_fields__) - {"options"}
_DELIMITERS: Final = ("\t", ";", ",")
_SEP: Final = "sep="
_STRAY: Final = (
    'a quotation mark (") that is opened and not closed, or stands alone;'
    ' quote the whole cell and write "" for each one inside'
)


class Sheet(msgspec.Struct, frozen=True):
    """How the rows of one file are to be read."""

    delimiter: str
    columns: tuple[str, ...]

    def cells(self, record: str) -> list[str]:
        """Return the cells of a record; raises csv.Error when its quoting makes no sense."""
        nothing: list[str] = []
        found = next(csv.reader([record], delimiter=self.delimiter, strict=True), nothing)
        while len(found) > len(self.columns) and not found[-1].strip():
            found.pop()
        return found


def csv_rows(text: str) -> Rows:
    """Yield the rows under a header; cells are parted by tabs, semicolons or commas.

    Raises UnreadableFileError when the header lacks a column, has an unknown one, or one twice.
    """
    lines = list(file_text.lines(text))
    sheet, first = _sheet(lines)
    return _rows(lines, sheet, first)


def _rows(lines: Sequence[tuple[int, str]], sheet: Sheet, at: int) -> Rows:
    while at < len(lines):
        number, line = lines[at]
        at += 1
        if reason := file_text.too_long(line):
            yield RowError(number, reason)
        elif line.count('"') % 2 == 0:
            yield from _row(number, line, sheet)
        elif over := _lines_of_cell(lines, at, line, sheet):
            yield RowError(number, f"a cell goes over {over + 1} lines; write each cell on one line")
            at += over
        else:
            yield RowError(number, _STRAY)


def _row(number: int, line: str, sheet: Sheet) -> Iterator[Written]:
    try:
        cells = sheet.cells(line)
    except csv.Error as error:
        yield RowError(number, f'quotation marks (") that make no sense: {error}; write "" for each one inside a cell')
        return
    if not any(cell.strip() for cell in cells):
        return  # an empty row of a spreadsheet is none
    if len(cells) != len(sheet.columns):
        many = "more" if len(cells) > len(sheet.columns) else "fewer"
        yield RowError(number, f"{many} cells than the header has columns: {len(cells)}, not {len(sheet.columns)}")
        return
    values = {name: cell.strip() for name, cell in zip(sheet.columns, cells, strict=True)}
    options = tuple(values[name] for name in OPTION_COLUMNS)
    yield number, QuestionRow(options=options, **{n: v for n, v in values.items() if n in _FIELDS})


def _lines_of_cell(lines: Sequence[tuple[int, str]], at: int, first: str, sheet: Sheet) -> int:
    """Return how many further lines belong to a row whose quoted cell goes on; 0 when the quotation mark is stray.

    It is stray when what it swallows would be a row of its own, and when it does not come to an end soon.
    """
    record = first
    for over, (_, line) in enumerate(islice(lines, at, at + CELL_LINES_MAX), start=1):
        if file_text.too_long(line) or line.count(sheet.delimiter) >= len(sheet.columns) - 1:
            return 0
        record = f"{record}\n{line}"
        if line.count('"') % 2:
            return over if _is_row(record, sheet) else 0
    return 0


def _is_row(record: str, sheet: Sheet) -> bool:
    try:
        return len(next(csv.reader([record], delimiter=sheet.delimiter, strict=True))) == len(sheet.columns)
    except csv.Error:
        return False


# --- the header --------------------------------------------------------------------------------


def _sheet(lines: Sequence[tuple[int, str]]) -> tuple[Sheet, int]:
    """Return how to read the file, and the place of the first line below the header."""
    delimiter = ""
    for at, (_, line) in enumerate(lines):
        if line.lower().startswith(_SEP) and not delimiter:
            delimiter = line[len(_SEP) : len(_SEP) + 1]
            if delimiter not in _DELIMITERS:
                raise UnreadableFileError(f"{line[:20]!r}: cells are parted by tabs, semicolons or commas")
        elif line.strip().strip("".join(_DELIMITERS)):
            if reason := file_text.too_long(line):
                raise UnreadableFileError(f"CSV header: {reason}")
            return _header(line, delimiter or max(_DELIMITERS, key=line.count)), at + 1
    raise UnreadableFileError("CSV header: missing; the first line names the columns")


def _header(line: str, delimiter: str) -> Sheet:
    try:
        names = [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise UnreadableFileError(f'CSV header: quotation marks (") that make no sense: {error}') from error
    while names and not names[-1]:
        names.pop()
    known = (*sorted(_FIELDS), *OPTION_COLUMNS)
    missing = [name for name in ("text", *OPTION_COLUMNS, "answer") if name not in names]
    unknown = [name for name in names if name not in known]
    if missing or unknown:
        raise UnreadableFileError(
            f"CSV header: missing {missing}, unknown {unknown}; the columns are {', '.join(known)}"
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableFileError(f"CSV header: twice there: {', '.join(twice)}; only one can be meant")
    return Sheet(delimiter, tuple(names))
