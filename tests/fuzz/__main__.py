"""`python -m fuzz`: each target under atheris for so many seconds; the last line is one JSON object."""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TARGETS = ("narrow", "importer", "presenter")
FOUND = Path(__file__).parent / "found"
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_COVERED = re.compile(r"\bcov: (\d+)")
_GRACE_SECONDS = 120
_SHOWN = 4_000
MISSING = (
    "Fuzzing needs atheris, which is not installed here. `make fuzz` installs it where its wheel fits (Linux on x86-64,"
    " CPython 3.11 to 3.13); elsewhere run it in such an environment. The tests replay what was found without it."
)


def fuzz(target: str, seconds: int) -> dict[str, Any]:
    """Run one target in a process of its own; what it finds is written to `found/<target>/`."""
    found = FOUND / target
    found.mkdir(parents=True, exist_ok=True)
    before = set(found.iterdir())
    with tempfile.TemporaryDirectory(prefix="starquiz-corpus-") as corpus:
        command = [sys.executable, "-m", "fuzz.one", target, "--seconds", str(seconds), "--corpus", corpus]
        ran = subprocess.run(
            [*command, "--found", str(found)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds + _GRACE_SECONDS,
            check=False,
        )
    said = ran.stdout.decode(errors="replace")
    new = sorted(path.name for path in set(found.iterdir()) - before)
    if ran.returncode or new:
        print(said[-_SHOWN:])
    runs, covered = _RUNS.search(said), _COVERED.findall(said)
    if not any(found.iterdir()):
        found.rmdir()
    return {
        "seconds": seconds,
        "runs": int(runs[1]) if runs else 0,
        "coverage": int(covered[-1]) if covered else 0,
        "found": new,
        "exit_code": ran.returncode,
    }


def main() -> int:
    """Fuzz all targets, or one; exit code 1 when something was found, 2 where atheris is not to be had."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--only", choices=TARGETS)
    given = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print(MISSING, file=sys.stderr)
        print(json.dumps({"targets": {}, "missing": "atheris"}))
        return 2
    outcome: dict[str, Any] = {}
    for target in (given.only,) if given.only else TARGETS:
        print(f"{target}: {given.seconds} s", flush=True)
        outcome[target] = fuzz(target, given.seconds)
    print(json.dumps({"targets": outcome}))
    return 1 if any(one["exit_code"] or one["found"] for one in outcome.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
