"""Prospects, impressions, purchases and the figures of each hour as rows."""

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from actors.queries import load
from actors.store import Connection, Journal, Store, Writer
from actors.table import Table
from contracts.promo import impression_of
from promo.domain.bought import Bought
from promo.domain.impression import Impression, Reach, Tally
from promo.domain.prospect import Prospect

SQL: Final = load("promo.store", "offers.sql")
PROSPECTS: Final = Table(Prospect, "prospects", key="player_id", row_type="prospect_row")
IMPRESSIONS: Final = Table(
    Impression,
    "impressions",
    key="id",
    row_type="impression_row",
    fixed=(
        "player_id", "trigger", "surface", "tap", "at", "previous_at", "is_blocking", "is_withheld", "percent",
    ),
)  # fmt: skip
PURCHASES: Final = Table(
    Bought, "purchases", key="id", row_type="purchase_row", fixed=("player_id", "product", "amount", "currency")
)


class ProspectStore(Store[int, Prospect]):
    """One row a player."""

    state = Prospect
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Prospect]:
        """Load and lock players in the order of their ids."""
        return await PROSPECTS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Prospect]) -> None:
        """Write players, new and changed, in one statement."""
        await PROSPECTS.save(connection, states)

    def blank(self, key: int) -> Prospect:
        """Return somebody of whom nothing was heard."""
        return Prospect(key)


class ImpressionStore(Store[UUID, Impression]):
    """One row an impression."""

    state = Impression
    key_field = "impression_id"

    def key(self, message: Any, field: str | None = None) -> UUID:
        """Return the impression that a message names: by its id, or a purchase's by the surface of the button."""
        surface = getattr(message, "surface", None)
        if surface is None:
            return super().key(message, field)
        return cast("UUID", impression_of(surface))  # None names nothing

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Impression]:
        """Load and lock impressions in the order of their ids."""
        return await IMPRESSIONS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Impression]) -> None:
        """Write impressions, new and changed, in one statement."""
        await IMPRESSIONS.save(connection, states)

    def key_of(self, state: Impression) -> UUID:
        """Return the impression's id."""
        return state.id


class BoughtStore(Store[UUID, Bought]):
    """One row a purchase."""

    state = Bought
    key_field = "purchase_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Bought]:
        """Load and lock purchases in the order of their ids."""
        return await PURCHASES.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Bought]) -> None:
        """Write purchases, new and changed, in one statement."""
        await PURCHASES.save(connection, states)

    def key_of(self, state: Bought) -> UUID:
        """Return the purchase's id."""
        return state.id


class TallyBook(Journal[Tally]):
    """What is added to the figures of the hours."""

    row = Tally

    async def append(self, connection: Writer, rows: Sequence[Tally]) -> None:
        """Add all in one statement, in the order of the key: no two turns wait for each other."""
        await connection.execute(SQL["add_tallies"], list(map(msgspec.structs.astuple, rows)))


class ReachBook(Journal[Reach]):
    """In which hour players were seen, and the time before."""

    row = Reach

    async def append(self, connection: Writer, rows: Sequence[Reach]) -> None:
        """Add all in one statement, in the order of the key."""
        await connection.execute(SQL["add_reaches"], list(map(msgspec.structs.astuple, rows)))


async def read_prospect(connection: Connection, player_id: int) -> Prospect | None:
    """Return a player as last saved, without a lock: to look at, never to save."""
    row = await connection.fetchrow(f"{PROSPECTS.select} where player_id = $1", player_id)
    return None if row is None else PROSPECTS.state_of(row)
