"""Turns `methods.json` (what each method takes, as aiogram's models have it) into checks that cost microseconds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import bad_request
from sandbox.schema import checks
from sandbox.schema.checks import Check
from sandbox.schema.keyboard import keyboard_check

METHODS_FILE = Path(__file__).with_name("methods.json")
REQUIRED_WORDS = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
}
"""Telegram's words for what is missing; other parameters are named."""


@dataclass(slots=True, frozen=True)
class MethodSchema:
    """One method: its name as documented, a check per parameter, and the required ones."""

    name: str
    parameters: Mapping[str, Check]
    required: tuple[str, ...]

    def check(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, converted; 400 for unknown, wrong or missing ones. Null counts as absent."""
        checked: dict[str, Any] = {}
        parameters = self.parameters
        for name, value in given.items():
            check = parameters.get(name)
            if check is None:
                raise bad_request(f'unknown parameter "{name}" of method {self.name}')
            if value is not None:
                checked[name] = check(name, value)
        for name in self.required:
            if name not in checked:
                raise bad_request(REQUIRED_WORDS.get(name, f'parameter "{name}" is required'))
        return checked


class Compiler:
    """Turns kinds into checks; an object is compiled once."""

    def __init__(self, objects: Mapping[str, Any], button_fields: frozenset[str]) -> None:
        self._described = objects
        self._objects: dict[str, Check] = {}
        self._words: dict[str, Check] = {
            "str": checks.check_str,
            "int": checks.check_int,
            "float": checks.check_float,
            "bool": checks.check_bool,
            "chat_id": checks.check_chat_id,
            "file": checks.check_file,
            "inline_keyboard": keyboard_check(button_fields),
        }

    def method(self, name: str, described: Mapping[str, Any]) -> MethodSchema:
        """The schema of one method."""
        parameters = {field: self.check(kind) for field, kind in described["fields"].items()}
        return MethodSchema(name, parameters, tuple(described["required"]))

    def check(self, kind: Any) -> Check:
        """The check for one kind."""
        match kind:
            case str() if kind.startswith("@"):
                return self._object(kind.removeprefix("@"))
            case str():
                return self._words[kind]
            case {"list": item}:
                return checks.list_of(self.check(item))
            case {"by_type": options}:
                return checks.by_type({word: self.check(option) for word, option in options.items()})
            case _:
                return checks.any_of([self.check(option) for option in kind["any"]])

    def _object(self, name: str) -> Check:
        known = self._objects.get(name)
        if known is not None:
            return known
        fields: dict[str, Check] = {}
        described = self._described[name]
        # Noted before the fields are read: an object may contain itself.
        check = self._objects[name] = checks.object_of(fields, frozenset(described["required"]))
        for field, kind in described["fields"].items():
            fields[field] = self.check(kind)
        return check


def read_schemas() -> tuple[dict[str, MethodSchema], list[str]]:
    """Schemas of the methods this sandbox has, by name, and the names of those it lacks."""
    file = json.loads(METHODS_FILE.read_text())
    compiler = Compiler(file["objects"], frozenset(file["button_fields"]))
    schemas = {name: compiler.method(name, described) for name, described in file["methods"].items()}
    return schemas, file["lacking"]
