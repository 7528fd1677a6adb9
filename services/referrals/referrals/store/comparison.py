"""How far jobs have looked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from actors.queries import load
from actors.store import Connection, Store, Writer
from actors.table import Table
from referrals.domain.comparison import Comparison

SQL: Final = load("referrals.store", "comparison.sql")
COMPARISONS: Final = Table(Comparison, "comparisons", key="name", row_type="comparison_row")


class ComparisonStore(Store[str, Comparison]):
    """One row a comparison."""

    state = Comparison
    key_field = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Comparison]:
        """Load and lock it."""
        return await COMPARISONS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Comparison]) -> None:
        """Write how far it has come."""
        await COMPARISONS.save(connection, states)

    def blank(self, key: str) -> Comparison:
        """Return one that has not begun."""
        return Comparison(key)


async def compared_until(connection: Connection, name: str) -> datetime | None:
    """Return until when a kind of thing was looked at; None: it never was."""
    return await connection.fetchval(SQL["compared_until"], name)
