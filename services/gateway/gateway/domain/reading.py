"""Reads the narrow views of updates with patience: a field that does not fit is as if it were not there.

Telegram adds types and changes fields; what is readable of an update is enough to answer it. Only what is odd is read
so: first comes msgspec's own decoder, which takes a microsecond.
"""

import typing
from typing import Any, TypeVar, cast

import msgspec

from actors.foreign_json import read_foreign

V = TypeVar("V", bound=msgspec.Struct)


def opened(raw: bytes | msgspec.Raw) -> Any:
    """Return all that JSON says; raises ValueError for what is none. Numbers that nobody can keep are None."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return read_foreign(bytes(raw))


def read_patiently(view: type[V], raw: bytes | msgspec.Raw) -> V | None:
    """Return a view of JSON that its decoder refused; None when something that it must have is not there."""
    try:
        return _view(view, read_foreign(bytes(raw)))
    except ValueError:
        return None


def _view(view: type[V], found: Any) -> V | None:
    members = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(view):
        if field.encode_name in members:
            fits, value = _field(field.type, members[field.encode_name])
            if fits:
                fields[field.name] = value
        if field.required and field.name not in fields:
            return None
    return view(**fields)


def _field(hint: Any, value: Any) -> tuple[bool, Any]:
    """Return whether a value fits a field, and what it is there."""
    inner = next((one for one in (hint, *typing.get_args(hint)) if _is_view(one)), None)
    if inner is not None and value is not None:
        viewed = _view(inner, value)
        return viewed is not None, viewed
    try:
        return True, msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False, None


def _is_view(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)
