"""The floor plan: what import-linter cannot see."""

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest
from sources import ROOT, services

from devstack.layers import configuration, declared
from devstack.services import rooms

_FLOOR_PLAN = ("__main__.py", "app.py", "settings.py", "migrations")
_EITHER_FILE_OR_PACKAGE = ("handlers", "domain", "store")
_BUSINESS_NOUNS = {
    *("player", "question", "rounds", "quiz", "streak", "energy", "leaderboard", "telegram", "chat", "stars"),
    *("premium", "campaign", "invoice", "ticket", "duel", "coupon", "referral", "payment"),
}
_SERVICES = services()


def _imported_packages(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("folder", _SERVICES, ids=lambda folder: folder.name)
def test_a_service_has_the_floor_plan(folder: Path) -> None:
    package = folder / folder.name
    missing = [name for name in ("README.md", "pyproject.toml") if not (folder / name).exists()]
    missing += [name for name in _FLOOR_PLAN if not (package / name).exists()]
    for name in _EITHER_FILE_OR_PACKAGE:
        if not (package / f"{name}.py").exists() and not (package / name / "__init__.py").exists():
            missing.append(f"{name}.py or {name}/")
    assert missing == []


@pytest.mark.parametrize("folder", _SERVICES, ids=lambda folder: folder.name)
def test_a_service_is_covered_by_the_linter_the_tests_and_the_run(folder: Path) -> None:
    name = folder.name
    linter = configuration(declared(ROOT), [room.name for room in rooms()])
    contracts = [linter[section] for section in linter.sections() if section != "importlinter"]
    assert any(name in c.get("containers", "").split("\n") and c.getboolean("exhaustive") for c in contracts)
    assert any(f"{name}.domain" in c.get("source_modules", "").split("\n") for c in contracts)
    assert name in linter["importlinter"]["root_packages"].split("\n")
    assert list((ROOT / "tests" / name).glob("test_*.py")), f"tests/{name} has no tests"
    assert name in {room.name for room in rooms()}


@pytest.mark.parametrize("folder", _SERVICES, ids=lambda folder: folder.name)
def test_sql_is_loaded_by_the_store_alone(folder: Path) -> None:
    package = folder / folder.name
    outside = [
        str(path.relative_to(package))
        for path in package.rglob("*.sql")
        if path.relative_to(package).parts[0] not in {"migrations", "store", "store.sql"}
    ]
    assert outside == []


def _engines_tables() -> set[str]:
    made = re.compile(r"^create table (\w+)", re.MULTILINE)
    migrations = (ROOT / "libs/actors/actors/deploying/migrations").rglob("*.sql")
    return {table for path in migrations for table in made.findall(path.read_text())}


@pytest.mark.parametrize("folder", _SERVICES, ids=lambda folder: folder.name)
def test_a_service_reads_what_went_through_it_by_what_actors_offers(folder: Path) -> None:
    """Its own SQL names no table of the engine's: `actors.history` does."""
    tables = _engines_tables()
    assert {"inbox", "outbox", "effects", "dead_letters"} <= tables
    named = re.compile(rf"\b(?:from|join|into|update|table)\s+({'|'.join(sorted(tables))})\b", re.IGNORECASE)
    package = folder / folder.name
    queries = [path for path in (*package.rglob("*.sql"), *package.rglob("*.py")) if "migrations" not in path.parts]
    found = {str(path.relative_to(ROOT)): set(named.findall(path.read_text())) for path in queries}
    assert {path: names for path, names in found.items() if names} == {}


def test_services_do_not_import_each_other() -> None:
    names = {folder.name for folder in _SERVICES}
    for folder in _SERVICES:
        for file in folder.rglob("*.py"):
            assert not _imported_packages(file) & (names - {folder.name}), file


def test_contracts_depend_on_msgspec_only() -> None:
    allowed = set(sys.stdlib_module_names) | {"contracts", "msgspec"}
    for file in (ROOT / "libs/contracts/contracts").rglob("*.py"):
        assert _imported_packages(file) <= allowed, file


def test_the_ground_knows_no_business_noun() -> None:
    found: set[str] = set()
    for file in (ROOT / "libs/actors/actors").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(node, "id", None) or getattr(node, "name", None) or getattr(node, "arg", None)
            if isinstance(name, str) and set(_words(name)) & _BUSINESS_NOUNS:
                found.add(f"{file.name}: {name}")
    assert found == set()


def _words(identifier: str) -> list[str]:
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in identifier)
    return spaced.replace("_", " ").lower().split()


def test_importing_a_composition_root_does_no_io(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if armed and event in {"socket.connect", "socket.bind", "subprocess.Popen"}:
            raise AssertionError(f"{event} {arguments} while importing app.py")

    armed = True
    sys.addaudithook(refuse)
    try:
        for room in rooms():
            monkeypatch.delitem(sys.modules, f"{room.name}.app", raising=False)
            assert importlib.import_module(f"{room.name}.app").SPEC.name == room.name
    finally:
        armed = False
