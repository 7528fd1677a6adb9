"""Offers in a window, exactly, without reading its millions of rows."""

from datetime import datetime, timedelta
from typing import Final

from actors.queries import load
from actors.store import Connection
from promo.domain.impression import hour_of
from promo.domain.intervals import Sample
from promo.domain.offer_figures import Counts, OfferWindow

SQL: Final = load("promo.store", "offers_dashboard.sql")
_HOUR: Final = timedelta(hours=1)


async def read_window(connection: Connection, since: datetime, until: datetime) -> OfferWindow:
    """Return what became of offers in `since <= instant < until`, of one hour at least, as of one moment."""
    began = hour_of(since)
    first = began if began == since else began + _HOUR
    last = max(first, hour_of(until))
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        counts = await connection.fetch(SQL["counts_in_window"], since, until, first, last)
        reached = await connection.fetch(SQL["players_in_window"], since, until, first, last, began)
        bought = await connection.fetch(SQL["buyers_in_window"], since, until)
    players: dict[bool, int] = {row[0]: row[1] for row in reached}
    buyers: dict[bool, tuple[int, ...]] = {row[0]: tuple(row)[1:] for row in bought}
    offered, holdout = (Sample(players.get(group, 0), *buyers.get(group, ())) for group in (False, True))
    return OfferWindow(since, until, [(row[0], Counts(*row[1:])) for row in counts], offered, holdout)
