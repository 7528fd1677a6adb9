"""Rounds as rows."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, Store, Writer
from contracts.gameplay import Mode
from gameplay.domain.rounds import Abandoned, Round, RoundStatus

SQL: Final = load("gameplay.store", "rounds.sql")

_MODES: Final = {str(mode): mode for mode in Mode}
_STATUSES: Final = {str(status): status for status in RoundStatus}


class RoundStore(Store[UUID, Round]):
    """One row a round, with its attempt."""

    state = Round
    key_field = "round_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Round]:
        """Load and lock rounds in the order of their ids."""
        return {row[0]: round_of(row) for row in await connection.fetch(SQL["load_rounds"], keys)}

    async def save(self, connection: Writer, states: Sequence[Round]) -> None:
        """Write rounds, new and answered, in one statement."""
        await connection.execute(SQL["save_rounds"], list(map(msgspec.structs.astuple, states)))

    def key_of(self, state: Round) -> UUID:
        """Return the round's id."""
        return state.id


class AbandonedRounds(Journal[Abandoned]):
    """Rounds that a handler closes without having loaded them; an answered one stays as it is."""

    row = Abandoned
    apart = True

    async def append(self, connection: Writer, rows: Sequence[Abandoned]) -> None:
        """Mark the rounds as abandoned."""
        await connection.execute(SQL["abandon_rounds"], [row.round_id for row in rows])


def round_of(row: Record) -> Round:
    """Return the round in a row of `load_rounds`."""
    identifier, player_id, mode, question_id, option_order, number, status, *rest = row
    return Round(identifier, player_id, _MODES[mode], question_id, option_order, number, _STATUSES[status], *rest)
