"""Plain checks for single values. Each takes (name, value), returns the value converted, or raises 400."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sandbox.errors import ApiError, bad_request

Check = Callable[[str, Any], Any]
TRUE_WORDS = frozenset({"true", "True", "1", "yes", "y"})
FALSE_WORDS = frozenset({"false", "False", "0", "no", "n", ""})


@dataclass(slots=True, frozen=True)
class Upload:
    """A file that came in a multipart body."""

    data: bytes


def wrong(name: str, expected: str) -> ApiError:
    """400 for a value of the wrong type. Telegram often swallows these; here they are shown."""
    return bad_request(f'invalid value of parameter "{name}": {expected} expected')


def check_str(name: str, value: Any) -> str:
    """A string; numbers are taken as their digits, as Telegram does with JSON bodies."""
    if isinstance(value, str):
        if "\x00" in value or not _is_unicode(value):
            raise bad_request("strings must be encoded in UTF-8")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise wrong(name, "string")


def _is_unicode(value: str) -> bool:
    r"""Lone surrogates (broken `\ud83d` escapes) are no text; ASCII, the usual case, needs no look."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_int(name: str, value: Any) -> int:
    """An integer, or its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    raise wrong(name, "integer")


def check_float(name: str, value: Any) -> float:
    """A number, or its digits."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise wrong(name, "number") from None


def check_bool(name: str, value: Any) -> bool:
    """A boolean, or the words Telegram takes for one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        value = str(value)
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise wrong(name, "boolean")


def check_chat_id(name: str, value: Any) -> int | str:
    """A chat id, or a @channelname; anything else is a chat that does not exist."""
    if isinstance(value, str):
        if value.lstrip("-").isdigit():
            return int(value)
        if value.startswith("@"):
            return value
        raise bad_request("chat_id is empty" if not value else "chat not found")
    return check_int(name, value)


def check_file(name: str, value: Any) -> str | Upload:
    """An uploaded file, a file_id or a URL."""
    return value if isinstance(value, Upload) else check_str(name, value)


def decoded(name: str, value: Any, kind: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """A list or object, given as such or as JSON text (which is how forms carry them)."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None
    if not isinstance(value, kind):
        raise wrong(name, "array" if kind is list else "object")
    return cast("Any", value)


def list_of(item: Check) -> Check:
    """A check for a list whose items pass `item`."""

    def check(name: str, value: Any) -> list[Any]:
        items: list[Any] = decoded(name, value, list)
        return [item(f"{name}[{index}]", one) for index, one in enumerate(items)]

    return check


def object_of(fields: Mapping[str, Check], required: frozenset[str]) -> Check:
    """A check for an object with exactly these fields; null fields count as absent."""

    def check(name: str, value: Any) -> dict[str, Any]:
        given: dict[str, Any] = decoded(name, value, dict)
        checked: dict[str, Any] = {}
        for field, one in given.items():
            if field not in fields:
                raise bad_request(f'unknown field "{field}" in parameter "{name}"')
            if one is not None:
                checked[field] = fields[field](f"{name}.{field}", one)
        for field in required:
            if field not in checked:
                raise bad_request(f'field "{field}" of parameter "{name}" must be specified')
        return checked

    return check


def any_of(options: list[Check]) -> Check:
    """A check that takes the first option that fits; the last option's error is the one shown."""

    def check(name: str, value: Any) -> Any:
        for option in options[:-1]:
            try:
                return option(name, value)
            except ApiError:
                continue
        return options[-1](name, value)

    return check


def by_type(options: Mapping[str, Check]) -> Check:
    """A check for objects that say by their `type` field which of several shapes they have."""

    def check(name: str, value: Any) -> Any:
        given: dict[str, Any] = decoded(name, value, dict)
        option = options.get(str(given.get("type")))
        if option is None:
            raise bad_request(f'field "type" of parameter "{name}" must be one of {", ".join(sorted(options))}')
        return option(name, given)

    return check
