"""Evolution: an example of every version of every contract decodes for ever, and so does what is not known yet."""

import json
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.generate import language
from contracts.message import Contract, decode, encode, find
from contracts.schemas import file_name

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.json"))
CONTRACTS = language()


def _contract_of(path: Path) -> type[Contract]:
    return find(path.name.removesuffix(".json").rpartition(".v")[0])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_example_decodes_and_says_the_same_again(path: Path) -> None:
    data = json.loads(path.read_bytes())
    again = json.loads(encode(decode(_contract_of(path), path.read_bytes())))
    if path.name == file_name(_contract_of(path)):
        assert again == data
    else:
        assert _holds(again, data), "a field of an older version is gone or reads differently"


def test_every_contract_has_an_example_of_its_current_version() -> None:
    names = {path.name for path in FILES}
    missing = [file_name(contract) for contract in CONTRACTS if file_name(contract) not in names]
    assert missing == [], "add it to tests/contracts/examples.py and run that file once"


def test_versions_are_counted_without_a_gap() -> None:
    names = {path.name for path in FILES}
    older = [file_name(c).replace(f".v{c.version}.", f".v{n}.") for c in CONTRACTS for n in range(1, c.version)]
    assert [name for name in older if name not in names] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fields_of_a_later_version_are_passed_over(path: Path) -> None:
    data = json.loads(path.read_bytes())
    richer = _with_more(data)
    assert richer != data
    contract = _contract_of(path)
    assert _known(contract, decode(contract, json.dumps(richer).encode())) == _known(
        contract, decode(contract, path.read_bytes())
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_without_its_optional_fields_decodes_to_their_defaults(path: Path) -> None:
    contract = _contract_of(path)
    poorer = _required_only(contract, json.loads(path.read_bytes()))
    decoded = decode(contract, json.dumps(poorer).encode())
    for field in msgspec.structs.fields(contract):
        if not field.required:
            assert getattr(decoded, field.name) == field.default


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_a_required_field_that_is_missing_is_named(contract: type[Contract]) -> None:
    required = [field.name for field in msgspec.structs.fields(contract) if field.required]
    example = json.loads((GOLDEN / file_name(contract)).read_bytes())
    for name in required:
        with pytest.raises(msgspec.ValidationError, match=f"`{name}`"):
            decode(contract, json.dumps({key: value for key, value in example.items() if key != name}).encode())


def _holds(whole: Any, part: Any) -> bool:
    """Whether all that `part` says is said in `whole` too."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _holds(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_holds, whole, part))
    return whole == part


def _with_more(data: Any) -> Any:
    """Return the data with a field in every object that no version knows."""
    if isinstance(data, dict):
        return {key: _with_more(value) for key, value in data.items()} | {"from_the_future": {"is": ["unknown", 1]}}
    return [_with_more(one) for one in data] if isinstance(data, list) else data


def _known(contract: type[Contract], message: Contract) -> dict[str, Any]:
    """Return the fields that are opened by the contract; what travels unopened is nobody's to compare."""
    hints = typing.get_type_hints(contract)
    return {name: getattr(message, name) for name in contract.__struct_fields__ if hints[name] is not msgspec.Raw}


def _required_only(kind: Any, data: Any) -> Any:
    """Return the data without the optional fields of any struct in it."""
    options = [part for part in typing.get_args(kind) if part is not type(None)]
    if isinstance(data, list):
        return [_required_only(options[0], one) for one in data]
    if isinstance(data, dict) and options:
        return _required_only(options[0], data)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(data, dict):
        hints = typing.get_type_hints(kind)
        needed = [field.name for field in msgspec.structs.fields(kind) if field.required]
        return {name: _required_only(hints[name], data[name]) for name in needed}
    return data
