"""The catalogue of `make guards` fits the tree: what it takes away stands there once, and whom it asks exists."""

import ast
from functools import cache
from pathlib import Path

import pytest
from guards import judging
from guards.catalogue import CatalogueError, Guard, catalogue, fits
from guards.judging import Verdict
from guards.record import Outcome
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


def test_what_does_not_stand_once_is_no_guard() -> None:
    guard = Guard(name="n", why="w", file="f", remove="lock", instead="look", tests=("t",))
    assert guard.removed_from("a lock") == "a look"
    for text in ("", "a lock and a lock"):
        with pytest.raises(CatalogueError, match="quote text that stands once"):
            guard.removed_from(text)


@pytest.mark.parametrize(
    ("code", "outcomes", "verdict"),
    [
        (0, [Outcome("t", "call", "passed")], Verdict.SURVIVED),
        (1, [Outcome("t", "call", "failed")], Verdict.KILLED),
        (None, [], Verdict.KILLED),
        (1, [Outcome("t", "setup", "failed")], Verdict.BROKEN),
        (1, [Outcome("t", "setup", "failed", timed_out=True)], Verdict.KILLED),
        (2, [], Verdict.BROKEN),
        (4, [Outcome("t", "call", "failed")], Verdict.BROKEN),
    ],
)
def test_only_a_test_that_ran_and_failed_kills(code: int | None, outcomes: list[Outcome], verdict: Verdict) -> None:
    assert judging._verdict(code, outcomes, Path("log"))[0] is verdict


def test_a_test_that_fails_with_the_guard_too_says_nothing() -> None:
    guard = Guard(name="n", why="w", file="f", remove="r", tests=("f.py::t",))
    passed, failed = Outcome("f.py::t[1]", "call", "passed"), Outcome("f.py::t[2]", "call", "failed")
    assert judging.fails_unchanged(guard, [passed]) == ""
    assert "fails with the guard too" in judging.fails_unchanged(guard, [passed, failed])
    assert "does not run" in judging.fails_unchanged(guard, [Outcome("f.py::t", "setup", "skipped")])


def test_there_are_enough_of_every_part() -> None:
    assert len(_GUARDS) >= 60
    assert [part for part in _PARTS if not any(guard.file.startswith(part) for guard in _GUARDS)] == []
