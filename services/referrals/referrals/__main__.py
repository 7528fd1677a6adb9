"""The referrals service: `python -m referrals run | migrate | provision`."""

import sys

from actors.deploying.command_line import CommandLine
from actors.engine.runtime import main as run_service
from actors.spec import ServiceSpec
from referrals.settings import ReferralsSettings


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    line = CommandLine("referrals", "Who brought whom, and what it earns them.", run=_run, spec=_spec)
    return line.main(arguments)


def _spec() -> ServiceSpec:
    from referrals.app import SPEC

    return SPEC


def _run() -> int:
    from referrals.app import SPEC, build

    return run_service(SPEC, ReferralsSettings(), build)  # pyright: ignore[reportCallIssue]


if __name__ == "__main__":
    sys.exit(main())
