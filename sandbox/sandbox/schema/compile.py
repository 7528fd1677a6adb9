"""Reads aiogram's method models once and turns them into `MethodSchema`s that cost microseconds per call."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import aiogram.methods
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardMarkup, InputFile
from pydantic import BaseModel

from sandbox.errors import bad_request
from sandbox.schema import checks
from sandbox.schema.checks import Check
from sandbox.schema.keyboard import check_inline_keyboard

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


def known_methods() -> dict[str, type[TelegramMethod[Any]]]:
    """All methods of the Bot API version aiogram speaks, by lower-cased name (Telegram ignores case)."""
    found: dict[str, type[TelegramMethod[Any]]] = {}
    for name in aiogram.methods.__all__:
        model: Any = getattr(aiogram.methods, name)
        if _is_a(model, TelegramMethod) and hasattr(model, "__api_method__"):
            found[str(model.__api_method__).lower()] = model
    return found


class Compiler:
    """Turns annotations into checks; a nested model is compiled once."""

    def __init__(self) -> None:
        self._objects: dict[type[BaseModel], Check] = {InlineKeyboardMarkup: check_inline_keyboard}

    def method(self, model: type[TelegramMethod[Any]]) -> MethodSchema:
        """The schema of one method."""
        parameters = {name: self.check(field.annotation, name) for name, field in model.model_fields.items()}
        required = tuple(name for name, field in model.model_fields.items() if field.is_required())
        return MethodSchema(str(model.__api_method__), parameters, required)

    def check(self, annotation: Any, name: str = "") -> Check:
        """The check for one annotation."""
        if name in ("chat_id", "from_chat_id"):
            return checks.check_chat_id
        origin = get_origin(annotation)
        if origin is Annotated:
            return self.check(get_args(annotation)[0])
        if origin in (Union, types.UnionType):
            return self._union([one for one in get_args(annotation) if one not in (types.NoneType, Default)])
        if origin is list:
            return checks.list_of(self.check(get_args(annotation)[0]))
        if origin is Literal:
            return checks.check_str
        return self._plain(annotation)

    def _union(self, options: list[Any]) -> Check:
        if len(options) == 1:
            return self.check(options[0])
        if any(_is_a(option, InputFile) for option in options):
            return checks.check_file
        if any(_is_a(option, datetime) or _is_a(option, timedelta) for option in options):
            return checks.check_int
        typed = {kind: self.check(option) for option in options if (kind := _type_word(option))}
        if len(typed) == len(options):
            return checks.by_type(typed)
        return checks.any_of([self.check(option) for option in options])

    def _plain(self, annotation: Any) -> Check:
        for kind, check in (
            (bool, checks.check_bool),
            (int, checks.check_int),
            (float, checks.check_float),
            (InputFile, checks.check_file),
            (datetime, checks.check_int),
            (timedelta, checks.check_int),
        ):
            if _is_a(annotation, kind):
                return check
        if _is_a(annotation, BaseModel):
            return self._object(annotation)
        return checks.check_str

    def _object(self, model: type[BaseModel]) -> Check:
        known = self._objects.get(model)
        if known is not None:
            return known
        fields: dict[str, Check] = {}
        required = frozenset(
            _wire_name(model, name) for name, field in model.model_fields.items() if field.is_required()
        )
        check = checks.object_of(fields, required)
        # Noted before the fields are read: a model may contain itself.
        self._objects[model] = check
        for name, field in model.model_fields.items():
            fields[_wire_name(model, name)] = self.check(field.annotation)
        return check


def _wire_name(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].alias or name


def _is_a(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


def _type_word(annotation: Any) -> str | None:
    """The fixed value of a model's `type` field, when it has one."""
    if not _is_a(annotation, BaseModel):
        return None
    field = annotation.model_fields.get("type")
    if field is None or typing.get_origin(field.annotation) is not Literal:
        return None
    word = get_args(field.annotation)[0]
    return str(word.value if isinstance(word, Enum) else word)
