"""The command line every service has: `python -m <service> run | migrate | provision`, and its own commands."""

import argparse
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from pydantic import Field, SecretStr

from actors.deploying.migrate import PHASES, MigrationError, Phase, migrate
from actors.settings import EnvironmentSettings, SettingsError
from actors.spec import ServiceSpec

Command = Callable[[argparse.Namespace], int]
"""Does what was asked for; returns the exit code."""


class MigrateSettings(EnvironmentSettings):
    """What `migrate` reads from the environment."""

    migrate_dsn: SecretStr = Field(description="as the owner of the schema, whose search_path is the schema")


def _provision(spec: Callable[[], ServiceSpec], given: argparse.Namespace) -> int:
    from actors.deploying.provision_command import provision_service

    return provision_service(spec(), fewer_replicas=given.fewer_replicas)


class CommandLine:
    """A service's commands; `run`, `migrate` and `provision` are always among them."""

    def __init__(
        self,
        service: str,
        description: str,
        *,
        run: Callable[[], int],
        spec: Callable[[], ServiceSpec],
        fill: Callable[[str], str] | None = None,
    ) -> None:
        """`run` runs the service until SIGTERM; the schema and the migrations are found by the service's name.

        `spec` is asked for when the service is to be provisioned. `fill` brings along the rows that ship with it:
        called with the owner's address when the schema is ready, it returns a line to print.
        """
        self._service = service
        self._fill = fill
        self._parser = argparse.ArgumentParser(prog=f"python -m {service}", description=description)
        self._commands = self._parser.add_subparsers(required=True)
        self.add("run", lambda _: run(), "run the service until SIGTERM")
        migrating = self.add("migrate", self._migrate, "bring the schema up to date")
        migrating.add_argument("--phase", choices=PHASES, help="only this phase; both when left out")
        provisioning = self.add("provision", lambda given: _provision(spec, given), "make its streams and consumers")
        provisioning.add_argument("--fewer-replicas", action="store_true", help="streams may lose replicas they have")

    def add(self, name: str, command: Command, help_text: str) -> argparse.ArgumentParser:
        """Add a command; returns its parser, for the command's own arguments."""
        parser = self._commands.add_parser(name, help=help_text)
        parser.set_defaults(command=command)
        return parser

    def main(self, arguments: list[str] | None = None) -> int:
        """Do what the command line says; returns the exit code. Settings at fault are named on standard error: 1."""
        given = self._parser.parse_args(arguments)
        try:
            return given.command(given)
        except SettingsError as error:
            sys.stderr.write("".join(f"{self._service}: {line}\n" for line in str(error).splitlines()))
            return 1

    def _migrate(self, given: argparse.Namespace) -> int:
        dsn = MigrateSettings().migrate_dsn.get_secret_value()  # pyright: ignore[reportCallIssue]
        phases: list[Phase] = [one for one in PHASES if given.phase in (None, one)]
        try:
            applied = migrate(dsn, self._service, Path(str(resources.files(self._service) / "migrations")), phases)
        except MigrationError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        for name in applied:
            sys.stdout.write(f"applied {name}\n")
        if self._fill is not None and "pre" in phases:
            sys.stdout.write(f"{self._fill(dsn)}\n")
        return 0
