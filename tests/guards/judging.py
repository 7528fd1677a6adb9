"""Whether tests miss a guard that is taken away in a copy of the tree."""

import time
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from guards import record
from guards.catalogue import Guard, fits
from guards.copies import Copy
from guards.record import Outcome

_PYTEST = [
    *("-p", "no:cacheprovider", "-p", "guards.record", "-q", "--no-header", "--tb=short"),
    # The same examples each time: a guard that only luck kills is one that a luckier run lets survive.
    "--hypothesis-seed=1",
]
_UNDEFINED = ["ruff", "check", "--isolated", "--quiet", "--output-format=concise", "--select=E9,F821,F822,F823"]
_ENDING_SECONDS = 120
"""What starting Python and stopping servers may take besides the tests."""
_PATIENCE = 10
"""Without its guard a test may take so many times as long as with it, and its guard's `seconds` at least."""
_UNCHANGED_SECONDS = 1_200
_EXIT_FAILED = 1


class Verdict(StrEnum):
    """What came of a guard's removal."""

    KILLED = "killed"
    """A test failed."""
    SURVIVED = "survived"
    """All tests passed: nothing watches the guard."""
    BROKEN = "broken"
    """The removal says nothing: the tests fail with the guard too, or the file without it cannot run at all."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report."""

    guard: Guard
    verdict: Verdict
    note: str = ""
    """What failed, or why the removal says nothing."""
    seconds: float = 0


class Bench:
    """One copy of the tree and its logs; it does one thing at a time."""

    def __init__(self, copy: Copy, logs: Path) -> None:
        """`logs` is a folder for what the runs print."""
        self._copy = copy
        self._logs = logs
        self._runs = 0

    def passing(self, tests: Sequence[str]) -> tuple[list[Outcome], Path]:
        """Run tests on the unchanged copy; return what became of them, and the run's log."""
        report, log = self._place()
        if tests:
            self._copy.test([*_PYTEST, *tests], log, _UNCHANGED_SECONDS, report)
        return record.read(report), log

    def close(self) -> None:
        """End what was started."""
        self._copy.close()

    def judge(self, guard: Guard, unchanged_seconds: float) -> Judgement:
        """Take the guard away, run its tests, and put it back; with it they took `unchanged_seconds`, all in all."""
        began = time.monotonic()
        unchanged = (self._copy.root / guard.file).read_text()
        self._copy.put(guard.file, fits(guard, self._copy.root))
        try:
            verdict, note = self._judge(guard, max(guard.seconds, _PATIENCE * unchanged_seconds))
        finally:
            self._copy.put(guard.file, unchanged)
        return Judgement(guard=guard, verdict=verdict, note=note, seconds=time.monotonic() - began)

    def _judge(self, guard: Guard, seconds_max: float) -> tuple[Verdict, str]:
        if fault := self._cannot_run(guard.file):
            return Verdict.BROKEN, fault
        report, log = self._place()
        arguments = [*_PYTEST, "-x", f"--timeout={seconds_max:.0f}", *guard.tests]
        code = self._copy.test(arguments, log, seconds_max + _ENDING_SECONDS, report)
        return _verdict(code, record.read(report), log)

    def _cannot_run(self, file: str) -> str:
        """Return why a file is no program any more: then its failure tells nothing about the guard."""
        if not file.endswith(".py"):
            return ""
        code, said = self._copy.run([*_UNDEFINED, file])
        return said if code else ""

    def _place(self) -> tuple[Path, Path]:
        self._runs += 1
        return self._logs / f"{self._runs}.report", self._logs / f"{self._runs}.log"


def fails_unchanged(guard: Guard, outcomes: Sequence[Outcome]) -> str:
    """Return which of a guard's tests does not pass with the guard; empty when all do."""
    for test in guard.tests:
        own = _of(test, outcomes)
        failed = [one for one in own if one.outcome == "failed"]
        if failed or not any(one.when == "call" and one.outcome == "passed" for one in own):
            return f"{test} {'fails' if failed else 'does not run'} with the guard too"
    return ""


def seconds_of(guard: Guard, outcomes: Sequence[Outcome]) -> float:
    """Return how long a guard's tests took with the guard."""
    return sum(one.seconds for test in guard.tests for one in _of(test, outcomes))


def _of(test: str, outcomes: Iterable[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.test == test or one.test.startswith((f"{test}[", f"{test}::"))]


def _verdict(code: int | None, outcomes: Sequence[Outcome], log: Path) -> tuple[Verdict, str]:
    if code is None:
        return Verdict.KILLED, "timed out"
    if code == 0:
        return Verdict.SURVIVED, ""
    failed = [one for one in outcomes if one.outcome == "failed"]
    if code != _EXIT_FAILED or not failed:
        return Verdict.BROKEN, f"pytest ended with {code}, see {log}"
    if failed[0].when == "setup" and not failed[0].timed_out:
        return Verdict.BROKEN, f"{_short(failed[0])} did not begin, see {log}"
    return Verdict.KILLED, f"{_short(failed[0])}: {'timed out' if failed[0].timed_out else failed[0].why[:80]}"


def _short(outcome: Outcome) -> str:
    return outcome.test.partition("::")[2]
