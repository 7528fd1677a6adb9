"""`python -m sandbox.methods_from_aiogram write|check`: what each method takes, read from aiogram's models.

The result, `schema/methods.json`, is committed: reading it takes milliseconds, importing aiogram takes seconds and a
hundred megabytes. Kinds in it are words (`str`, `int`, `float`, `bool`, `chat_id`, `file`, `inline_keyboard`), `@Name`
for an object, and `{"list": kind}`, `{"any": [kind]}`, `{"by_type": {word: kind}}`.
"""

import json
import sys
import types
import typing
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import aiogram.methods
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from pydantic import BaseModel

from sandbox.bot_api.methods_by_name import HANDLERS
from sandbox.schema.compile import METHODS_FILE

Kind = str | dict[str, Any]
PLAIN: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (InputFile, "file"),
    (datetime, "int"),
    (timedelta, "int"),
    (InlineKeyboardMarkup, "inline_keyboard"),
)


def known_methods() -> dict[str, type[TelegramMethod[Any]]]:
    """All methods of the Bot API version aiogram speaks, by their documented name."""
    models: list[Any] = [getattr(aiogram.methods, name) for name in aiogram.methods.__all__]
    return {
        model.__api_method__: model
        for model in models
        if _is_a(model, TelegramMethod) and isinstance(model.__api_method__, str)
    }


class Reader:
    """Turns annotations into kinds; each nested model is described once."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def fields(self, model: type[BaseModel]) -> dict[str, Any]:
        """The fields of a method or an object: kinds by name, and the required names."""
        named = {field.alias or name: field for name, field in model.model_fields.items()}
        return {
            "fields": {name: self.kind(field.annotation, name) for name, field in named.items()},
            "required": sorted(name for name, field in named.items() if field.is_required()),
        }

    def kind(self, annotation: Any, name: str = "") -> Kind:
        """The kind of one annotation."""
        if name in ("chat_id", "from_chat_id"):
            return "chat_id"
        origin = get_origin(annotation)
        if origin is Annotated:
            return self.kind(get_args(annotation)[0])
        if origin in (Union, types.UnionType):
            return self._union([one for one in get_args(annotation) if one not in (types.NoneType, Default)])
        if origin is list:
            return {"list": self.kind(get_args(annotation)[0])}
        return next((word for plain, word in PLAIN if _is_a(annotation, plain)), None) or self._object(annotation)

    def _union(self, options: list[Any]) -> Kind:
        if len(options) == 1:
            return self.kind(options[0])
        for special, word in ((InputFile, "file"), (datetime, "int"), (timedelta, "int")):
            if any(_is_a(option, special) for option in options):
                return word
        typed = {word: self.kind(option) for option in options if (word := _type_word(option))}
        if len(typed) == len(options):
            return {"by_type": typed}
        return {"any": [self.kind(option) for option in options]}

    def _object(self, annotation: Any) -> str:
        if not _is_a(annotation, BaseModel):
            return "str"
        name: str = annotation.__name__
        if name not in self.objects:
            # Noted before its fields are read: a model may contain itself.
            self.objects[name] = {}
            self.objects[name] |= self.fields(annotation)
        return f"@{name}"


def _is_a(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


def _type_word(annotation: Any) -> str | None:
    """The fixed value of a model's `type` field, when it has one."""
    field = annotation.model_fields.get("type") if _is_a(annotation, BaseModel) else None
    if field is None or typing.get_origin(field.annotation) is not Literal:
        return None
    word = get_args(field.annotation)[0]
    return str(word.value if isinstance(word, Enum) else word)


def described() -> str:
    """The whole file as text."""
    known, reader = known_methods(), Reader()
    methods = {name: reader.fields(known[name]) for name in sorted(HANDLERS)}
    body = {
        "made_by": "python -m sandbox.methods_from_aiogram write",
        "aiogram": aiogram.__version__,
        "bot_api": aiogram.__api_version__,
        "methods": methods,
        "objects": dict(sorted(reader.objects.items())),
        "button_fields": sorted(InlineKeyboardButton.model_fields),
        "lacking": sorted(known.keys() - methods.keys()),
    }
    return json.dumps(body, indent=1) + "\n"


def main() -> None:
    """`write` the file, or `check` that it is current (exit 1 when it is not)."""
    if sys.argv[1:] == ["write"]:
        METHODS_FILE.write_text(described())
    elif sys.argv[1:] != ["check"]:
        sys.exit("usage: python -m sandbox.methods_from_aiogram write|check")
    elif METHODS_FILE.read_text() != described():
        sys.exit(f"{METHODS_FILE.name} is not current: python -m sandbox.methods_from_aiogram write")


if __name__ == "__main__":
    main()
