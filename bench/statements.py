"""The statements of one real turn, recorded and written as a pgbench script: the same work, one transaction each."""

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, cast

import asyncpg

from actors.clock import SystemClock
from actors.engine.delivery import local
from actors.engine.rows import PendingDeletes
from actors.engine.turns import Turns
from bench.draining import resources
from bench.surroundings import Surroundings
from contracts.envelope import first_envelope
from contracts.gameplay import AnswerRound, Mode, StartGame
from contracts.ids import new_entity_id
from contracts.message import Contract
from gameplay.app import SPEC

MODEL_PLAYER = 777_000_111_222
"""Stands for the player in what is recorded; pgbench puts in a random one."""
_PUBLISHED_BATCH = 4_242_424_242_424_242
"""Stands for the batch that the turn before has published."""

_PARAMETER = re.compile(r"\$(\d+)((?:::\w+(?:\[\])?)?)")


async def record(around: Surroundings) -> tuple[str, str]:
    """Return two pgbench scripts, for starting a game and for answering a round."""
    seen: list[tuple[str, Sequence[Any]]] = []

    async def watch(connection: Any) -> None:
        def note(query: Any) -> None:
            seen.append((query.query, query.args or ()))

        connection.add_query_logger(note)

    pool = await asyncpg.create_pool(around.database.dsn("gameplay"), min_size=1, max_size=1, init=watch)
    turns = Turns(SPEC.actor, pool=pool, clock=SystemClock(), resources=await resources(pool))
    now = datetime.now(UTC)
    scripts: list[str] = []
    # A player's first command makes the player, the first answer of a day raises the streak: neither is everyday.
    identifiers = ("bench-model-0", "bench-model-1", "bench-model-2", "bench-model-3")
    first, asked = (new_entity_id(identifier, 1, now) for identifier in identifiers[1:3])
    commands: Sequence[Contract] = (
        StartGame(player_id=MODEL_PLAYER, mode=Mode.QUICK_MIX_A1A2),
        StartGame(player_id=MODEL_PLAYER, mode=Mode.QUICK_MIX_A1A2),
        AnswerRound(player_id=MODEL_PLAYER, round_id=first, option=1),
        AnswerRound(player_id=MODEL_PLAYER, round_id=asked, option=1),
    )
    for identifier, command in zip(identifiers, commands, strict=True):
        seen.clear()
        envelope = first_envelope(command, identifier=identifier, time=now, source="bench")
        taken = await turns.take([local(command, envelope)], PendingDeletes(published_batches=[_PUBLISHED_BATCH]))
        if not taken.done:
            raise AssertionError(taken.failed)
        scripts.append(_script(seen, identifier, taken.outbox[0].batch, asked))
    await pool.close()
    return scripts[1], scripts[3]


def _script(seen: Sequence[tuple[str, Sequence[Any]]], identifier: str, batch: int, asked: uuid.UUID) -> str:
    lines = ["\\set published :unique", "\\set unique random(1, 9000000000000000)", "\\set player random(1, :players)"]
    for sql, arguments in seen:
        body = " ".join(line for line in sql.splitlines() if not line.lstrip().startswith("--")).rstrip("; ")
        words = [_argument(value, identifier, batch, asked) for value in arguments]
        lines.append(_PARAMETER.sub(lambda m, words=words: _typed(words[int(m[1]) - 1], m[2] or ""), body) + ";")
    return "\n".join(lines) + "\n"


def _typed(words: str | list[str], cast_to: str) -> str:
    """Return a parameter with its cast; rows inside an array get the array's composite type each."""
    if isinstance(words, str):
        return words + cast_to
    item = cast_to.removesuffix("[]")
    return "array[" + ", ".join(f"{word}{item}" if word.startswith("row(") else word for word in words) + f"]{cast_to}"


def _argument(value: Any, identifier: str, batch: int, asked: uuid.UUID) -> str | list[str]:
    if not isinstance(value, list | tuple):
        return _literal(value, identifier, batch, asked)
    return [_literal(one, identifier, batch, asked) for one in cast("Sequence[Any]", value)]


def _literal(value: Any, identifier: str, batch: int, asked: uuid.UUID) -> str:
    """Return a recorded value as SQL, with pgbench's variables where every transaction has values of its own."""
    if isinstance(value, tuple):
        fields = cast("tuple[Any, ...]", value)
        return "row(" + ", ".join(_literal(one, identifier, batch, asked) for one in fields) + ")"
    if isinstance(value, str) and identifier in value:
        return "(" + _text(value.replace(identifier, "bench-")) + " || :unique::text)"
    if isinstance(value, uuid.UUID):
        return "md5('asked' || :player::text)::uuid" if value == asked else f"md5('{value}' || :unique::text)::uuid"
    if isinstance(value, int) and not isinstance(value, bool):
        varying = {MODEL_PLAYER: ":player::bigint", batch: ":unique", _PUBLISHED_BATCH: ":published"}
        return varying.get(value, str(value))
    return _constant(value)


def _constant(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool() | float():
            return str(value).lower()
        case Enum():
            return _text(str(value.value))
        case datetime():
            return _text(value.isoformat()) + "::timestamptz"
        case date():
            return _text(value.isoformat()) + "::date"
        case bytes():
            return f"'\\x{value.hex()}'::bytea"
        case _:
            return _text(str(value))


def _text(value: str) -> str:
    """Return an SQL string in which pgbench finds no variables of its own."""
    escaped = value.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3A")
    return f"E'{escaped}'"


async def populate(around: Surroundings, players: int) -> None:
    """Store so many players like the model, each with a round to answer; the ids run from 1."""
    await around.admin.execute("set search_path to gameplay")
    columns = await around.admin.fetch(
        "select attname from pg_attribute where attrelid = 'players'::regclass and attnum > 1 and not attisdropped"
    )
    names = ", ".join(row[0] for row in columns)
    await around.admin.execute(
        f"insert into players (id, {names}) select n, {names} from players, generate_series(1, {players}) as n"
        f" where id = {MODEL_PLAYER} on conflict do nothing"
    )
    rounds = await around.admin.fetch(
        "select attname from pg_attribute where attrelid = 'rounds'::regclass and attnum > 2 and not attisdropped"
    )
    names = ", ".join(row[0] for row in rounds)
    await around.admin.execute(
        f"insert into rounds (id, player_id, {names}) select md5('asked' || n::text)::uuid, n, {names}"
        f" from (select * from rounds where player_id = {MODEL_PLAYER} and status = 'COMPLETED' limit 1) as model,"
        f" generate_series(1, {players}) as n on conflict do nothing"
    )
    await around.admin.execute("vacuum analyze players, rounds")
    await around.admin.execute("checkpoint")
