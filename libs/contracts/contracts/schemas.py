"""JSON Schemas of contracts: what msgspec derives from the structs, with what their authors wrote beside the fields."""

import ast
import inspect
import textwrap
import typing
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any, Final

import msgspec

from contracts.message import Contract, shape_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def file_name(contract: type[Contract]) -> str:
    """Return the name of the contract's files: `<type name>.v<version>.json`."""
    return f"{shape_of(contract).type_name}.v{contract.version}.json"


def schema_of(contract: type[Contract]) -> Schema:
    """Return the contract's JSON Schema, complete in itself. Unknown fields are allowed: readers pass over them."""
    (reference,), definitions = components([contract], "#/$defs/{name}")
    identity = f"urn:starquiz:{shape_of(contract).type_name}:{contract.version}"
    return {"$schema": DIALECT, "$id": identity, **reference, "$defs": definitions}


def components(
    contracts: typing.Sequence[type[msgspec.Struct]], template: str
) -> tuple[tuple[Schema, ...], dict[str, Schema]]:
    """Return a reference for each contract, and the schemas of all types they are made of, by name.

    `template` is the form of a reference, with `{name}` in it.
    """
    references, found = msgspec.json.schema_components(contracts, ref_template=template)
    for schema in found.values():
        if "description" in schema:
            # Python from 3.13 on has taken the indentation out of a docstring, before it has not.
            schema["description"] = inspect.cleandoc(schema["description"])
    for struct in _structs(contracts):
        # Of two types with one name msgspec spells out the module.
        schema = found.get(struct.__name__) or found[f"{struct.__module__}.{struct.__qualname__}"]
        names = {field.encode_name: field.name for field in msgspec.structs.fields(struct)}
        for field, part in schema["properties"].items():
            _annotate(part, struct, names[field])
    return references, {name: found[name] for name in sorted(found)}


def _annotate(schema: Schema, struct: type[msgspec.Struct], field: str) -> None:
    """Add what msgspec leaves out of a field's schema: its author's note, and that a text is an instant."""
    _simplify(schema)
    note = _notes(struct).get(field)
    if note:
        schema["description"] = note
    if datetime in _parts(typing.get_type_hints(struct)[field]):
        for part in schema.get("anyOf", [schema]):
            if part.get("type") == "string":
                part["format"] = "date-time"


def _simplify(schema: Schema) -> None:
    """Write a tuple of one type so that every dialect of JSON Schema reads it alike (AsyncAPI's own is draft 07)."""
    parts = schema.get("prefixItems")
    if parts and all(part == parts[0] for part in parts):
        del schema["prefixItems"]
        schema["items"] = parts[0]


def _structs(contracts: typing.Sequence[type[msgspec.Struct]]) -> Iterator[type[msgspec.Struct]]:
    """Yield every struct that the contracts are made of, once."""
    waiting: list[Any] = list(contracts)
    seen: set[Any] = set()
    while waiting:
        kind = waiting.pop()
        if kind in seen or not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            continue
        seen.add(kind)
        yield kind
        for name, hint in typing.get_type_hints(kind).items():
            if name in kind.__struct_fields__:
                waiting.extend(_parts(hint))


def _parts(hint: Any) -> Iterator[Any]:
    """Yield a type and all that it is built from: `tuple[A | None, ...]` → itself, `A | None`, `A`, `None`."""
    yield hint
    for part in typing.get_args(hint):
        yield from _parts(part)


@cache
def _notes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the text below each field in the struct's source, by field.

    One that was made at run time has none: it names the struct whose fields it took over as `described_by`.
    """
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(getattr(struct, "described_by", struct)))).body
    notes: dict[str, str] = {}
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            text = ast.literal_eval(below.value)
            notes[field.target.id] = " ".join(str(text).split())
    return notes
