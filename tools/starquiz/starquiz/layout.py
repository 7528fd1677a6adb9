"""Any answer as something to read: names and values, and a table for each list of things."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starquiz.inert import inert
from starquiz.narrowing import as_list, as_object, as_rows

_INSTANT: Final = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)$")
_WHOLE_MAX: Final = 36
"""What is no longer than an id stays in one line."""
_FOLDED_MIN: Final = 16
_FOLDED_WIDE: Final = 44
_GAP: Final = 2
_NOTHING: Final = "–"
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})


def laid_out(answered: Any, width: int) -> Iterator[RenderableType]:
    """Yield the parts of an answer, fit for a screen of that width."""
    answer = as_object(answered)
    if answer is None:
        rows = as_rows(answered)
        yield from _listed("", rows, width) if rows else [Text(text_of(answered))]
        return
    plain = {name: value for name, value in answer.items() if value not in _EMPTY and not as_rows(value)}
    if plain:
        yield _names_and_values(plain)
    for name, value in answer.items():
        if rows := as_rows(value):
            yield from _listed(name, rows, width)
        elif value == [] and len(answer) == 1:
            yield Text(f"no {name.replace('_', ' ')}", style="dim")


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Table:
    """Return rows as a table of these columns; ids and names are never cut, long texts are folded."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, _GAP, 0, 0))
    for column in columns:
        values = [row.get(column) for row in rows if row.get(column) is not None]
        numbers = bool(values) and all(type(value) in (int, float) for value in values)
        folded = max(len(text_of(value)) for value in (column, *values)) > _WHOLE_MAX
        made.add_column(
            column.replace("_", " "),
            justify="right" if numbers else "left",
            overflow="fold",
            no_wrap=not folded,
            min_width=_FOLDED_MIN if folded else None,
        )
    for row in rows:
        made.add_row(*(Text(text_of(row.get(column))) for column in columns))
    return made


def fitting(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], optional: Sequence[str], width: int
) -> Sequence[str]:
    """Return the columns that a screen has room for: optional ones go first, in the order given."""
    left = list(columns)
    for one in optional:
        if _width(rows, left, _FOLDED_MIN) <= width:
            break
        if one in left:
            left.remove(one)
    return left


def _listed(name: str, rows: Sequence[dict[str, Any]], width: int) -> Iterator[RenderableType]:
    """Yield a list of things: one row each, or one below the other where they are too wide for that."""
    yield Text(f"\n{name.replace('_', ' ')}" if name else "", style="bold")
    columns = [one for one in dict.fromkeys(key for row in rows for key in row) if _tells(one, rows)]
    if _width(rows, columns, _FOLDED_WIDE) <= width:
        yield table(rows, columns)
        return
    for number, row in enumerate(rows):
        if number:
            yield Text("")
        yield _names_and_values(row)


def _names_and_values(answer: dict[str, Any]) -> Table:
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _flat(answer):
        if value not in _EMPTY:
            grid.add_row(name.replace("_", " "), Text(text_of(value)))
    return grid


def _flat(answer: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in answer.items():
        if within := as_object(value):
            yield from _flat(within, f"{before}{name}.")
        elif rows := as_rows(value):
            for number, row in enumerate(rows):
                yield f"{before}{name}[{number}]" if number else f"{before}{name}", _inline(row)
        else:
            yield f"{before}{name}", value


def _tells(column: str, rows: Sequence[dict[str, Any]]) -> bool:
    return any(row.get(column) not in _EMPTY for row in rows)


def _width(rows: Sequence[dict[str, Any]], columns: Sequence[str], folded: int) -> int:
    """Return how wide a table would be with long texts folded to so many characters."""
    widths = [max(len(one), *(len(text_of(row.get(one))) for row in rows)) for one in columns]
    return sum((folded if width > _WHOLE_MAX else width) + _GAP + 1 for width in widths)


def _inline(row: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {text_of(value)}" for name, value in _flat(row))


def text_of(value: Any) -> str:
    """Return a value as a person reads it; instants to the second, in UTC."""
    if value in _EMPTY:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if row := as_object(value):
        return _inline(row)
    if values := as_list(value):
        return ("\n" if as_rows(values) else ", ").join(map(text_of, values))
    text = inert(str(value))
    found = _INSTANT.match(text)
    return f"{found[1]} {found[2]}Z" if found else text
