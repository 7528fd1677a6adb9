"""The gateway service: `python -m gateway run | migrate [--phase pre|post]`."""

import argparse
import sys
from importlib import resources
from pathlib import Path

from actors.migrate import PHASES, MigrationError, Phase, migrate
from actors.runtime import main as run_service
from gateway.settings import GatewaySettings, MigrateSettings

SCHEMA = "gateway"


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    given = _parser().parse_args(arguments)
    if given.command == "migrate":
        return _migrate(given.phase)
    from gateway.app import SPEC, build

    return run_service(SPEC, GatewaySettings(), build)  # pyright: ignore[reportCallIssue]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description="The door to Telegram.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the service until SIGTERM")
    migrating = commands.add_parser("migrate", help="bring the schema up to date")
    migrating.add_argument("--phase", choices=PHASES, help="only this phase; both when left out")
    return parser


def _migrate(phase: str | None) -> int:
    dsn = MigrateSettings().migrate_dsn.get_secret_value()  # pyright: ignore[reportCallIssue]
    own = Path(str(resources.files("gateway") / "migrations"))
    phases: list[Phase] = [one for one in PHASES if phase in (None, one)]
    try:
        applied = migrate(dsn, SCHEMA, own, phases)
    except MigrationError as error:
        print(error, file=sys.stderr)
        return 1
    for name in applied:
        print(f"applied {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
