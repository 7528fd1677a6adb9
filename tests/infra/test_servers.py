"""The servers that tests and the local run stand on."""

import asyncio

import asyncpg
import pytest
from nats.aio.client import Client

from devstack.databases import Database
from devstack.testbed import NatsEngine, PostgresEngine
from devstack.testing import MakeDatabase


async def _run(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("blow", ["kill", "restart"])
async def test_postgres_keeps_what_was_committed(database: Database, postgres: PostgresEngine, blow: str) -> None:
    await _run(database.owner_dsn(), "CREATE TABLE kept AS SELECT 42 AS answer")
    await asyncio.to_thread(getattr(postgres, blow))
    await asyncio.to_thread(postgres.start)
    assert await _run(database.dsn(), "SELECT answer FROM kept") == 42


@pytest.mark.parametrize("blow", ["kill", "restart"])
async def test_nats_keeps_what_was_stored(nats_server: NatsEngine, nats_client: Client, blow: str) -> None:
    jetstream = nats_client.jetstream()
    await jetstream.add_stream(name="KEPT", subjects=["kept"])
    await jetstream.publish("kept", b"42")
    await asyncio.to_thread(getattr(nats_server, blow))
    await asyncio.to_thread(nats_server.start)
    assert (await jetstream.get_msg("KEPT", 1)).data == b"42"


async def test_databases_of_two_tests_share_nothing(make_database: MakeDatabase) -> None:
    one, other = await make_database(), await make_database()
    await _run(one.owner_dsn(), "CREATE TABLE mine (i int)")
    assert await _run(other.owner_dsn(), "SELECT to_regclass('mine')") is None


async def test_a_service_cannot_read_anothers_schema(make_database: MakeDatabase) -> None:
    database = await make_database("stage", "neighbour")
    await _run(database.owner_dsn("neighbour"), "CREATE TABLE secret AS SELECT 42 AS answer")
    assert await _run(database.dsn("neighbour"), "SELECT answer FROM secret") == 42
    for dsn in (database.dsn("stage"), database.owner_dsn("stage")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _run(dsn, "SELECT answer FROM neighbour.secret")


async def test_a_service_may_use_rows_and_change_no_tables(make_database: MakeDatabase) -> None:
    database = await make_database("stage")
    await _run(database.owner_dsn(), "CREATE TABLE counted (i int)")
    await _run(database.dsn(), "INSERT INTO counted VALUES (1)")
    for forbidden in (
        "DROP TABLE counted",
        "TRUNCATE counted",
        "CREATE TABLE more (i int)",
        "CREATE TABLE public.x ()",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _run(database.dsn(), forbidden)


async def test_a_stranger_cannot_enter_a_database(make_database: MakeDatabase) -> None:
    stranger, database = await make_database("stranger"), await make_database("stage")
    dsn = stranger.dsn().replace(f"/{stranger.name}?", f"/{database.name}?")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _run(dsn, "SELECT 1")
