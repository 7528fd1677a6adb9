"""The alerts service: `python -m alerts run | migrate | provision`."""

import sys

from actors.deploying.command_line import CommandLine
from actors.engine.runtime import main as run_service
from alerts.app import SPEC, build
from alerts.settings import AlertsSettings


def main() -> int:
    """Do what the command line says; returns the exit code."""
    line = CommandLine("alerts", "Tells people when something needs them.", run=_run, spec=lambda: SPEC)
    return line.main()


def _run() -> int:
    return run_service(SPEC, AlertsSettings(), build)  # pyright: ignore[reportCallIssue]


if __name__ == "__main__":
    sys.exit(main())
