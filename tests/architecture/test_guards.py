"""The catalogue of `make guards` fits the tree: what it takes away stands there once, and whom it asks exists."""

import ast
from functools import cache
from pathlib import Path

import pytest
from guards.catalogue import Guard, catalogue, fits
from sources import ROOT

_GUARDS = catalogue()
_PARTS = ("libs/actors/", "services/payments/", "services/gameplay/", "services/gateway/")


@cache
def _tests_of(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("guard", _GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_in_its_file_and_its_tests_exist(guard: Guard) -> None:
    assert fits(guard, ROOT) != (ROOT / guard.file).read_text()
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert name.partition("[")[0] in _tests_of(ROOT / file), test


def test_there_are_enough_of_every_part() -> None:
    assert len(_GUARDS) >= 60
    assert [part for part in _PARTS if not any(guard.file.startswith(part) for guard in _GUARDS)] == []
