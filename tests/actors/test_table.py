"""A struct's table: its columns, its statements, and every value there and back."""

import uuid
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.table import Table


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Rank(IntEnum):
    LOW = 0
    HIGH = 1


class Spot(msgspec.Struct, frozen=True):
    x: int
    y: int | None = None


class Find(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    colour: Colour | None = None
    spot: Spot | None = None


class Box(msgspec.Struct):
    number: uuid.UUID
    colour: Colour
    spot: Spot
    opened_at: datetime | None = None
    day: date | None = None
    weight: float = 0.0
    is_full: bool = False
    rank: Rank = Rank.LOW
    labels: tuple[str, ...] = ()
    note: dict[str, int] | None = None
    found: Find | None = None


TABLE = Table(
    Box,
    "boxes",
    key="number",
    row_type="box_row",
    names={"spot.": "", "found.what": "finding", "is_full": "full_up"},
    fixed=("opened_at",),
)
COLUMNS = (
    "number, colour, x, y, opened_at, day, weight, full_up, rank, labels, note, "
    "finding, found_colour, found_spot_x, found_spot_y"
)


def test_the_statements_name_the_columns_of_the_fields() -> None:
    assert TABLE.columns == COLUMNS
    assert TABLE.select == f"select {COLUMNS} from boxes"
    assert TABLE.load_sql == f"{TABLE.select} where number = any($1) order by number for no key update"
    changing = [name for name in COLUMNS.split(", ") if name not in ("number", "opened_at")]
    assert TABLE.save_sql == (
        f"insert into boxes ({COLUMNS}) select * from unnest($1::box_row[]) "
        f"on conflict (number) do update set {', '.join(f'{name} = excluded.{name}' for name in changing)}"
    )


class Mark(msgspec.Struct):
    mark_id: int
    text: str


def test_a_key_may_have_a_column_of_another_name() -> None:
    table = Table(Mark, "marks", key="id", row_type="mark_row", names={"mark_id": "id"})
    assert table.key_of(Mark(7, "x")) == 7
    assert table.insert_sql == "insert into marks (id, text) select * from unnest($1::mark_row[])"
    assert table.save_sql == f"{table.insert_sql} on conflict (id) do update set text = excluded.text"


def test_a_row_has_the_values_in_the_order_of_the_columns() -> None:
    box = Box(uuid.UUID(int=1), Colour.RED, Spot(1), labels=("a",), found=Find(what="coin", spot=Spot(2, 3)))
    assert TABLE.row_of(box) == (
        (uuid.UUID(int=1), "red", 1, None, None, None, 0.0, False, 0, '["a"]', None, "coin", None, 2, 3)
    )
    box.found = None
    assert TABLE.row_of(box)[-4:] == (None, None, None, None)


_SPOTS = st.builds(Spot, st.integers(), st.none() | st.integers())
_FINDS = st.builds(Find, what=st.text(), colour=st.none() | st.sampled_from(Colour), spot=st.none() | _SPOTS)
_BOXES = st.builds(
    Box,
    st.uuids(),
    st.sampled_from(Colour),
    _SPOTS,
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.dates(),
    st.floats(allow_nan=False),
    st.booleans(),
    st.sampled_from(Rank),
    st.lists(st.text()).map(tuple),
    st.none() | st.dictionaries(st.text(), st.integers(-9, 9)),
    st.none() | _FINDS,
)


@given(box=_BOXES)
def test_a_state_comes_back_as_it_was(box: Box) -> None:
    row: tuple[Any, ...] = TABLE.row_of(box)
    assert len(row) == len(COLUMNS.split(", "))
    again = TABLE.state_of(row)
    assert again == box
    assert (type(again.colour), type(again.rank), TABLE.key_of(again)) == (Colour, Rank, box.number)


def test_a_value_that_no_member_has_is_no_state() -> None:
    row = [*TABLE.row_of(Box(uuid.UUID(int=1), Colour.RED, Spot(1)))]
    row[1] = "green"
    with pytest.raises(KeyError):
        TABLE.state_of(row)
