"""Asks `promtool`, which `make promtool` brings along where Debian's packages are."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from observability import generate

_BROUGHT = Path(__file__).parents[2] / ".venv" / "debian" / "usr" / "bin" / "promtool"


def path() -> str:
    """Return where it is; skips the test where there is none, but not where CI relies on it."""
    found = shutil.which("promtool") or (str(_BROUGHT) if _BROUGHT.exists() else "")
    if not found and os.environ.get("CI"):
        pytest.fail("no promtool: `make promtool` brings it along from Debian's packages")
    return found or pytest.skip("no promtool here: `make promtool` brings it along from Debian's packages")


def ask(*arguments: str) -> tuple[int, str]:
    """Return the exit code and what was said."""
    done = subprocess.run([path(), *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


class Play(msgspec.Struct, frozen=True):
    """Series, and which alerts fire when."""

    series: Mapping[str, str]
    """Values in promtool's notation, one per interval."""
    interval: str
    wanted: Sequence[tuple[str, str, int]]
    """The time, labels that select alerts, and how many of those fire."""

    def test(self) -> dict[str, Any]:
        """Return it as promtool reads it."""
        return {
            "interval": self.interval,
            "input_series": [{"series": name, "values": values} for name, values in self.series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertstate="firing",{labels}}}) or vector(0)',
                    "eval_time": at,
                    "exp_samples": [{"labels": "{}", "value": count}],
                }
                for at, labels, count in self.wanted
            ],
        }


def check(folder: Path, plays: Sequence[Play], *, slo: str | None = None) -> None:
    """Assert what fires, by one objective's rules, or by those that are no objective's: all would take minutes."""
    rules = folder / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "some", "rules": list(_rules(slo))}]}))
    found: list[str] = []
    for interval in sorted({play.interval for play in plays}):
        file = folder / f"test-{interval}.yaml"
        tests = [play.test() for play in plays if play.interval == interval]
        file.write_text(yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": interval, "tests": tests}))
        code, said = ask("test", "rules", str(file))
        found += [said] if code else []
    assert not found, "\n".join(found)


def _rules(slo: str | None) -> Iterator[dict[str, Any]]:
    for group in generate.rules()["groups"]:
        yield from (rule for rule in group["rules"] if rule["labels"].get("slo") == slo)
