"""Migrations of one schema: in order, once, and with an error that names the file."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from actors.migrate import MigrationError, Phase, migrate
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
