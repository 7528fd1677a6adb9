"""Rows of Telegram's list to the billionth: their terms, what of them is booked, and what nobody has explained."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from actors.queries import load
from actors.store import Connection, Store, Writer
from payments.domain.stars import NANOS, BookStars, StarsRow, Terms
from payments.store.reconciliation import FULL_SECONDS

SQL: Final = load("payments.store", "stars.sql")

BALANCE_MAX: Final = 2**63 - 1


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a charge: by its purchase or by what we wrote down, and by the row of its payment."""

    charge_id: str
    price: Terms | None
    payment: Terms | None


class Unexplained(msgspec.Struct, frozen=True):
    """A row of a kind that nobody knows."""

    id: str
    direction: str
    amount: int
    nano: int
    at: datetime
    said: str | None


class Moved(msgspec.Struct, frozen=True):
    """A house account of Stars: what its rows come to, and what the ledger has, in nanostars."""

    account: str
    listed: int
    booked: int


class StarsRows(Store[tuple[str, str], StarsRow]):
    """Rows by (direction, id); only whether they are booked is ever changed."""

    state = StarsRow
    key_field = "id"

    def key(self, message: Any, field: str | None = None) -> tuple[str, str]:
        """Return which row a message names."""
        del field
        return message.direction, message.id

    def key_of(self, state: StarsRow) -> tuple[str, str]:
        """Return the key of a row."""
        return state.direction, state.id

    async def load(self, connection: Connection, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], StarsRow]:
        """Load and lock rows in the order of their keys."""
        rows = await connection.fetch(SQL["load_rows"], *zip(*keys, strict=True))
        return {(row[0], row[1]): StarsRow(*row) for row in rows}

    async def save(self, connection: Writer, states: Sequence[StarsRow]) -> None:
        """Note which rows are booked, in one statement."""
        columns = zip(*((one.direction, one.id, one.booked_at) for one in states), strict=True)
        await connection.execute(SQL["save_rows"], *map(list, columns))


async def read_terms(connection: Connection, wanted: Sequence[tuple[str, UUID | None]]) -> list[Known]:
    """Return what is known of charges, each with the purchase that its payload names."""
    return [
        Known(
            charge_id=charge_id,
            price=None if price is None else Terms(price * NANOS),
            payment=None if amount is None else Terms(amount * NANOS + nano, commission),
        )
        for charge_id, price, amount, nano, commission in await connection.fetch(
            SQL["terms"], *zip(*wanted, strict=True)
        )
    ]


async def read_room(connection: Connection) -> int:
    """Return how many nanostars may be booked, in or out, before a balance of the house's may leave a bigint."""
    return BALANCE_MAX - int(await connection.fetchval(SQL["highest_balance"]))


async def read_unbooked(connection: Connection, after: tuple[str, str], limit: int) -> list[tuple[BookStars, int]]:
    """Return the next rows of which something is to be booked, by id and direction, and the nanostars each moves."""
    rows = await connection.fetch(SQL["unbooked"], *after, limit)
    return [(BookStars(id=row[0], direction=row[1], charge_id=row[2]), int(row[3])) for row in rows]


async def read_unexplained(
    connection: Connection, before: datetime, since: tuple[datetime, datetime], limit: int
) -> list[Unexplained]:
    """Return rows of unknown kinds from before `before`: of `since[0]` on, or read since `since[1]`."""
    return [Unexplained(*row) for row in await connection.fetch(SQL["unexplained"], before, *since, limit)]


async def read_moved(connection: Connection, before: datetime) -> list[Moved]:
    """Return every house account of Stars; reads all rows that have to do with them."""
    rows = await connection.fetch(SQL["moved"], before, timeout=FULL_SECONDS)
    return [Moved(account, int(listed), booked) for account, listed, booked in rows]
