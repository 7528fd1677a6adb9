"""The question bank as rows, and how it gets into memory."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Store, Writer
from contracts.berlin import ONE_DAY
from contracts.gameplay import Level, Mode
from gameplay.domain.bank import Question, QuestionBank, QuestionStatus, QuestionSwitch

SQL: Final = load("gameplay.store", "questions.sql")


class SwitchStore(Store[str, QuestionSwitch]):
    """Whether operators have a question asked or not; one that is not in the bank has no switch."""

    state = QuestionSwitch
    key_field = "question_id"

    async def load(self, connection: Connection, keys: Sequence[str]) -> dict[str, QuestionSwitch]:
        """Load and lock the switches of known questions."""
        return {row[0]: QuestionSwitch(row[0], row[1]) for row in await connection.fetch(SQL["load_switches"], keys)}

    async def save(self, connection: Writer, states: Sequence[QuestionSwitch]) -> None:
        """Write switches; the bank's version rises with them."""
        await connection.execute(SQL["save_switches"], *zip(*map(msgspec.structs.astuple, states), strict=True))


class Written(msgspec.Struct, frozen=True):
    """What writing questions came to, in numbers of questions."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def put_questions(connection: Connection, questions: Sequence[Question]) -> Written:
    """Add questions, or change those that are known by their id; never deletes, never undoes an operator's switch."""
    if not questions:
        return Written()
    rows = [
        (q.id, q.mode, q.level, q.category, q.text, msgspec.json.encode(q.options).decode(), q.answer, q.explanation,
         q.explanation_en, q.language, q.status)
        for q in questions
    ]  # fmt: skip
    touched = await connection.fetch(SQL["put_questions"], *zip(*rows, strict=True))
    added = sum(1 for row in touched if row[1])
    return Written(added, len(touched) - added, len(questions) - len(touched))


async def load_bank(connection: Connection, bank: QuestionBank, today: date) -> bool:
    """Bring the bank in memory up to date with its rows; returns whether it had to be loaded anew.

    Also writes down the daily sets of today and tomorrow before anybody plays them, and reads back what holds:
    whoever wrote first, all processes ask the same seven questions.
    """
    version = await connection.fetchval(SQL["bank_version"])
    is_anew = version != bank.version
    if is_anew:
        rows = await connection.fetch(SQL["all_questions"])
        bank.replace(map(_question_of, rows), version=version)
    await _load_daily_sets(connection, bank, today)
    return is_anew


async def _load_daily_sets(connection: Connection, bank: QuestionBank, today: date) -> None:
    days = (today - ONE_DAY, today, today + ONE_DAY)
    sets = {day: bank.compute_daily_set(day) for day in days[1:]}
    known = {row[0]: row[1] for row in await connection.fetch(SQL["daily_sets"], days)}
    missing = [(day, msgspec.json.encode(ids).decode()) for day, ids in sets.items() if ids and day not in known]
    if missing:
        await connection.execute(SQL["put_daily_sets"], *zip(*missing, strict=True))
        known = {row[0]: row[1] for row in await connection.fetch(SQL["daily_sets"], days)}
    bank.set_days(known)


def _question_of(row: Record) -> Question:
    identifier, mode, level, category, text, options, answer, explanation, explanation_en, language, status = row
    return Question(
        id=identifier,
        mode=Mode(mode),
        level=Level(level),
        category=category,
        text=text,
        options=tuple(options),
        answer=answer,
        explanation=explanation,
        explanation_en=explanation_en,
        language=language,
        status=QuestionStatus(status),
    )
