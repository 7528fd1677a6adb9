"""The search for clear codes finds one wherever it is put: one that looks nowhere would find nothing either."""

from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from nats.aio.client import Client
from nats.js.api import StreamConfig

from devstack.databases import Database
from devstack.leaks import found_in, in_files, in_metrics, in_streams, in_tables

CODE = "SOMMERWIND"
WRITTEN = ("SOMMERWIND", "sommerwind", "som-mer wind")

pytestmark = pytest.mark.services("promo")


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(
    "column",
    ["text", "bytea", "jsonb", "text[]", "bytea[]"],
)
async def test_it_is_found_in_every_kind_of_column(database: Database, column: str, written: str) -> None:
    values = {
        "text": written,
        "bytea": written.encode(),
        "jsonb": f'{{"code": "{written}"}}',
        "text[]": ["x", written],
        "bytea[]": [b"x", written.encode()],
    }
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        await connection.execute(f'create schema "else"; create table "else"."odd name" (id int, "a column" {column})')
        assert found_in(await in_tables(connection), [CODE]) == []
        await connection.execute('insert into "else"."odd name" values (1, $1)', values[column])
        assert found_in(await in_tables(connection), [CODE]) == ['table "else"."odd name"']
    finally:
        await connection.close()


@pytest.mark.parametrize("where", ["subject", "header", "body"])
async def test_it_is_found_in_every_part_of_a_message(nats_client: Client, where: str) -> None:
    js = nats_client.jetstream()
    await js.add_stream(StreamConfig(name="ODD", subjects=["odd.>"]))
    for number in range(120):
        await js.publish(f"odd.{number}", b"nothing")
    assert found_in(await in_streams(nats_client), [CODE]) == []
    await js.publish(
        f"odd.{CODE.lower() if where == 'subject' else 'x'}",
        CODE.encode() if where == "body" else b"",
        headers={"ce-origin": CODE} if where == "header" else None,
    )
    assert found_in(await in_streams(nats_client), [CODE]) == ["stream ODD"]


async def test_it_is_found_in_a_bucket(nats_client: Client) -> None:
    bucket = await nats_client.jetstream().create_key_value(bucket="odd")
    await bucket.put("one", CODE.encode())
    assert found_in(await in_streams(nats_client), [CODE]) == ["stream KV_odd"]


@pytest.mark.parametrize("written", WRITTEN)
async def test_it_is_found_in_logs_and_metrics(tmp_path: Path, written: str) -> None:
    (tmp_path / "gateway.log").write_text(f'{{"event": "update_failed", "text": "{written}"}}\n')
    (tmp_path / "promo.log").write_text("{}\n")

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=f'codes_total{{code="{written}"}} 1\n')

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        places = in_files(tmp_path) | await in_metrics({"promo": f"http://127.0.0.1:{runner.addresses[0][1]}"})
    finally:
        await runner.cleanup()
    assert found_in(places, [CODE]) == ["file gateway.log", "metrics of promo"]
