"""The payments service: `python -m payments run | migrate | provision`."""

import asyncio
import sys

import asyncpg

from actors.deploying.command_line import CommandLine
from actors.engine.runtime import main as run_service
from actors.spec import ServiceSpec
from payments.settings import PaymentsSettings
from payments.store import catalogue


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    return CommandLine("payments", "Money in, credited exactly once.", run=_run, spec=_spec, fill=_ship).main(arguments)


def _spec() -> ServiceSpec:
    from payments.app import SPEC

    return SPEC


def _run() -> int:
    from payments.app import SPEC, build

    return run_service(SPEC, PaymentsSettings(), build)  # pyright: ignore[reportCallIssue]


def _ship(dsn: str) -> str:
    return f"catalogue: {asyncio.run(_ship_catalogue(dsn))}"


async def _ship_catalogue(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return await catalogue.ship(connection)
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
