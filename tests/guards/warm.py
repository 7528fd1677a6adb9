"""A Python that has imported what every test needs and forks for each run: most of a run would be its start.

It reads one JSON array a line, pytest's arguments and where to print, and writes the id of the process that runs them,
then its exit code. Nothing of the copy is imported before the fork: a file that a guard was taken out of is read anew.
"""

import importlib
import json
import os
import sys
from contextlib import suppress

_PACKAGES = (
    *("pytest", "hypothesis.stateful", "asyncpg", "nats.micro", "nkeys", "msgspec", "structlog", "psutil"),
    *("prometheus_client", "pydantic_settings", "aiohttp.web", "aiogram", "uvloop"),
)


def main() -> None:
    """Serve until standard input ends."""
    for name in _PACKAGES:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        arguments, log, report = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.environ["GUARDS_REPORT"] = report
            _run(arguments, log)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(arguments: list[str], log: str) -> None:
    """Be the run: never returns."""
    with open(log, "wb") as out, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    code = 3
    try:
        code = int(importlib.import_module("pytest").main(arguments))
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
