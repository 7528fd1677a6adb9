"""Looks everywhere for what must be nowhere: clear codes and peppers (DOMAIN §7, decision 34).

All tables of all schemas, all messages of all streams with their headers (a key-value bucket is a stream), all logs,
what every process measures. Not the raw files of Postgres and NATS: what a player typed lies in the stream of updates
until it is handled, so that is waited for, and stays on NATS' disk until that is compacted.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg
import nats.js.errors
from nats.aio.client import Client

from devstack.stack import DEPLOYER, Stack

Places = dict[str, str]
"""Name of a place → all the text in it."""

_UPDATES: Final = "GATEWAY_UPDATES"
_HANDLED_SECONDS_MAX: Final = 15
_AT_ONCE: Final = 50
_GAPS: Final = re.compile(r"[\s\-]")
_COLUMNS: Final = """
select format('%I.%I', table_schema, table_name), array_agg(format(
    case when udt_name = 'bytea' then 'encode(%1$I, ''escape'')'
        when udt_name = '_bytea' then '(select string_agg(encode(one, ''escape''), '' '') from unnest(%1$I) as one)'
        else '%1$I::text' end, column_name))
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') group by 1
"""


async def everywhere(stack: Stack) -> Places:
    """Return all places of a running stack."""
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
    client = await stack.connect_as(DEPLOYER)
    try:
        await _updates_handled(client)
        places = await in_tables(connection) | await in_streams(client)
    finally:
        await client.close()
        await connection.close()
    replicas = [one for replicas in stack.services.values() for one in replicas]
    return places | await in_metrics({one.name: one.url for one in replicas}) | in_files(stack.folder / "logs")


async def _updates_handled(client: Client) -> None:
    async with asyncio.timeout(_HANDLED_SECONDS_MAX):
        while (await client.jetstream().stream_info(_UPDATES)).state.messages:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def in_tables(connection: "asyncpg.Connection[Any]") -> Places:
    """Return every table's rows; what is stored as bytes is read as text."""
    places: Places = {}
    for table, columns in await connection.fetch(_COLUMNS):
        rows = await connection.fetch(f"select concat_ws(' ', {', '.join(columns)}) from {table}")
        places[f"table {table}"] = "\n".join(row[0] for row in rows)
    return places


async def in_streams(client: Client) -> Places:
    """Return every stream's messages: subject, headers, body."""
    places: Places = {}
    for stream in await client.jetstream().streams_info():
        name, state = str(stream.config.name), stream.state
        numbers = range(state.first_seq, state.last_seq + 1) if state.messages else range(0)
        said: list[str] = []
        for start in range(0, len(numbers), _AT_ONCE):
            said += await asyncio.gather(*(_message(client, name, one) for one in numbers[start : start + _AT_ONCE]))
        places[f"stream {name}"] = "\n".join(said)
    return places


async def in_metrics(addresses: Mapping[str, str]) -> Places:
    """Return what processes measure, by their name."""
    places: Places = {}
    async with aiohttp.ClientSession() as session:
        for name, address in addresses.items():
            async with session.get(f"{address}/metrics", raise_for_status=True) as answer:
                places[f"metrics of {name}"] = await answer.text()
    return places


def in_files(folder: Path) -> Places:
    """Return what is in the files of a folder."""
    return {f"file {path.name}": path.read_text(errors="replace") for path in folder.iterdir() if path.is_file()}


def found_in(places: Mapping[str, str], secrets: Iterable[str]) -> Sequence[str]:
    """Return the places that have one of these in them, however it is written there; says nothing of which."""
    wanted = [_squeezed(secret) for secret in secrets]
    return [place for place, text in places.items() if any(secret in _squeezed(text) for secret in wanted)]


def _squeezed(text: str) -> str:
    """Return a text as codes are compared: in capitals, without white space and hyphens."""
    return _GAPS.sub("", text).upper()


async def _message(client: Client, stream: str, number: int) -> str:
    try:
        found = await client.jetstream().get_msg(stream, number)
    except nats.js.errors.NotFoundError:  # it was handled, or replaced
        return ""
    return f"{found.subject} {found.headers or ''} {(found.data or b'').decode(errors='replace')}"
