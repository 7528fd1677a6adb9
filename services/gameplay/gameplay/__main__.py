"""The gameplay service: `python -m gameplay run | migrate | provision | import FILE | lint-bank`."""

import argparse
import asyncio
import sys
from importlib import resources
from pathlib import Path

import asyncpg

from actors.deploying.command_line import CommandLine
from actors.engine.runtime import main as run_service
from actors.settings import SettingsError
from actors.spec import ServiceSpec
from contracts.gameplay import Level, Mode
from gameplay.domain.bank import Question
from gameplay.settings import GameplaySettings, ImportSettings
from gameplay.store import bank_import, bank_lint
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.question_files import Defaults
from gameplay.store.questions import Written


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    line = CommandLine("gameplay", "The game.", run=_run, spec=_spec, fill=_ship_bank)
    importing = line.add("import", _import, "import questions: .jsonl, .csv, or Open Trivia DB .json")
    importing.add_argument("file", type=Path)
    importing.add_argument("--mode", default="", choices=[str(mode) for mode in Mode], help="for rows that name none")
    importing.add_argument(
        "--level", default="", choices=[str(level) for level in Level], help="for rows that name none"
    )
    importing.add_argument("--category", default="imported", help="for rows that name none")
    importing.add_argument("--language", default="", help="for rows that name none (de; en for Open Trivia DB)")
    importing.add_argument("--dry-run", action="store_true", help="say what an import would do, write nothing")
    linting = line.add("lint-bank", _lint, "check the question bank that ships")
    linting.add_argument("folder", type=Path, nargs="?", default=Path(str(resources.files("gameplay") / "bank")))
    return line.main(arguments)


def _spec() -> ServiceSpec:
    from gameplay.app import SPEC

    return SPEC


def _run() -> int:
    from gameplay.app import SPEC, build

    return run_service(SPEC, GameplaySettings(), build)  # pyright: ignore[reportCallIssue]


def _ship_bank(dsn: str) -> str:
    written = asyncio.run(_ship(dsn))
    return "question bank: as shipped" if written is None else f"question bank: {_in_words(written)}"


async def _ship(dsn: str) -> Written | None:
    connection = await asyncpg.connect(dsn)
    try:
        return await bank_import.ship(connection)
    finally:
        await connection.close()


def _import(given: argparse.Namespace) -> int:
    """Import what can be imported. Returns 0 when that was every row, 1 when some row or the file could not be read."""
    file: Path = given.file
    defaults = Defaults(mode=given.mode, level=given.level, category=given.category, language=given.language)
    try:
        questions, errors = bank_import.read_file(file, defaults)
    except UnreadableFileError as error:
        print(f"{file}: {_printable(str(error))}", file=sys.stderr)
        return 1
    for error in errors:
        print(f"{file}:{error.line}: {_printable(error.reason)}", file=sys.stderr)
    print(_outcome(questions, len(errors), is_dry=given.dry_run))
    return 1 if errors else 0


def _printable(reason: str) -> str:
    """Return a reason that may quote the file: what would steer a terminal is written out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in reason)


def _outcome(questions: list[Question], bad: int, *, is_dry: bool) -> str:
    rows = f"{len(questions) + bad} rows:"
    try:
        dsn = ImportSettings().postgres_dsn.get_secret_value()  # pyright: ignore[reportCallIssue]
    except SettingsError:
        if not is_dry:
            raise
        return f"{rows} {len(questions)} good, {bad} bad; nothing was written, nor compared: POSTGRES_DSN is not set"
    written = asyncio.run(_write(dsn, questions, is_dry=is_dry))
    end = "; a dry run, nothing was written" if is_dry else ""
    return f"{rows} {_in_words(written)}, {bad} bad{end}"


async def _write(dsn: str, questions: list[Question], *, is_dry: bool) -> Written:
    connection = await asyncpg.connect(dsn)
    try:
        if is_dry:
            return await bank_import.try_out(connection, questions)
        return await bank_import.write(connection, questions, _say_progress)
    finally:
        await connection.close()


def _say_progress(done: int, of: int) -> None:
    print(f"{done} of {of} questions", file=sys.stderr)


def _in_words(written: Written) -> str:
    return f"{written.added} added, {written.changed} changed, {written.unchanged} unchanged"


def _lint(given: argparse.Namespace) -> int:
    reasons = list(bank_lint.lint(given.folder))
    for reason in reasons:
        print(reason)
    print(f"{len(reasons)} faults" if reasons else "the bank is in order", file=sys.stderr)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
