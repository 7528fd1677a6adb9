"""The gateway service: `python -m gateway run | migrate | provision [--phase pre|post]`."""

import sys

from actors.deploying.command_line import CommandLine
from actors.engine.runtime import main as run_service
from actors.spec import ServiceSpec
from gateway.settings import GatewaySettings


def _spec() -> ServiceSpec:
    from gateway.app import SPEC

    return SPEC


def _run() -> int:
    from gateway.app import SPEC, build

    return run_service(SPEC, GatewaySettings(), build)  # pyright: ignore[reportCallIssue]


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    return CommandLine("gateway", "The door to Telegram.", run=_run, spec=_spec).main(arguments)


if __name__ == "__main__":
    sys.exit(main())
