"""How the bank gets from files into the database and into memory (DOMAIN §3)."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest
from overlap import at_once

from contracts.gameplay import Mode
from devstack.databases import Database
from gameplay.domain.bank import QuestionBank, QuestionStatus, QuestionSwitch
from gameplay.store import bank_import
from gameplay.store.question_files import shipped_questions
from gameplay.store.questions import SQL, SwitchStore, Written, load_bank, put_questions

TODAY = date(2026, 3, 4)

GOOD = {
    "id": "qm-a1-001",
    "mode": "QUICK_MIX_A1A2",
    "level": "A1",
    "category": "food",
    "text": "Was trinkt man zum Frühstück?",
    "options": ["Kaffee", "Teller", "Löffel", "Stuhl"],
    "answer": "Kaffee",
    "explanation": "Kaffee ist ein Getränk.",
    "explanation_en": "Kaffee (coffee) is a drink.",
    "language": "de",
    "status": "ACTIVE",
}


def write_lines(folder: Path, name: str, *rows: object) -> Path:
    file = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
async def connection(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    made = await asyncpg.connect(database.dsn("gameplay"))
    yield made
    await made.close()


@pytest.mark.services("gameplay")
async def test_importing_twice_changes_nothing_and_never_undoes_a_switch(connection: asyncpg.Connection):
    questions = shipped_questions()[:20]
    told: list[tuple[int, int]] = []
    first = await bank_import.write(connection, questions, lambda done, of: told.append((done, of)))
    assert (first, told) == (Written(added=20), [(20, 20)])
    await SwitchStore().save(connection, [QuestionSwitch(questions[0].id, enabled=False)])
    changed = msgspec.structs.replace(questions[1], text="Ein neuer Text?")
    assert await put_questions(connection, [questions[0], changed, *questions[2:]]) == Written(changed=1, unchanged=19)
    bank = QuestionBank()
    await load_bank(connection, bank, TODAY)
    assert bank.question(questions[0].id).status is QuestionStatus.DISABLED
    assert bank.question(questions[1].id) == changed
    assert bank.question(questions[2].id) == questions[2]


@pytest.mark.services("gameplay")
async def test_the_shipped_bank_arrives_once(connection: asyncpg.Connection):
    written = await bank_import.ship(connection)
    assert written == Written(added=len(shipped_questions()))
    assert await bank_import.ship(connection) is None
    bank = QuestionBank()
    assert await load_bank(connection, bank, TODAY)
    assert not await load_bank(connection, bank, TODAY)
    assert len(bank) == len(shipped_questions())


@pytest.mark.services("gameplay")
async def test_two_processes_that_start_at_once_bring_the_bank_along_once(pool: "asyncpg.Pool[asyncpg.Record]"):
    async def begin() -> Written | None:
        async with pool.acquire() as connection:
            return await bank_import.ship(connection)

    written = await at_once(pool, "select from bank_version for update", begin, begin)
    assert sorted(one is None for one in written) == [False, True]


@pytest.mark.services("gameplay")
async def test_a_switch_reaches_a_running_process_and_todays_set_stays(connection: asyncpg.Connection):
    await bank_import.ship(connection)
    bank = QuestionBank()
    await load_bank(connection, bank, TODAY)
    todays, tomorrows = bank.daily_set(TODAY), bank.daily_set(TODAY + timedelta(days=1))
    await SwitchStore().save(connection, [QuestionSwitch(todays[0], enabled=False)])
    assert (await SwitchStore().load(connection, [todays[0], "nobody"])) == {
        todays[0]: QuestionSwitch(todays[0], enabled=False)
    }
    assert await load_bank(connection, bank, TODAY)
    assert todays[0] not in bank.pool(Mode.DAILY_CHALLENGE).ids
    assert bank.daily_set(TODAY) == todays
    assert bank.daily_set(TODAY + timedelta(days=1)) == tomorrows
    late = QuestionBank()
    await load_bank(connection, late, TODAY + timedelta(days=1))
    assert late.daily_set(TODAY + timedelta(days=1)) == tomorrows


@pytest.mark.services("gameplay")
async def test_a_daily_set_that_another_process_wrote_first_holds(connection: asyncpg.Connection):
    for ids in (["first"], ["second"]):
        await connection.execute(SQL["put_daily_sets"], [TODAY], [json.dumps(ids)])
    assert await connection.fetchval("select question_ids from daily_sets where day = $1", TODAY) == ["first"]


async def run(command: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.services("gameplay")
async def test_the_command_line_imports_the_good_rows_and_tells_the_bad_ones(
    database: Database, connection: asyncpg.Connection, tmp_path: Path
):
    file = write_lines(tmp_path, "more.jsonl", GOOD, GOOD | {"id": "bad", "answer": "?"})
    command = [sys.executable, "-m", "gameplay", "import", str(file)]
    environment = os.environ | {"POSTGRES_DSN": database.dsn("gameplay")}
    dry = await run([*command, "--dry-run"], environment)
    told = "2 rows: 1 added, 0 changed, 0 unchanged, 1 bad"
    assert (dry.returncode, dry.stdout) == (1, f"{told}; a dry run, nothing was written\n")
    assert await connection.fetchval("select count(*) from questions") == 0
    done = await run(command, environment)
    assert (done.returncode, done.stdout) == (1, f"{told}\n")
    assert f"{file}:2: answer: '?' is none of the options" in done.stderr
    assert "1 of 1 questions" in done.stderr
    again = await run(command, environment)
    assert again.stdout == "2 rows: 0 added, 0 changed, 1 unchanged, 1 bad\n"
    assert (await run([*command, "--dry-run"], environment)).stdout.startswith(again.stdout.strip())


@pytest.mark.services("gameplay")
async def test_migrate_brings_the_bank_along(database: Database, connection: asyncpg.Connection):
    environment = os.environ | {"MIGRATE_DSN": database.owner_dsn("gameplay")}
    command = [sys.executable, "-m", "gameplay", "migrate"]
    done = await run(command, environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert await connection.fetchval("select count(*) from questions") == len(shipped_questions())
    again = await run(command, environment)
    assert again.stdout == "question bank: as shipped\n"
