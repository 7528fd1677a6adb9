"""Purchases in Stars that were credited, with what is known of a commission of Telegram's own programme."""

from typing import Any, Final

from actors.queries import load
from actors.store import Connection
from contracts.payments import NamedStarSalesQuery, StarSale, StarSalesQuery

SQL: Final = load("payments.store", "star_sales.sql")


async def read_star_sales(connection: Connection, wanted: StarSalesQuery) -> tuple[StarSale, ...]:
    """Return a page of sales by the time of their last change."""
    rows = await connection.fetch(SQL["star_sales"], wanted.since, wanted.after, wanted.limit)
    return tuple(_sale(*row) for row in rows)


async def read_named_star_sales(connection: Connection, wanted: NamedStarSalesQuery) -> tuple[StarSale, ...]:
    """Return those of the sales that there are."""
    return tuple(_sale(*row) for row in await connection.fetch(SQL["named_star_sales"], wanted.purchase_ids))


def _sale(purchase_id: Any, player_id: int, stars: int, *rest: Any) -> StarSale:
    credited_at, refunded_at, affiliate, changed_at = rest
    return StarSale(
        purchase_id=purchase_id,
        player_id=player_id,
        stars=stars,
        credited_at=credited_at,
        refunded_at=refunded_at,
        affiliate=affiliate,
        changed_at=changed_at,
    )
