"""What a service may look up of what went through it: messages it heard, effects that wait, messages put aside.

The tables themselves are the engine's. A service's own SQL never names them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg
import msgspec

from actors.queries import load
from actors.store import Connection
from contracts.message import Contract, shape_of

SQL = load("actors", "history.sql")
CAUSE_LENGTH_MAX = 56
"""The ids of what a longer one led to may be folded (`contracts.ids.derived_id`), and are not found by it."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was put aside and waits for an operator."""

    number: int
    """Rises with each; where the next page goes on."""
    message_id: str
    body: bytes
    """As it came, readable or not."""
    error: str
    received_at: datetime


async def answered(connection: "Connection | asyncpg.Pool[asyncpg.Record]", causes: Collection[str]) -> frozenset[str]:
    """Return which of these messages of ours led to a message that led to one which had its effect here.

    That is how a command to another service is answered: the update `tg:7` led to the command `tg:7/1`, and that to
    the event `tg:7/1/3`, whatever their numbers. Raises ValueError for an id longer than `CAUSE_LENGTH_MAX`.
    """
    if any(len(cause) > CAUSE_LENGTH_MAX for cause in causes):
        raise ValueError(f"what an id of more than {CAUSE_LENGTH_MAX} characters led to is not found by it")
    return frozenset([row[0] for row in await connection.fetch(SQL["answered"], list(causes))])


async def waiting_dead_letters(
    connection: Connection, contracts: Sequence[type[Contract]], *, after: int = 0, limit: int = 500
) -> list[DeadLetter]:
    """Return dead letters of these contracts that nobody replayed or dropped, by number, those after one of them."""
    names = [shape_of(contract).type_name for contract in contracts]
    rows = await connection.fetch(SQL["waiting_dead_letters"], after, names, limit)
    return [
        DeadLetter(number=number, message_id=message_id, body=body, error=error, received_at=received_at)
        for number, message_id, body, error, received_at in rows
    ]


async def lanes_with_effects(connection: Connection, lanes: Collection[str]) -> frozenset[str]:
    """Return those of these lanes in which an effect waits or is being performed."""
    return frozenset([row[0] for row in await connection.fetch(SQL["lanes_with_effects"], list(lanes))])


async def count_waiting_effects(
    connection: Connection, kind: type[msgspec.Struct], *, since: datetime, before: datetime
) -> int:
    """Count the effects of a kind that were asked for in a span of time and are not performed yet."""
    return await connection.fetchval(SQL["count_waiting_effects"], kind.__name__, since, before) or 0
