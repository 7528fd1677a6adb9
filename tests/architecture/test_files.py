"""Files: short, with names that refuse something, and free of places and hosts that mean nothing elsewhere."""

import ast
import os
import re
from pathlib import Path

import pytest
from sources import ROOT, carried, python_files

_VAGUE = re.compile(r"(utils?|common|helpers?|misc|manager|service)\.py$")
_LINES_MAX = 300
_FUNCTION_LINES_MAX = 40
_PRODUCT = ("libs", "services", "sandbox", "tools", "deploy", "examples")
# Put together here, so that this file does not carry what it looks for.
_REGISTRIES = [
    ".".join(parts).encode()
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("deb", "debian", "org"))
]
_UNFINISHED = re.compile(rb"\b(TO" + rb"DO|FIX" + rb"ME)\b|NotImplemented" + rb"Error")


def test_no_file_has_a_name_that_refuses_nothing() -> None:
    assert [str(path.relative_to(ROOT)) for path in python_files() if _VAGUE.search(path.name)] == []


def test_no_python_file_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > _LINES_MAX} == {}


def test_no_function_of_the_product_is_too_long() -> None:
    """Its body without the signature, which grows by what is handed in."""
    found = {
        f"{path.relative_to(ROOT)} {node.name}": lines
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in _PRODUCT
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.body[0].lineno + 1) > _FUNCTION_LINES_MAX
    }
    assert found == {}


def test_what_tests_share_is_found_under_one_name_in_one_place() -> None:
    """The folders that a conftest puts on the path share one space of names: of two modules one would be both."""
    folders = [
        path.parent for path in python_files() if path.name == "conftest.py" and b"sys.path" in path.read_bytes()
    ]
    places: dict[str, set[Path]] = {}
    for path in python_files():
        name = path.parent.name if path.name == "__init__.py" else path.stem
        holder = path.parent.parent if path.name == "__init__.py" else path.parent
        if holder in folders and not name.startswith("test_") and name != "conftest":
            places.setdefault(name, set()).add(holder)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
    assert {name for name in places if (ROOT / name / "__init__.py").exists()} == set()


def test_no_file_names_a_package_registry() -> None:
    found = [
        str(path.relative_to(ROOT)) for path in carried() if any(host in path.read_bytes() for host in _REGISTRIES)
    ]
    assert found == []


def test_no_file_carries_a_path_of_this_machine() -> None:
    places = [f"{ROOT.parent}/", f"{os.path.expanduser('~')}/."]
    if any(len(place) < 6 for place in places):
        pytest.skip("the checkout's or the home directory's path is too short to be told from other text")
    needles = [place.encode() for place in places]
    assert [str(path.relative_to(ROOT)) for path in carried() if any(n in path.read_bytes() for n in needles)] == []


def test_nothing_is_left_unfinished() -> None:
    assert [str(path.relative_to(ROOT)) for path in python_files() if _UNFINISHED.search(path.read_bytes())] == []
