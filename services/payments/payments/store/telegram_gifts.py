"""Gifts of Telegram Premium as rows, and the note that says that Telegram is being asked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from actors.queries import load
from actors.store import Connection, Store, Writer
from actors.table import Table
from contracts.payments import GiftState
from payments.domain.telegram_gift import CLOCKS_APART, TelegramGift

if TYPE_CHECKING:
    import asyncpg

SQL: Final = load("payments.store", "telegram_gifts.sql")
GIFTS: Final = Table(
    TelegramGift,
    "telegram_gifts",
    key="gift_id",
    row_type="telegram_gift_row",
    fixed=("player_id", "months", "stars", "asked_at"),
)
_FAILED_LOOKED_FOR: Final = timedelta(days=3)
"""After so long a gift that counts as failed is not there after all."""
_GIVEN_LOOKED_FOR: Final = timedelta(days=30)
"""After so long the row of one that was given is looked for by people: reconciliation has told them of it."""
PAGE: Final = 200
_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first gift there was."""
_STATEMENT_SECONDS_MAX: Final = 10.0


class GiftStore(Store[UUID, TelegramGift]):
    """One row a gift."""

    state = TelegramGift
    key_field = "gift_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, TelegramGift]:
        """Load and lock gifts in the order of their ids."""
        return await GIFTS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[TelegramGift]) -> None:
        """Write gifts, new and changed, in one statement."""
        await GIFTS.save(connection, states)


class GiftCalls:
    """Notes, right before Telegram is asked for a gift, that it is: no key makes a second call the same."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Write by connections of this pool, each held for one statement."""
        self._pool = pool

    async def claim(self, gift_id: UUID, now: datetime) -> bool:
        """Return whether this one may ask; False for ever after somebody may have asked."""
        claimed = await self._pool.fetchval(SQL["claim_call"], gift_id, now, timeout=_STATEMENT_SECONDS_MAX)
        return claimed is not None

    async def release(self, gift_id: UUID) -> None:
        """Telegram has certainly done nothing: it may be asked again."""
        await self._pool.execute(SQL["release_call"], gift_id, timeout=_STATEMENT_SECONDS_MAX)


class CalledGift(msgspec.Struct, frozen=True):
    """A gift that Telegram was asked for, and its row in Telegram's list, as far as it is there."""

    gift_id: UUID
    state: GiftState
    stars: int
    called_at: datetime
    row_id: str | None


async def read_called(connection: Connection, now: datetime) -> list[CalledGift]:
    """Return all gifts that are not certain, and those of late that are not seen in the list, the oldest first."""
    since = (now - _FAILED_LOOKED_FOR, now - _GIVEN_LOOKED_FOR)
    found, after = list[CalledGift](), (_EVER, UUID(int=0))
    while True:
        rows = await connection.fetch(SQL["called_gifts"], *since, CLOCKS_APART, *after, PAGE)
        found += [CalledGift(row[1], GiftState(row[2]), *row[3:]) for row in rows]
        if len(rows) < PAGE:
            return found
        after = tuple(rows[-1][:2])


async def read_gifts(connection: Connection, gift_ids: Sequence[UUID]) -> list[TelegramGift]:
    """Return those of the gifts that there are."""
    return [GIFTS.state_of(row) for row in await connection.fetch(SQL["gifts"], gift_ids)]


async def read_rows_of_no_gift(
    connection: Connection, before: datetime, since: tuple[datetime, datetime], limit: int
) -> list[tuple[str, int, int, datetime]]:
    """Return (row, player, Stars, when) of Premium given by nobody here: of `since[0]` on, or read since `since[1]`."""
    return [tuple(row) for row in await connection.fetch(SQL["rows_of_no_gift"], before, *since, limit)]


async def read_not_listed(
    connection: Connection, before: datetime, limit: int
) -> list[tuple[UUID, int, int, datetime]]:
    """Return (gift, player, Stars, when it was settled) of what was given before `before` and the list has not."""
    return [tuple(row) for row in await connection.fetch(SQL["gifts_not_listed"], before, limit)]
