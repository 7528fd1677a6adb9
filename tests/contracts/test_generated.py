"""The generated documents: complete, sound, and known to be current."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.asyncapi import document
from contracts.generate import FOLDER, files, language, main, stale, write
from contracts.message import shape_of
from contracts.schemas import file_name, schema_of
from contracts.subjects import stream_name

CONTRACTS = language()
DOCUMENT = document(CONTRACTS)


def test_the_committed_files_are_current() -> None:
    assert stale(FOLDER, files(CONTRACTS)) == {}


def test_check_names_the_stale_file_and_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--folder", str(tmp_path)]
    assert main(arguments) == 0
    assert main([*arguments, "--check"]) == 0
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "schemas" / "gameplay.cmd.start_game.v1.json").unlink()
    (tmp_path / "schemas" / "gameplay.cmd.forgotten.v1.json").write_text("{}")
    capsys.readouterr()
    assert main([*arguments, "--check"]) == 1
    said = capsys.readouterr().err
    assert "asyncapi.json: not current" in said
    assert "gameplay.cmd.start_game.v1.json: missing" in said
    assert "gameplay.cmd.forgotten.v1.json: no contract's" in said
    assert "python -m contracts.generate" in said


def test_generating_touches_only_what_differs_and_removes_what_nothing_generates(tmp_path: Path) -> None:
    wanted = {"asyncapi.json": "{}\n", "schemas/a.json": "1\n", "schemas/b.json": "2\n"}
    assert sorted(write(tmp_path, wanted)) == sorted(wanted)
    del wanted["schemas/b.json"]
    wanted["schemas/a.json"] = "3\n"
    assert sorted(write(tmp_path, wanted)) == ["schemas/a.json", "schemas/b.json"]
    assert stale(tmp_path, wanted) == {}


def test_what_services_keep_to_themselves_is_not_in_the_language() -> None:
    assert {contract.__module__.partition(".")[0] for contract in CONTRACTS} == {"contracts"}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_every_contract_is_a_channel_a_message_and_an_operation(contract: Any) -> None:
    shape = shape_of(contract)
    channel = DOCUMENT["channels"][shape.type_name]
    assert channel["address"] == contract.subject
    assert set(channel["parameters"]) == set(shape.fields)
    assert channel["x-jetstream-filter"] == shape.wildcard
    if shape.owner:
        assert channel["x-jetstream-stream"] == stream_name(shape.owner, shape.kind)
    message = _resolve(channel["messages"][shape.name]["$ref"])
    assert _resolve(message["payload"]["$ref"])["title"] == contract.__name__
    assert message["headers"]["allOf"][1]["properties"]["ce-type"] == {"const": shape.type_name}
    heard = [o for o in DOCUMENT["operations"].values() if o["channel"]["$ref"].endswith(f"/{shape.type_name}")]
    assert heard


def test_every_reference_leads_somewhere() -> None:
    references = list(_references(DOCUMENT))
    assert len(references) > len(CONTRACTS)
    for reference in references:
        assert _resolve(reference) is not None


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_a_schema_is_complete_in_itself_and_fits_the_golden_example(contract: Any) -> None:
    schema = schema_of(contract)
    for reference in _references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]
    example = json.loads((Path(__file__).parent / "golden" / file_name(contract)).read_bytes())
    assert list(_misfits(example, schema, schema["$defs"])) == []


def test_notes_beside_fields_and_instants_reach_the_schema() -> None:
    schema = schema_of(next(c for c in CONTRACTS if c.__name__ == "PlayerReachabilityChanged"))
    assert schema["$defs"]["PlayerReachabilityChanged"]["properties"]["at"]["format"] == "date-time"
    answer = schema_of(next(c for c in CONTRACTS if c.__name__ == "AnswerRound"))["$defs"]["AnswerRound"]
    assert answer["properties"]["option"]["description"] == "0–3, index into the options as shown."


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip


def _misfits(value: Any, schema: dict[str, Any], definitions: dict[str, Any], where: str = "$") -> Iterator[str]:
    """Yield what in the value is not as the schema says (the few keywords that msgspec writes)."""
    if "$ref" in schema:
        yield from _misfits(value, definitions[schema["$ref"].removeprefix("#/$defs/")], definitions, where)
    if "anyOf" in schema and all(list(_misfits(value, one, definitions, where)) for one in schema["anyOf"]):
        yield f"{where} fits none"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}"
    if "type" in schema and not isinstance(value, _TYPES[schema["type"]]):
        yield f"{where} is no {schema['type']}"
        return
    yield from (f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield from _misfits(value[name], part, definitions, f"{where}.{name}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{where} has {len(value)} items"
        for number, one in enumerate(value):
            yield from _misfits(one, schema.get("items", {}), definitions, f"{where}[{number}]")
