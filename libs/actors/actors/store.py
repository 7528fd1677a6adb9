"""What a turn loads and saves: stores of state, read models, journals.

A state is a msgspec Struct whose fields hold immutable values: handlers replace values, they never mutate them in
place. That makes a state's snapshot a shallow copy, and an undone handler cheap and certain.
"""

import types
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

K = TypeVar("K")
S = TypeVar("S", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)

_MUTABLE = (list, dict, set, bytearray)


class Writer(Protocol):
    """What stores and journals write to: a turn's gathered writes, or a connection."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run, or gather, a statement without a result."""
        ...


class Key(msgspec.Struct, frozen=True):
    """Used as `Annotated[State, Key("field")]`: the message's field that names the state, when not the store's own.

    A field that is None names nothing: the state is absent.
    """

    field: str


class Via(msgspec.Struct, frozen=True):
    """Used as `Annotated[State | None, Via(Other, find)]`: the state's key is found in another state of the handler.

    `find(other, message)` returns the key, or None. `Other` is named by the same handler, comes before it, and its
    store is locked first. A key that appears only because an earlier message of the same turn changed `Other` must
    belong to a state which that message created.
    """

    state: type
    find: Callable[[Any, Any], Any]


class Loader(Protocol):
    """What looks states up by key."""

    async def load(self, connection: Connection, keys: Sequence[Any]) -> Mapping[Any, Any]:
        """Return what is found, by key."""
        ...


class ReadModel(ABC, Generic[K, S]):
    """Something a handler may look at but not change: loaded without locks, never saved.

    A model writes `load`, or names in `loaded_by` the resource that does it: for what needs a memory, a clock or a
    connection of its own, and is put together in `build`.
    """

    state: type[S]
    key_field: ClassVar[str]
    loaded_by: ClassVar[type[Loader] | None] = None
    """One of the service's resources (`Provided.resources`)."""

    def key(self, message: Any, field: str | None = None) -> K:
        """Return the key that `message` names."""
        return getattr(message, field or self.key_field)

    async def load(self, connection: Connection, keys: Sequence[K]) -> Mapping[K, S]:
        """Return what is found, by key, in one query."""
        del connection, keys
        raise TypeError(f"{type(self).__name__} has no load of its own")

    def blank(self, key: K) -> S | None:
        """Return what stands for a key without a row; None means absent."""
        del key
        return None


class Store(ReadModel[K, S]):
    """One type of state: how many are loaded and locked in key order, and how many are saved, in one query each."""

    @abstractmethod
    async def load(self, connection: Connection, keys: Sequence[K]) -> Mapping[K, S]:
        """Return what is found, by key. `keys` are sorted; lock the rows in that order (`ORDER BY … FOR UPDATE`)."""

    @abstractmethod
    async def save(self, connection: Writer, states: Sequence[S]) -> None:
        """Write new and changed states in one set-based statement, to a table that nothing else of a turn writes to."""

    def key_of(self, state: S) -> K:
        """Return the key of a state."""
        return getattr(state, self.key_field)


class Journal(ABC, Generic[R]):
    """Rows that are only ever appended, in the transaction of the turn that recorded them."""

    row: type[R]
    apart: ClassVar[bool] = False
    """True for a journal whose table a store or another journal writes to as well: it writes after all of them."""

    @abstractmethod
    async def append(self, connection: Writer, rows: Sequence[R]) -> None:
        """Write the rows in one set-based statement (several, when `apart`)."""


def check_immutable(state: type[msgspec.Struct]) -> None:
    """Raise TypeError, naming the field, when a state type has a field that could be changed in place."""
    for name, hint in typing.get_type_hints(state).items():
        if typing.get_origin(hint) is not ClassVar and _is_mutable(hint):
            raise TypeError(f"{state.__name__}.{name} is {hint}: use tuples and frozen structs in states")


def _is_mutable(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType, tuple):
        return any(_is_mutable(part) for part in typing.get_args(hint) if part is not Ellipsis)
    kind = origin or hint
    if not isinstance(kind, type):
        return False
    if issubclass(kind, _MUTABLE):
        return True
    return issubclass(kind, msgspec.Struct) and not kind.__struct_config__.frozen
