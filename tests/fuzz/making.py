"""Makes any event out of bytes: each field of each struct, by its type, within what its maker promises."""

import types
import typing
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Final
from uuid import UUID

import msgspec

from contracts.payments import payload_of
from fuzz.clock import NOW

_TEXTS: Final = {"text": 200, "options": 40, "explanation": 190, "explanation_en": 190, "name": 64}
"""How long texts of players and of the question bank may be; all others are ours or an outsider's."""
_INDEX: Final = ("chosen", "right")
_FROM_ONE: Final = ("rank", "number", "amount")
_INT_MAX: Final = 2**31


class Source:
    """Bytes that decisions are drawn from; after their end everything is the smallest."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, most: int) -> int:
        """A number from 0 to `most`: often a small one, at times the greatest."""
        size = self._take(1)[0] % 6
        if size == 5:
            return most
        return int.from_bytes(self._take(size)) % (most + 1)

    def text(self, length_max: int) -> str:
        """A text; what cannot be kept was taken out at the door."""
        return self._take(self.number(4 * length_max)).decode(errors="replace").replace("\0", "\ufffd")[:length_max]

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken.ljust(min(count, 8), b"\0")


def made(hint: Any, source: Source, name: str = "", owner: str = "") -> Any:
    """Return a value of a type."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return made(inside[0], source, name, owner)
    if origin in (typing.Union, types.UnionType):
        return made(inside[source.number(len(inside) - 1)], source, name, owner)
    if origin is tuple:
        kinds = [inside[0]] * source.number(10) if inside[-1] is ... else inside
        return tuple(made(kind, source, name, owner) for kind in kinds)
    if origin is dict:
        return {made(inside[0], source): made(inside[1], source) for _ in range(source.number(3))}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = typing.get_type_hints(hint, include_extras=True)
        return hint(**{one: made(fields[one], source, one, hint.__name__) for one in hint.__struct_fields__})
    return _plain(hint, source, name, owner)


def _plain(hint: Any, source: Source, name: str, owner: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, Enum):
        members = list(hint)
        return members[source.number(len(members) - 1)]
    if hint is str and name == "payload":
        return payload_of(UUID(int=source.number(2**64)))
    if hint is str:
        text = source.text(_TEXTS.get(name, 120))
        # A question without text, or without an option, is none.
        return text.strip() or "x" if name in ("text", "options") else text
    if hint is int:
        least = 1 if name in _FROM_ONE else 0
        return least + source.number(3 if owner == "AnswerView" and name in _INDEX else _INT_MAX)
    simple: dict[Any, Callable[[], Any]] = {
        type(None): type(None),
        bool: lambda: source.number(1) == 1,
        float: lambda: source.number(_INT_MAX) / 7,
        UUID: lambda: UUID(int=source.number(2**64)),
        datetime: lambda: NOW + timedelta(minutes=source.number(10**7)),
        date: lambda: date.fromordinal(739_000 + source.number(10_000)),
    }
    return simple[hint]()
