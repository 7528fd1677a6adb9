"""Reads JSON bodies and query strings of the JSON API; every refusal names the field and the remedy."""

import json
from typing import Any

from aiohttp import web

from sandbox.shapes import as_list, as_object, to_json

MISSING: Any = object()


class FieldError(Exception):
    """400: which field, what is wrong with it, and what to send instead."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.field = field
        self.problem = problem
        self.remedy = remedy


def answer(body: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=to_json(body), status=status, content_type="application/json")


class Fields:
    """The fields of one object. Unknown ones are refused, so that a typo never passes silently."""

    def __init__(self, given: dict[str, Any], known: frozenset[str], where: str = "") -> None:
        self._given = given
        self._where = where
        for field in given:
            if field not in known:
                raise FieldError(where + field, "unknown field", f"known are: {', '.join(sorted(known))}")

    def __contains__(self, field: str) -> bool:
        return self._given.get(field) is not None

    def text(self, field: str, length_max: int, default: Any = MISSING, *, least: int = 1) -> str:
        """A string of `least` to `length_max` characters."""
        value = self._value(field, default)
        if value is default:
            return value
        if not isinstance(value, str) or not least <= len(value) <= length_max:
            raise FieldError(self._where + field, "not such a string", f"send {least} to {length_max} characters")
        return value

    def integer(self, field: str, least: int, most: int, default: Any = MISSING) -> Any:
        """A whole number from `least` to `most`; `default` when absent."""
        value = self._value(field, default)
        if value is default:
            return value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise FieldError(self._where + field, "not such a number", f"send a whole number from {least} to {most}")
        return value

    def number(self, field: str, least: float, most: float, default: Any = MISSING) -> float:
        """A number from `least` to `most`."""
        value = self._value(field, default)
        if value is default:
            return value
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise FieldError(self._where + field, "not such a number", f"send a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, field: str, default: bool) -> bool:
        """true or false."""
        value = self._value(field, default)
        if not isinstance(value, bool):
            raise FieldError(self._where + field, "not a boolean", "send true or false")
        return value

    def choice(self, field: str, options: tuple[str, ...], default: Any = MISSING) -> str:
        """One of some words."""
        value = self._value(field, default)
        if value is not default and value not in options:
            raise FieldError(self._where + field, f"not a known word: {value!r}", f"send one of {', '.join(options)}")
        return value

    def objects(self, field: str) -> list[dict[str, Any]]:
        """A list of objects; empty when absent."""
        given = as_list(self._value(field, []))
        found = [one for item in given or [] if (one := as_object(item)) is not None]
        if given is None or len(found) != len(given):
            raise FieldError(self._where + field, "not a list of objects", "send [{…}, …]")
        return found

    def thing(self, field: str) -> dict[str, Any]:
        """An object of any fields."""
        value = as_object(self._value(field, MISSING))
        if value is None:
            raise FieldError(self._where + field, "not an object", 'send one, as {"type": "telegram_ads"}')
        return value

    def _value(self, field: str, default: Any) -> Any:
        value = self._given.get(field)
        if value is not None:
            return value
        if default is MISSING:
            raise FieldError(self._where + field, "missing", "send it in the JSON body")
        return default


async def body_object(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        given = as_object(json.loads(raw))
    except ValueError as problem:
        raise FieldError("(body)", f"not JSON: {problem}", "send a JSON object") from None
    if given is None:
        raise FieldError("(body)", "not an object", 'send a JSON object, as {"text": "/start"}')
    return given


async def body_fields(request: web.Request, *known: str) -> Fields:
    """The fields of a request's JSON object."""
    return Fields(await body_object(request), frozenset(known))


def query_number(request: web.Request, field: str, default: float, most: float) -> float:
    """A number from the query string, 0 to `most`."""
    raw = request.query.get(field)
    if raw is None:
        return default
    try:
        value = float(raw)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise FieldError(field, f"not such a number: {raw!r}", f"send a number from 0 to {most:g}")
    return value
