"""A request's JSON Schema as options of a command line: one a field, `--filter.state` for a field of a field."""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
import typer

from starquiz.endpoints import Schema, resolved
from starquiz.troubles import MISUSED, ToolError

REQUEST_ID: Final = "request_id"
TAKEN: Final = ("json", "dry-run", "request-id", "confirm", "help")
"""What a call has besides its fields."""
_DEPTH_MAX: Final = 3
_PLAIN: Final[Mapping[str, type]] = {"integer": int, "number": float, "boolean": bool, "string": str}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to fill in."""

    path: tuple[str, ...]
    kind: str
    """A JSON type, or `json` for what has to be written as JSON."""
    is_list: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    note: str = ""
    least: int | None = None
    most: int | None = None
    default: Any = None

    @property
    def option(self) -> str:
        """What it is called on the command line."""
        name = ".".join(self.path).replace("_", "-")
        return f"--field.{name}" if name in TAKEN else f"--{name}"

    @property
    def name(self) -> str:
        """Return it as a Python name."""
        return "field__" + "__".join(self.path)


def fields(schema: Schema) -> list[Field]:
    """Return what a request's sender fills in; the `request_id` is the tool's."""
    found = _fields(resolved(schema, schema), schema, ())
    return sorted((one for one in found if one.path != (REQUEST_ID,)), key=lambda one: not one.required)


def parameter(field: Field) -> inspect.Parameter:
    """Return a field as a parameter that typer makes an option of."""
    plain: Any = str if field.kind == "json" else _PLAIN[field.kind]
    kind: Any = Literal[field.choices] if field.choices else plain
    kind = list[kind] if field.is_list else kind
    names = (f"{field.option}/--no-{field.option[2:]}",) if field.kind == "boolean" else (field.option,)
    bounds: dict[str, Any] = {"min": field.least, "max": field.most} if field.kind == "integer" else {}
    option = typer.Option(*names, help=field.note or None, show_default=False, **({} if field.is_list else bounds))
    annotation = Annotated[kind if field.required else kind | None, option]
    default = inspect.Parameter.empty if field.required else None
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def filled(form: list[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request's body of what was given; raises ToolError for what should be JSON and is not."""
    body: dict[str, Any] = {}
    for field in form:
        value = given.get(field.name)
        if value is None or value == []:
            continue
        within = body
        for part in field.path[:-1]:
            within = within.setdefault(part, {})
        within[field.path[-1]] = _of_json(field, value) if field.kind == "json" else value
    return body


def _of_json(field: Field, value: Any) -> Any:
    try:
        return [json.loads(one) for one in value] if field.is_list else json.loads(value)
    except ValueError as error:
        raise ToolError(f"{field.option}: write it as JSON ({error})", MISUSED) from None


def _fields(schema: Schema, whole: Schema, path: tuple[str, ...]) -> Iterator[Field]:
    required = set(schema.get("required", ()))
    for name, written in schema.get("properties", {}).items():
        part = resolved(written, whole)
        here = (*path, name)
        if part.get("type") == "object" and part.get("properties") and len(here) < _DEPTH_MAX:
            yield from _fields(part, whole, here)
        else:
            yield _field(here, part, whole, required=name in required and len(here) == 1)


def _field(path: tuple[str, ...], part: Schema, whole: Schema, *, required: bool) -> Field:
    is_list = part.get("type") == "array" and _plain_kind(resolved(part.get("items") or {}, whole)) is not None
    about = resolved(part["items"], whole) if is_list else part
    least = about.get("minimum", about["exclusiveMinimum"] + 1 if "exclusiveMinimum" in about else None)
    return Field(
        path=path,
        kind=_plain_kind(about) or "json",
        is_list=is_list,
        required=required,
        choices=tuple(str(one) for one in about.get("enum", ())),
        note=part.get("description", ""),
        least=least,
        most=about.get("maximum"),
        default=part.get("default"),
    )


def _plain_kind(part: Schema) -> str | None:
    """Return the JSON type of one plain value; None for anything made of several."""
    if "enum" in part:
        return "string"
    kind = part.get("type")
    return kind if kind in _PLAIN else None
