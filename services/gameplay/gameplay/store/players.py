"""Players as rows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from actors.queries import load
from actors.store import Connection, Journal, Store, Writer
from actors.table import Table
from gameplay.domain.energy import FREE_CAP, Energy
from gameplay.domain.journal import Entry
from gameplay.domain.player import Player

SQL: Final = load("gameplay.store", "players.sql")

PLAYERS: Final = Table(
    Player,
    "players",
    key="id",
    row_type="player_row_3",
    names={"settings.": "", "tally.": "", "tally.right": "right_answers", "tally.day": "right_today_day"},
    fixed=("joined_at",),
)
RESTATED_PAGE: Final = f"""select {PLAYERS.columns}, first_at, second_at, twentieth_at
from players left join beginnings on beginnings.player_id = players.id
where id > coalesce($1::text::bigint, 0) order by id limit $2"""  # noqa: S608 - names of our own struct's fields
"""Players, each with how they began in three further columns."""

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_UNBORN: Final = Energy(FREE_CAP, 0, _EPOCH, _EPOCH.date())


class PlayerStore(Store[int, Player]):
    """One row a player."""

    state = Player
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Player]:
        """Load and lock players in the order of their ids."""
        return await PLAYERS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Player]) -> None:
        """Write players, new and old, in one statement."""
        await PLAYERS.save(connection, states)

    def blank(self, key: int) -> Player:
        """Return somebody who is not heard of yet: the first handler to meet them makes them join."""
        return Player(key, _UNBORN)

    def key_of(self, state: Player) -> int:
        """Return the player's id."""
        return state.id


class JournalOfValue(Journal[Entry]):
    """The journal of everything that has value."""

    row = Entry

    async def append(self, connection: Writer, rows: Sequence[Entry]) -> None:
        """Write the entries; a second one for a (cause, asset) is refused by the database."""
        await connection.execute(SQL["append_journal"], *zip(*map(msgspec.structs.astuple, rows), strict=True))


async def read_player(connection: Connection, player_id: int) -> Player | None:
    """Return a player as last saved, without a lock: to look at, never to save."""
    row = await connection.fetchrow(f"{PLAYERS.select} where id = $1", player_id)
    return None if row is None else PLAYERS.state_of(row)
