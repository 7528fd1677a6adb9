"""Rounds as rows."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from actors.queries import load
from actors.store import Connection, Journal, Store, Writer
from actors.table import Table
from gameplay.domain.rounds import Abandoned, Round

SQL: Final = load("gameplay.store", "rounds.sql")
ROUNDS: Final = Table(
    Round,
    "rounds",
    key="id",
    row_type="round_row",
    fixed=("player_id", "mode", "question_id", "option_order", "number", "started_at", "daily_day"),
)


class RoundStore(Store[UUID, Round]):
    """One row a round, with its attempt."""

    state = Round
    key_field = "round_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Round]:
        """Load and lock rounds in the order of their ids."""
        return await ROUNDS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Round]) -> None:
        """Write rounds, new and answered, in one statement."""
        await ROUNDS.save(connection, states)

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
