"""Silences as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from actors.queries import load
from actors.store import Connection, Store, Writer
from alerts.domain.muting import Silence, like_pattern

SQL: Final = load("alerts.store", "silences.sql")


class SilenceStore(Store[UUID, Silence]):
    """One row a silence."""

    state = Silence
    key_field = "silence_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Silence]:
        """Load and lock silences in the order of their ids."""
        return {row["silence_id"]: Silence(*row) for row in await connection.fetch(SQL["load_silences"], keys)}

    async def save(self, connection: Writer, states: Sequence[Silence]) -> None:
        """Write silences, new and changed, in one statement."""
        rows = [
            (
                one.silence_id, one.event, one.key_pattern, like_pattern(one.key_pattern),
                one.begins_at, one.ends_at, one.author, one.reason,
            )
            for one in states
        ]  # fmt: skip
        await connection.execute(SQL["save_silences"], *map(list, zip(*rows, strict=True)))


async def read_silences(connection: Connection, now: datetime | None = None) -> tuple[Silence, ...]:
    """Return the silences that last at an instant, those that end first in front; without one all that are kept."""
    rows = await connection.fetch(SQL["lasting_silences"], now)
    return tuple(Silence(*row) for row in rows)
