"""A table as a struct's fields say: its statements, and the way from a state to a row and back.

A field is a column of its own name. A struct in a struct is columns of its own, named after both (`streak.days` is
`streak_days`); where it may be absent its first field is never None, and null columns are what is left of it. What no
type of a column fits, a tuple say, is JSON. All of it is worked out once, when a store is imported: what runs for a row
is a function written out for that struct, as one would by hand.
"""

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from actors.store import Connection, Writer

S = TypeVar("S", bound=msgspec.Struct)

_PLAIN = (str, int, bool, float, datetime, date, UUID)
_encoder = msgspec.json.Encoder()


class _Columns(msgspec.Struct):
    names: list[str] = msgspec.field(default_factory=list[str])
    values: list[str] = msgspec.field(default_factory=list[str])
    """How the generated code reads them off a state, as parts of a tuple: `state.streak.days`."""


class Table(Generic[S]):
    """A table of Postgres with a row for each state of a type."""

    def __init__(
        self,
        state: type[S],
        name: str,
        *,
        key: str,
        row_type: str,
        names: Mapping[str, str] | None = None,
        fixed: Sequence[str] = (),
    ) -> None:
        """Read the struct's fields.

        `key` is the primary key's column, and `row_type` the composite type that rows are handed over in, its fields
        in the struct's order. `names` has the columns that are called otherwise, by the field's path (`tally.right`);
        a path that ends in a dot names the prefix of a whole struct. `fixed` are the columns that a row keeps as they
        were written first.
        """
        self._names = dict(names or {})
        self._key = next(field for field in state.__struct_fields__ if self._column(field) == key)
        self._used: dict[str, Any] = {}
        columns = _Columns()
        made = self._made(state, "state", "", columns)
        self.columns = ", ".join(columns.names)
        kept = {key, *fixed}
        changing = ", ".join(f"{name} = excluded.{name}" for name in columns.names if name not in kept)
        self.select = f"select {self.columns} from {name}"  # noqa: S608 - names of our own structs' fields
        self.load_sql = f"{self.select} where {key} = any($1) order by {key} for no key update"
        self.insert_sql = f"insert into {name} ({self.columns}) select * from unnest($1::{row_type}[])"  # noqa: S608
        self.save_sql = f"{self.insert_sql} on conflict ({key}) do update set {changing}"
        values = ", ".join(columns.values)
        self.row_of: Callable[[S], tuple[Any, ...]] = self._written(f"def written(state): return ({values},)")
        """Return a state's values in the order of the columns."""
        self.state_of: Callable[[Any], S] = self._written(
            f"def written(row):\n ({self.columns},) = row\n return {made}"
        )
        """Return the state in a row of `select`."""

    async def load(self, connection: Connection, keys: Sequence[Any]) -> dict[Any, S]:
        """Load and lock the rows of these keys, in the order of the keys; returns key → state."""
        states = map(self.state_of, await connection.fetch(self.load_sql, keys))
        return {self.key_of(state): state for state in states}

    async def save(self, connection: Writer, states: Sequence[S]) -> None:
        """Write states, new and changed, in one statement."""
        await connection.execute(self.save_sql, list(map(self.row_of, states)))

    def key_of(self, state: S) -> Any:
        """Return a state's key."""
        return getattr(state, self._key)

    # -- writing the functions ------------------------------------------------------------------

    def _made(self, struct: type[msgspec.Struct], value: str, path: str, columns: _Columns) -> str:
        """Return the expression that makes a struct of its columns, which are added to `columns`."""
        by_name = inspect.signature(struct).parameters
        arguments: list[str] = []
        for field in msgspec.structs.fields(struct):
            made = self._field(field.type, f"{value}.{field.name}", f"{path}{field.name}", columns)
            is_named = by_name[field.name].kind is inspect.Parameter.KEYWORD_ONLY
            arguments.append(f"{field.name}={made}" if is_named else made)
        return f"{self._use(struct)}({', '.join(arguments)})"

    def _field(self, hint: Any, value: str, path: str, columns: _Columns) -> str:
        hint, is_optional = _without_none(hint)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self._nested(hint, value, path, columns, is_optional=is_optional)
        name = self._column(path)
        columns.names.append(name)
        if hint in _PLAIN:
            columns.values.append(value)
            return name
        if isinstance(hint, type) and issubclass(hint, Enum):
            columns.values.append(value)
            made = f"{self._use({member.value: member for member in hint})}[{name}]"
        else:
            columns.values.append(f"{self._use(_as_json)}({value})")
            decoder = msgspec.json.Decoder(typing.cast("Any", hint))
            made = f"{self._use(decoder.decode)}({name})"
            if typing.get_origin(hint) is tuple:  # most are empty
                made = f"(() if {name} == '[]' else {made})"
        return f"(None if {name} is None else {made})" if is_optional else made

    def _nested(
        self, struct: type[msgspec.Struct], value: str, path: str, columns: _Columns, *, is_optional: bool
    ) -> str:
        inner = _Columns()
        made = self._made(struct, value, f"{path}.", inner)
        columns.names += inner.names
        if not is_optional:
            columns.values += inner.values
            return made
        absent = self._use((None,) * len(inner.names))
        columns.values.append(f"*({absent} if {value} is None else ({', '.join(inner.values)},))")
        return f"(None if {inner.names[0]} is None else {made})"

    def _column(self, path: str) -> str:
        """Return the name of a field's column."""
        if path in self._names:
            return self._names[path]
        head, dot, rest = path.partition(".")
        return self._names.get(f"{head}.", f"{head}_") + rest.replace(".", "_") if dot else head

    def _use(self, thing: Any) -> str:
        """Return the name under which the generated code knows something."""
        name = f"_{len(self._used)}"
        self._used[name] = thing
        return name

    def _written(self, source: str) -> Any:
        """Return the function `written` of a source, as dataclasses and attrs write theirs."""
        exec(source, self._used)  # noqa: S102 - made of the names of our own structs' fields alone
        return self._used["written"]


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    return (parts[0], True) if len(parts) == 1 else (hint, False)


def _as_json(value: Any) -> str | None:
    if value is None:
        return None
    return "[]" if value == () else _encoder.encode(value).decode()
