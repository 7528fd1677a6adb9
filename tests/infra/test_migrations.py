"""Migrations of one schema: in order, once, and with an error that names the file."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from actors.deploying import migrate as module
from actors.deploying.migrate import MigrationError, Phase, migrate
from devstack.databases import Database


def _write(folder: Path, phase: str, name: str, sql: str) -> None:
    (folder / phase).mkdir(exist_ok=True)
    (folder / phase / name).write_text(f"-- migrate:up\n{sql};\n\n-- migrate:down\n")


async def _migrate(database: Database, own: Path, *phases: Phase) -> list[str]:
    arguments = (phases,) if phases else ()
    return await asyncio.to_thread(migrate, database.owner_dsn(), database.schemas[0], own, *arguments)


async def test_each_file_runs_once_and_in_its_phase(database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "pre", "1001_shelf.sql", "CREATE TABLE shelf (height int)")
    _write(tmp_path, "post", "9001_shelf.sql", "ALTER TABLE shelf ADD COLUMN width int")
    assert await _migrate(database, tmp_path, "pre") == ["1001_shelf.sql"]
    assert await _migrate(database, tmp_path, "post") == ["9001_shelf.sql"]
    assert await _migrate(database, tmp_path) == []
    connection = await asyncpg.connect(database.dsn())
    await connection.execute("INSERT INTO shelf (height, width) VALUES (1, 2)")
    await connection.close()


async def test_several_at_once_apply_each_file_once(database: Database, tmp_path: Path) -> None:
    for number in range(5):
        _write(tmp_path, "pre", f"100{number}_box.sql", f"CREATE TABLE box_{number} (i int)")
    applied = await asyncio.gather(*(_migrate(database, tmp_path) for _ in range(3)))
    assert sorted(name for names in applied for name in names) == [f"100{number}_box.sql" for number in range(5)]


async def test_schemas_of_one_database_are_migrated_at_once(databases: Any) -> None:
    """The ground makes an index `concurrently`, and that waits for whoever waits for a lock."""
    database = await databases.fresh(("one", "two", "three"))
    for schema in database.schemas:
        connection = await asyncpg.connect(database.dsn(schema))
        assert await connection.fetchval("SELECT to_regclass('inbox_by_time') IS NOT NULL")
        await connection.close()
    await databases.drop(database)


async def test_a_failing_file_is_named_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "pre", "1001_fine.sql", "CREATE TABLE fine (i int)")
    _write(tmp_path, "pre", "1002_broken.sql", "CREATE TABLE half (i int); CREATE TABEL other (i int)")
    with pytest.raises(MigrationError, match=r"1002_broken\.sql of schema stage: .*syntax error"):
        await _migrate(database, tmp_path)
    connection = await asyncpg.connect(database.dsn())
    assert await connection.fetchval("SELECT to_regclass('fine') IS NOT NULL AND to_regclass('half') IS NULL")
    await connection.close()


async def test_two_files_of_one_version_are_refused(database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "pre", "1001_one.sql", "SELECT 1")
    _write(tmp_path, "post", "1001_other.sql", "SELECT 1")
    with pytest.raises(MigrationError, match=r"1001_one\.sql and 1001_other\.sql have one version"):
        await _migrate(database, tmp_path)


async def test_a_file_without_a_version_is_refused(database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "pre", "shelf.sql", "SELECT 1")
    with pytest.raises(MigrationError, match=r"shelf\.sql: a migration is called"):
        await _migrate(database, tmp_path)


async def test_an_unreachable_server_is_an_error_without_the_password(tmp_path: Path) -> None:
    _write(tmp_path, "pre", "1001_one.sql", "SELECT 1")
    dsn = f"postgresql://stage_owner:hidden@/nowhere?host={tmp_path}&port=5432"
    with pytest.raises(MigrationError, match="migrations of schema stage: ") as caught:
        await asyncio.to_thread(migrate, dsn, "stage", tmp_path)
    assert "hidden" not in str(caught.value)


async def _held(database: Database) -> "asyncpg.Connection[asyncpg.Record]":
    """A transaction that has read a table and is not over."""
    connection = await asyncpg.connect(database.dsn())
    await connection.execute("BEGIN; SELECT * FROM shelf")
    return connection


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(module, "LOCK_PAUSE_SECONDS", 0.05)


@pytest.mark.usefixtures("impatient")
async def test_who_waits_for_a_lock_lets_others_pass_and_tries_again(database: Database, tmp_path: Path) -> None:
    _write(tmp_path, "pre", "1001_shelf.sql", "CREATE TABLE shelf (height int)")
    await _migrate(database, tmp_path)
    reader, passer = await _held(database), await asyncpg.connect(database.dsn())
    _write(tmp_path, "pre", "1002_book.sql", "CREATE TABLE book (i int)")
    _write(tmp_path, "post", "9001_shelf.sql", "ALTER TABLE shelf ADD COLUMN width int")
    migrating = asyncio.create_task(_migrate(database, tmp_path))
    while not await passer.fetchval("SELECT exists (SELECT FROM pg_locks WHERE NOT granted AND mode LIKE 'Access%')"):
        assert not migrating.done()
        await asyncio.sleep(0.01)
    await passer.fetch("SELECT * FROM shelf", timeout=30)  # behind the migration, which gives way
    assert not migrating.done()
    await reader.close()
    assert await migrating == ["1002_book.sql", "9001_shelf.sql"]
    await passer.close()


@pytest.mark.usefixtures("impatient")
async def test_a_lock_that_is_never_free_is_an_error_that_says_so(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS_MAX", 1.0)
    _write(tmp_path, "pre", "1001_shelf.sql", "CREATE TABLE shelf (height int)")
    await _migrate(database, tmp_path)
    reader = await _held(database)
    _write(tmp_path, "post", "9001_shelf.sql", "ALTER TABLE shelf ADD COLUMN width int")
    with pytest.raises(MigrationError, match=r"9001_shelf\.sql of schema stage: .*lock.*pg_stat_activity"):
        await _migrate(database, tmp_path)
    await reader.close()
    assert await _migrate(database, tmp_path) == ["9001_shelf.sql"]


@pytest.mark.usefixtures("impatient")
async def test_an_index_that_is_made_beside_others_waits_for_them(database: Database, tmp_path: Path) -> None:
    """It keeps nobody waiting; broken off, it would be left behind invalid."""
    _write(tmp_path, "pre", "1001_shelf.sql", "CREATE TABLE shelf (height int)")
    await _migrate(database, tmp_path)
    reader = await _held(database)
    await reader.execute("INSERT INTO shelf VALUES (1)")
    up = "-- migrate:up transaction:false\ncreate index concurrently by_height on shelf (height);\n\n-- migrate:down\n"
    (tmp_path / "pre" / "1002_by_height.sql").write_text(up)
    _write(tmp_path, "pre", "1003_book.sql", "CREATE TABLE book (i int)")
    migrating = asyncio.create_task(_migrate(database, tmp_path))
    await asyncio.sleep(1.0)  # longer than the patience with locks
    assert not migrating.done()
    await reader.execute("COMMIT")
    assert await migrating == ["1002_by_height.sql", "1003_book.sql"]
    is_valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_height'::regclass"
    assert await reader.fetchval(is_valid)
    await reader.close()
