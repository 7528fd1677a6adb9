"""The batch tool's transaction: all codes of a batch are stored, or none (DOMAIN §7)."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import msgspec

from actors.queries import load
from actors.store import Connection
from contracts.promo import HINT_LENGTH, Peppers
from promo.domain.code_making import BatchError, NewCode

SQL: Final = load("promo.store", "batches.sql")
COLUMNS: Final = ("id", "fingerprint", "hint", "campaign", "batch_id", "player_id")
REPORT_COLUMNS: Final = ("promo_code_id", "code", "campaign", "batch_id", "player_id")
_CHUNK: Final = 5_000

Progress = Callable[[int, int], None]
"""Told how many codes are done, and of how many."""


class ReportError(BatchError):
    """The report cannot be written."""

    def __init__(self, report: Path, error: OSError) -> None:
        """Say which file, and why."""
        super().__init__(f"--report: {report}: {error.strerror}")


class MadeCode(msgspec.Struct, frozen=True):
    """A code with its id."""

    id: UUID
    code: NewCode


async def try_out(connection: Connection, campaign: str, codes: Sequence[NewCode], peppers: Peppers) -> None:
    """Raise BatchError where `write` would; nothing is written."""
    if not await connection.fetchval(SQL["campaign_exists"], campaign):
        raise BatchError("campaign: there is none of that name; make it with admin.promo.campaign.create")
    for start in range(0, len(codes), _CHUNK):
        chunk = codes[start : start + _CHUNK]
        prints = {bytes.fromhex(one): at for at, code in enumerate(chunk) for one in peppers.fingerprints(code.text)}
        stored = await connection.fetch(SQL["stored_codes"], list(prints))
        if stored:
            first = start + 1 + min(prints[row[0]] for row in stored)
            raise BatchError(f"{len(stored)} codes are stored already, the first is number {first} of this batch")


async def write(
    connection: Connection, campaign: str, codes: Sequence[NewCode], peppers: Peppers, report: Path, progress: Progress
) -> UUID:
    """Store a batch and write its report, the only place that has the codes; returns the batch's id.

    The report is on disk before the commit, so no stored code is without it. It goes again when nothing was stored for
    certain; from the commit on it stays, for a commit that failed or was interrupted may have happened.
    Raises BatchError (ReportError where its file is at fault: a report is never overwritten).
    """
    batch_id = uuid4()
    made = [MadeCode(uuid4(), code) for code in codes]
    _write_report(report, campaign, batch_id, made)
    transaction = connection.transaction()
    try:
        await transaction.start()
        await try_out(connection, campaign, codes, peppers)
        await connection.execute(SQL["insert_batch"], batch_id, campaign, len(made), datetime.now(UTC))
        for done, chunk in _chunks(made):
            rows = [_row_of(one, campaign, batch_id, peppers) for one in chunk]
            await connection.copy_records_to_table("codes", records=rows, columns=COLUMNS)
            progress(done, len(made))
    except BaseException as error:
        _remove(report)
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await transaction.rollback()
        if isinstance(error, asyncpg.UniqueViolationError):
            raise BatchError("another run stored one of these codes meanwhile; try again") from None
        raise
    await transaction.commit()
    return batch_id


def _chunks(made: Sequence[MadeCode]) -> Iterator[tuple[int, Sequence[MadeCode]]]:
    for start in range(0, len(made), _CHUNK):
        chunk = made[start : start + _CHUNK]
        yield start + len(chunk), chunk


def _row_of(made: MadeCode, campaign: str, batch_id: UUID, peppers: Peppers) -> tuple[object, ...]:
    text = made.code.text
    fingerprint = bytes.fromhex(peppers.fingerprint(text))
    return made.id, fingerprint, text[:HINT_LENGTH], campaign, batch_id, made.code.player_id


def _remove(report: Path) -> None:
    report.unlink()


def _write_report(report: Path, campaign: str, batch_id: UUID, made: Sequence[MadeCode]) -> None:
    """Write for the owner's eyes only; half a report is none. Raises ReportError."""
    try:
        handle = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ReportError(report, error) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(REPORT_COLUMNS)
            for one in made:
                player_id = "" if one.code.player_id is None else one.code.player_id
                rows.writerow((one.id, one.code.text, campaign, batch_id, player_id))
            file.flush()
            os.fsync(file.fileno())
        _keep_entry(report.parent)
    except BaseException as error:
        _remove(report)
        if isinstance(error, OSError):
            raise ReportError(report, error) from None
        raise


def _keep_entry(folder: Path) -> None:
    """Have a folder know its new file also after the power went."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
