"""How far purchases have been compared, and the redemptions that they are compared with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from actors.queries import load
from actors.store import Connection, Store, Writer
from actors.table import Table
from contracts.promo import RedemptionState
from promo.domain.comparison import PURCHASES, Comparison, Known

SQL: Final = load("promo.store", "comparison.sql")
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


async def compared_until(connection: Connection, name: str = PURCHASES) -> datetime | None:
    """Return until when purchases, or grants, were compared; None: they never were."""
    return await connection.fetchval(SQL["compared_until"], name)


async def known_redemptions(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Known]:
    """Return what is known of these redemptions, by id."""
    rows = await connection.fetch(SQL["known_redemptions"], ids)
    return {row[0]: Known(row[0], RedemptionState(row[1]), row[2]) for row in rows}
