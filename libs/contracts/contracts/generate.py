"""Writes what is generated from the contracts: `python -m contracts.generate [--check]`.

An AsyncAPI 3 document (`docs/contracts/asyncapi.json`) and one JSON Schema for each contract
(`docs/contracts/schemas/<type name>.v<version>.json`). With `--check` nothing is written: exit code 1 names each file
that is not as the contracts say, and what to do about it.
"""

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import contracts
from contracts.asyncapi import document
from contracts.message import Contract, registered
from contracts.schemas import file_name, schema_of

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "contracts"
REMEDY = "Run `python -m contracts.generate` and commit what it writes."


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contracts.generate", description="AsyncAPI and JSON Schemas")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not current")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files are (docs/contracts)")
    given = parser.parse_args(arguments)
    wanted = files(language())
    if given.check:
        return _check(given.folder, wanted)
    written = write(given.folder, wanted)
    sys.stdout.write(f"{len(wanted)} files, {len(written)} written or removed\n")
    return 0


def language() -> tuple[type[Contract], ...]:
    """Return every contract that this package declares, by type name; what other packages declare is not ours."""
    for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
        importlib.import_module(module.name)
    return tuple(contract for contract in registered() if contract.__module__.startswith("contracts."))


def files(said: Sequence[type[Contract]]) -> dict[str, str]:
    """Return the text of every generated file, by its path below the folder."""
    found = {"asyncapi.json": _text(document(said))}
    return found | {f"schemas/{file_name(contract)}": _text(schema_of(contract)) for contract in said}


def stale(folder: Path, wanted: dict[str, str]) -> dict[str, str]:
    """Return what is wrong, by path: a file that is missing, differs, or that nothing generates any more."""
    found: dict[str, str] = {}
    for name, text in wanted.items():
        path = folder / name
        if not path.exists():
            found[name] = "missing"
        elif path.read_text(encoding="utf-8") != text:
            found[name] = "not current"
    there = {str(path.relative_to(folder)) for path in (folder / "schemas").glob("*.json")}
    return found | dict.fromkeys(sorted(there - wanted.keys()), "no contract's")


def write(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Bring the folder up to date; returns the paths that were written or removed."""
    changed = list(stale(folder, wanted))
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def _check(folder: Path, wanted: dict[str, str]) -> int:
    wrong = stale(folder, wanted)
    for name, why in wrong.items():
        sys.stderr.write(f"{folder / name}: {why}\n")
    if wrong:
        sys.stderr.write(f"{REMEDY}\n")
    return 1 if wrong else 0


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
