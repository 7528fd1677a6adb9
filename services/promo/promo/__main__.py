"""The promo service: `python -m promo run | migrate | provision | codes make | codes import`."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg

from actors.deploying.command_line import CommandLine
from actors.engine.runtime import main as run_service
from actors.spec import ServiceSpec
from contracts.promo import PepperError, Peppers
from promo.domain.code_making import LENGTH, BatchError, NewCode, checked, make
from promo.settings import CodeSettings, PromoSettings
from promo.store import batches
from promo.store.code_files import read_codes


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    line = CommandLine("promo", "Promo codes: each use counted once.", run=_run, spec=_spec)
    kinds = line.add("codes", _make, "make or import a batch of codes").add_subparsers(required=True)
    making = kinds.add_parser("make", help="make N codes")
    making.add_argument("count", type=int)
    making.add_argument("--prefix", default="", help="letters and digits that each code begins with")
    making.add_argument("--length", type=int, default=LENGTH, help="random characters of each code")
    importing = kinds.add_parser("import", help="import codes from a CSV file: columns code and, if wanted, player_id")
    importing.add_argument("file", type=Path)
    for parser, command in ((making, _make), (importing, _import)):
        parser.set_defaults(command=command)
        parser.add_argument("--campaign", required=True)
        parser.add_argument("--report", type=Path, help="CSV file to write; the only place where the codes will be")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
    return line.main(arguments)


def _spec() -> ServiceSpec:
    from promo.app import SPEC

    return SPEC


def _run() -> int:
    from promo.app import SPEC, build

    return run_service(SPEC, PromoSettings(), build)  # pyright: ignore[reportCallIssue]


def _make(given: argparse.Namespace) -> int:
    return _reported(lambda: _store(given, make(given.count, secrets.choice, prefix=given.prefix, length=given.length)))


def _import(given: argparse.Namespace) -> int:
    return _reported(lambda: _store(given, checked(read_codes(given.file))))


def _reported(act: Callable[[], str]) -> int:
    """Print what was done and return 0, or why nothing was and 1."""
    try:
        print(act())
    except (BatchError, PepperError) as error:
        print(f"nothing was stored: {error}", file=sys.stderr)
        return 1
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # Not its text, which may quote a row. What it was committing may be stored: then the report is there.
        print(
            f"Postgres ({type(error).__name__}): check POSTGRES_DSN and that it runs. Where there is a report, its "
            "batch may be stored: look for its batch_id in the table batches before you try again",
            file=sys.stderr,
        )
        return 1
    return 0


def _store(given: argparse.Namespace, codes: Sequence[NewCode]) -> str:
    settings = CodeSettings()  # pyright: ignore[reportCallIssue]
    peppers = Peppers.parse(settings.promo_secret_peppers.get_secret_value())
    return asyncio.run(_written(settings.postgres_dsn.get_secret_value(), given, codes, peppers))


async def _written(dsn: str, given: argparse.Namespace, codes: Sequence[NewCode], peppers: Peppers) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        if given.dry_run:
            await batches.try_out(connection, given.campaign, codes, peppers)
            return f"{len(codes)} codes would be stored for {given.campaign}; a dry run, nothing was written"
        if given.report is None:
            raise BatchError("--report: name the file to write; without it nobody would ever know the codes")
        batch = await batches.write(connection, given.campaign, codes, peppers, given.report, _say_progress)
        return f"{len(codes)} codes stored for {given.campaign}, batch {batch}; {given.report} has them"
    finally:
        await connection.close()


def _say_progress(done: int, of: int) -> None:
    print(f"{done} of {of} codes", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
