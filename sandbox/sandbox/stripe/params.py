"""Reads Stripe's form parameters (`line_items[0][quantity]=1`) and refuses what it does not know, as Stripe does."""

import re
from collections.abc import Iterable
from typing import Any, cast

from sandbox.shapes import as_object
from sandbox.stripe.errors import StripeError

LISTS = frozenset({"line_items", "expand", "payment_method_types"})
METADATA_KEYS_MAX, METADATA_KEY_LENGTH_MAX, METADATA_VALUE_LENGTH_MAX = 50, 40, 500
_PARTS = re.compile(r"[^\[\]]+|\[\]")


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1`, `list[0]=x` and `list[]=x` as nested objects; the known list parameters become lists."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        *way, last = _PARTS.findall(name) or [name]
        node = root
        for part in way:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise StripeError(f"Invalid parameter: {name}", param=name)
            node = cast("dict[str, Any]", node)
        node[str(len(node)) if last == "[]" else last] = value
    for name in LISTS & root.keys():
        given = as_object(root[name])
        if given is None:
            raise StripeError("Invalid array", param=name)
        root[name] = list(given.values())
    return root


class Params:
    """The parameters of one call. Each reader takes its own out; `done` refuses what nobody took."""

    def __init__(self, given: dict[str, Any], where: str = "") -> None:
        self._left = dict(given)
        self._where = where

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def text(self, name: str, length_max: int = 5000) -> str | None:
        """A string, None when absent or empty."""
        value = self._left.pop(name, None)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise StripeError("Invalid string", param=self.path(name))
        if len(value) > length_max:
            raise StripeError(f"Invalid string: must be at most {length_max} characters", param=self.path(name))
        return value

    def needed(self, name: str, length_max: int = 5000) -> str:
        """A string that must be there."""
        value = self.text(name, length_max)
        if value is None:
            path = self.path(name)
            raise StripeError(f"Missing required param: {path}.", code="parameter_missing", param=path)
        return value

    def word(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """One of some words, None when absent."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise StripeError(f"Invalid {name}: must be one of {', '.join(allowed)}", param=self.path(name))
        return value

    def integer(self, name: str, least: int, most: int = 99_999_999) -> int | None:
        """A whole number within bounds, None when absent."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            path = self.path(name)
            raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        number = int(value)
        if not least <= number <= most:
            raise StripeError(f"Invalid integer: must be from {least} to {most}", param=self.path(name))
        return number

    def object(self, name: str) -> "Params":
        """A nested object; empty when absent."""
        value = self._left.pop(name, None)
        given = as_object(value if value is not None else {})
        if given is None:
            raise StripeError("Invalid object", param=self.path(name))
        return Params(given, self.path(name))

    def each(self, name: str) -> "list[Params]":
        """A list of objects; empty when absent."""
        entries = self._left.pop(name, [])
        found = [as_object(entry) for entry in entries]
        return [Params(one or {}, f"{self.path(name)}[{index}]") for index, one in enumerate(found)]

    def words(self, name: str) -> list[str]:
        """A list of strings; empty when absent."""
        return [str(entry) for entry in self._left.pop(name, [])]

    def metadata(self) -> dict[str, str]:
        """The caller's own notes, within Stripe's limits: 50 keys of 40 characters, values of 500."""
        given = as_object(self._left.pop("metadata", {})) or {}
        if len(given) > METADATA_KEYS_MAX:
            raise StripeError("Metadata can hold up to 50 keys.", param=self.path("metadata"))
        for key, value in given.items():
            if len(key) > METADATA_KEY_LENGTH_MAX or len(str(value)) > METADATA_VALUE_LENGTH_MAX:
                raise StripeError("Metadata key or value is too long.", param=f"{self.path('metadata')}[{key}]")
        return {key: str(value) for key, value in given.items() if value != ""}

    def done(self) -> None:
        """Refuse what is left over."""
        for name in self._left:
            path = self.path(name)
            raise StripeError(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)

    def path(self, name: str) -> str:
        """Return how Stripe names the parameter in an error: `line_items[0][price]`."""
        return f"{self._where}[{name}]" if self._where else name
