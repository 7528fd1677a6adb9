"""A pytest plugin for `make guards`: one JSON line a test's outcome in the file that GUARDS_REPORT names."""

import os
import sys
from pathlib import Path

import msgspec
import pytest

_LOCAL = ("contracts", "actors", "gateway", "gameplay", "payments", "sandbox", "devstack")


class Outcome(msgspec.Struct, frozen=True):
    """What became of a part of a test."""

    test: str
    when: str
    """setup, call or teardown."""
    outcome: str
    """passed, failed or skipped."""
    why: str = ""
    """The first line of what a failure says."""
    timed_out: bool = False
    seconds: float = 0


def _write(outcome: Outcome) -> None:
    with Path(os.environ["GUARDS_REPORT"]).open("ab") as out:
        out.write(msgspec.json.encode(outcome) + b"\n")


def read(report: Path) -> list[Outcome]:
    """Return what a run has told; nothing when it did not come so far."""
    lines = report.read_bytes().splitlines() if report.exists() else []
    return [msgspec.json.decode(line, type=Outcome) for line in lines]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell of a test's setup, call and teardown."""
    why, timed_out = "", False
    if report.failed:
        timed_out = "Timeout (>" in report.longreprtext
        crash = getattr(report.longrepr, "reprcrash", None)
        why = str(getattr(crash, "message", "")).partition("\n")[0]
    _write(Outcome(report.nodeid, report.when or "", report.outcome, why, timed_out, report.duration))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Refuse a run that imported another tree's code: it says nothing about this one's."""
    loaded = [(name, getattr(sys.modules.get(name), "__file__", None)) for name in _LOCAL]
    foreign = [file for _, file in loaded if file and not Path(file).is_relative_to(session.config.rootpath)]
    if foreign:
        print(f"imported from elsewhere: {', '.join(foreign)}")
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
