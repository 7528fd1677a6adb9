"""How players began: their first two days with an answer, and their 20th answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from actors.queries import load
from actors.store import Journal, Writer
from gameplay.domain.beginning import Beginning

SQL: Final = load("gameplay.store", "beginnings.sql")


class Beginnings(Journal[Beginning]):
    """One row a player, which grows three times at most; whoever has a second day costs a look at the key."""

    row = Beginning

    async def append(self, connection: Writer, rows: Sequence[Beginning]) -> None:
        """Merge a turn's answers by player and write them in one statement, in the order of the key."""
        found: dict[int, tuple[datetime | None, datetime | None]] = {}
        for row in rows:
            day_at, twentieth_at = found.get(row.player_id, (None, None))
            found[row.player_id] = (
                day_at or (row.at if row.is_first_of_day else None),
                twentieth_at or (row.at if row.is_twentieth else None),
            )
        columns = zip(*((player_id, *at) for player_id, at in sorted(found.items())), strict=True)
        await connection.execute(SQL["note_beginnings"], *columns)
