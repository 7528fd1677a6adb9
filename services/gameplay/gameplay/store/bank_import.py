"""Bringing questions from files into the bank: the importer, and the bank that ships with the service."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

from actors.store import Connection
from gameplay.domain.bank import Question
from gameplay.store.question_files import Defaults, read, shipped_files, shipped_questions
from gameplay.store.questions import SQL, Written, put_questions
from gameplay.store.written_rows import RowError

BATCH: Final = 500

Progress = Callable[[int, int], None]
"""Called with (questions written, questions to write)."""


def read_file(path: Path, defaults: Defaults) -> tuple[list[Question], list[RowError]]:
    """Return a file's questions and the errors of the rows that are none; together they are all its rows.

    Raises UnreadableFileError when the file as a whole makes no sense.
    """
    questions: list[Question] = []
    errors: list[RowError] = []
    for row in read(path, defaults):
        if isinstance(row, RowError):
            errors.append(row)
        else:
            questions.append(row[1])
    return questions, errors


async def write(connection: Connection, questions: Sequence[Question], progress: Progress) -> Written:
    """Write questions in batches, each in a transaction of its own: an import that broke off is just run again."""
    total = Written()
    for start in range(0, len(questions), BATCH):
        batch = questions[start : start + BATCH]
        async with connection.transaction():
            written = await put_questions(connection, batch)
        total = Written(
            total.added + written.added, total.changed + written.changed, total.unchanged + written.unchanged
        )
        progress(min(start + BATCH, len(questions)), len(questions))
    return total


async def try_out(connection: Connection, questions: Sequence[Question]) -> Written:
    """Return what writing questions would come to, by writing them and taking it all back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        return await put_questions(connection, questions)
    finally:
        await transaction.rollback()


async def ship(connection: Connection) -> Written | None:
    """Bring the bank that ships with this build into its table; None when it is there already.

    Several may do this at once: the version's row is locked first.
    """
    mark = blake2b(b"\n".join(file.read_bytes() for file in shipped_files()), digest_size=16).hexdigest()
    async with connection.transaction():
        if await connection.fetchval(SQL["lock_shipped_mark"]) == mark:
            return None
        written = await put_questions(connection, shipped_questions())
        await connection.execute(SQL["keep_shipped_mark"], mark)
    return written
