"""JSON from outside, read whatever is in it, and written again as JSON that everybody here can read and keep.

msgspec and Postgres refuse what others send: bytes that are no UTF-8, halves of surrogate pairs, NUL, control
characters, a byte order mark, nesting without end, numbers beyond 64 bits. One such character in a name must not cost
the message that it came in. What is plain, which is nearly everything, is told from what is not in about a microsecond.
"""

import codecs
import json
import re
from collections.abc import Collection
from typing import Any, Final, cast

import msgspec

from contracts.foreign_text import storable, storable_key

DEPTH_MAX: Final = 64
"""Objects and lists within each other; what lies deeper is left out (null stands for it). Telegram's go to about 15."""

_INT_MAX: Final = 2**63 - 1
_EXACT_FLOAT_MAX: Final = 2.0**53
_DIGITS_MAX: Final = 20
_MARK: Final = "\ufeff"
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[][{}]', re.DOTALL)
_BYTE_TOKENS: Final = re.compile(_TOKENS.pattern.encode(), re.DOTALL)
_STEPS: Final = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}
_BAD_ESCAPES: Final = re.compile(r'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4})|(.))', re.DOTALL)
_BYTES: Final = "foreign_json"
_BYTE_MARKS: Final = re.compile("\udfff(?=[\udc80-\udcff])")


def _kept(error: UnicodeError) -> tuple[str, int]:
    """Stand for a byte that is no UTF-8 by two halves of surrogate pairs: no escape in JSON says the same by chance."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(f"\udfff{chr(0xDC00 + byte)}" for byte in wrong), error.end


codecs.register_error(_BYTES, _kept)


def is_plain(raw: bytes) -> bool:
    """Whether bytes, NULs and depth of this JSON need no mending.

    Halves of surrogate pairs msgspec finds itself; a number beyond 64 bits is found by who reads it.
    """
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            return False
    return b"\\u0000" not in raw and (raw.count(b"{") + raw.count(b"[") <= DEPTH_MAX or not _is_deep(raw))


def read_foreign(raw: bytes, *, keys: Collection[str] = (), length_max: int | None = None) -> Any:
    """Return what JSON says, with texts that can be kept; raises ValueError for what is no JSON even so.

    Texts have U+FFFD for each character (or byte) that cannot be kept, and are cut after `length_max` characters; those
    of the members named in `keys`, by which something is looked up, become keys (`foreign_text.storable_key`). Numbers
    beyond 64 bits, and what is nested too deep, are None; a whole number that was written as a fraction is whole.
    """
    text = raw.decode(errors=_BYTES).lstrip(_MARK)
    try:
        found = _loads(text)
    except (ValueError, RecursionError):
        found = _loads(_escaped(_flat(text)))
    return _Mending(frozenset(keys), length_max).of(found)


def plain_json(raw: bytes, *, keys: Collection[str] = ()) -> bytes:
    """Return JSON that says the same as `raw`, as far as it can be kept (`read_foreign`): mostly `raw` itself."""
    if is_plain(raw):
        try:
            msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        else:
            return raw
    return msgspec.json.encode(read_foreign(raw, keys=keys))


def _is_deep(raw: bytes) -> bool:
    depth = 0
    for token in _BYTE_TOKENS.finditer(raw):
        depth += _STEPS.get(token[0], 0)
        if depth > DEPTH_MAX:
            return True
    return False


def _loads(text: str) -> Any:
    return json.loads(text, strict=False, parse_int=_int, parse_float=_float, parse_constant=_nothing)


def _int(digits: str) -> int | None:
    number = int(digits) if len(digits) <= _DIGITS_MAX else _INT_MAX + 1
    return number if -_INT_MAX <= number <= _INT_MAX else None


def _float(digits: str) -> float | int | None:
    number = float(digits)
    if number.is_integer() and abs(number) < _EXACT_FLOAT_MAX:
        return int(number)
    return number if abs(number) <= _INT_MAX else None


def _nothing(constant: str) -> None:
    """NaN and Infinity, which some write."""
    del constant


def _flat(text: str) -> str:
    """Return the text without what lies deeper than DEPTH_MAX."""
    parts: list[str] = []
    depth = begin = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == DEPTH_MAX + 1:
                parts.append(text[begin : token.start()] + "null")
        elif token[0] in "]}":
            depth -= 1
            if depth == DEPTH_MAX:
                begin = token.end()
    return "".join([*parts, text[begin:]]) if depth <= DEPTH_MAX else "".join(parts)


def _escaped(text: str) -> str:
    """Return the text with U+FFFD for each escape that JSON does not know."""
    return _BAD_ESCAPES.sub(lambda found: found[0] if found[1] or found[2] else f"\ufffd{found[3]}", text)


class _Mending(msgspec.Struct, frozen=True):
    """How values are made fit to be kept."""

    keys: frozenset[str]
    length_max: int | None

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return a value as it may be stored; what is nested deeper than DEPTH_MAX becomes None."""
        if isinstance(value, str):
            return self.shown(value)
        if isinstance(value, dict | list) and depth == DEPTH_MAX:
            return None
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value).items()
            return {self.shown(name): self._member(name, one, depth + 1) for name, one in members}
        if isinstance(value, list):
            return [self.of(one, depth + 1) for one in cast("list[Any]", value)]
        return value

    def _member(self, name: str, value: Any, depth: int) -> Any:
        return storable_key(value) if name in self.keys and isinstance(value, str) else self.of(value, depth)

    def shown(self, text: str) -> str:
        """Return a text with one U+FFFD for each character or byte that cannot be kept."""
        return storable(_BYTE_MARKS.sub("", text), length_max=self.length_max)
