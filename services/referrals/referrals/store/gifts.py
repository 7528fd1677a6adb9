"""Gifts and purchases as rows."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from actors.store import Connection, Store, Writer
from actors.table import Table
from referrals.domain.bought import Bought
from referrals.domain.gift import Gift

GIFTS: Final = Table(Gift, "gifts", key="id", row_type="gift_row", fixed=("player_id", "number", "choice", "given_at"))
PURCHASES: Final = Table(
    Bought, "purchases", key="id", row_type="purchase_row", fixed=("player_id", "amount", "currency")
)


class GiftStore(Store[UUID, Gift]):
    """One row a gift."""

    state = Gift
    key_field = "gift_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Gift]:
        """Load and lock gifts in the order of their ids."""
        return await GIFTS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Gift]) -> None:
        """Write gifts, new and changed, in one statement."""
        await GIFTS.save(connection, states)

    def key_of(self, state: Gift) -> UUID:
        """Return the gift's id."""
        return state.id


class BoughtStore(Store[UUID, Bought]):
    """One row a purchase."""

    state = Bought
    key_field = "purchase_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Bought]:
        """Load and lock purchases in the order of their ids."""
        return await PURCHASES.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Bought]) -> None:
        """Write purchases, new and changed, in one statement."""
        await PURCHASES.save(connection, states)

    def key_of(self, state: Bought) -> UUID:
        """Return the purchase's id."""
        return state.id
