"""The gameplay service: `python -m gameplay run | migrate | import FILE | lint-bank`."""

import argparse
import asyncio
import sys
from importlib import resources
from pathlib import Path

import asyncpg

from actors.migrate import PHASES, MigrationError, Phase, migrate
from actors.runtime import main as run_service
from contracts.gameplay import Level, Mode
from gameplay.domain.bank import Question
from gameplay.settings import GameplaySettings, ImportSettings, MigrateSettings
from gameplay.store import bank_import, bank_lint
from gameplay.store.question_files import Defaults, UnreadableFileError
from gameplay.store.questions import Written

SCHEMA = "gameplay"


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    given = _parser().parse_args(arguments)
    match given.command:
        case "run":
            from gameplay.app import SPEC, build

            return run_service(SPEC, GameplaySettings(), build)  # pyright: ignore[reportCallIssue]
        case "migrate":
            return _migrate(given.phase)
        case "import":
            defaults = Defaults(mode=given.mode, level=given.level, category=given.category, language=given.language)
            return _import(given.file, defaults, dry_run=given.dry_run)
        case _:
            return _lint(given.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gameplay", description="The game.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the service until SIGTERM")
    migrating = commands.add_parser("migrate", help="bring the schema and the shipped question bank up to date")
    migrating.add_argument("--phase", choices=PHASES, help="only this phase; both when left out")
    importing = commands.add_parser("import", help="import questions: .jsonl, .csv, or Open Trivia DB .json")
    importing.add_argument("file", type=Path)
    importing.add_argument("--mode", default="", choices=[str(mode) for mode in Mode], help="for rows that name none")
    importing.add_argument(
        "--level", default="", choices=[str(level) for level in Level], help="for rows that name none"
    )
    importing.add_argument("--category", default="imported", help="for rows that name none")
    importing.add_argument("--language", default="", help="for rows that name none (de; en for Open Trivia DB)")
    importing.add_argument("--dry-run", action="store_true", help="check every row, write nothing")
    linting = commands.add_parser("lint-bank", help="check the question bank that ships")
    linting.add_argument("folder", type=Path, nargs="?", default=Path(str(resources.files("gameplay") / "bank")))
    return parser


def _migrate(phase: str | None) -> int:
    dsn = MigrateSettings().migrate_dsn.get_secret_value()  # pyright: ignore[reportCallIssue]
    own = Path(str(resources.files("gameplay") / "migrations"))
    phases: list[Phase] = [one for one in PHASES if phase in (None, one)]
    try:
        applied = migrate(dsn, SCHEMA, own, phases)
    except MigrationError as error:
        print(error, file=sys.stderr)
        return 1
    for name in applied:
        print(f"applied {name}")
    if "pre" in phases:
        written = asyncio.run(_ship(dsn))
        print("question bank: as shipped" if written is None else f"question bank: {_in_words(written)}")
    return 0


async def _ship(dsn: str) -> Written | None:
    connection = await asyncpg.connect(dsn)
    try:
        return await bank_import.ship(connection)
    finally:
        await connection.close()


def _import(file: Path, defaults: Defaults, *, dry_run: bool) -> int:
    """Import what can be imported. Returns 0 when that was every row, 1 when some row or the file could not be read."""
    try:
        questions, errors = bank_import.read_file(file, defaults)
    except (UnreadableFileError, OSError) as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    for error in errors:
        print(f"{file}:{error.line}: {error.reason}", file=sys.stderr)
    if dry_run:
        print(f"{len(questions)} good, {len(errors)} bad; nothing was written")
    else:
        written = asyncio.run(_write(questions))
        print(f"{_in_words(written)}, {len(errors)} bad")
    return 1 if errors else 0


async def _write(questions: list[Question]) -> Written:
    dsn = ImportSettings().postgres_dsn.get_secret_value()  # pyright: ignore[reportCallIssue]
    connection = await asyncpg.connect(dsn)
    try:
        return await bank_import.write(connection, questions, _say_progress)
    finally:
        await connection.close()


def _say_progress(done: int, of: int) -> None:
    print(f"{done} of {of} questions", file=sys.stderr)


def _in_words(written: Written) -> str:
    return f"{written.added} added, {written.changed} changed, {written.unchanged} unchanged"


def _lint(folder: Path) -> int:
    reasons = list(bank_lint.lint(folder))
    for reason in reasons:
        print(reason)
    print(f"{len(reasons)} faults" if reasons else "the bank is in order", file=sys.stderr)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
