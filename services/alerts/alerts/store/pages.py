"""Alerts as operators look at them."""

from typing import Final

from actors.queries import load
from actors.store import Connection
from alerts.domain.signal import fingerprint_of
from alerts.store.alerts import ALERTS
from alerts.store.deliveries import read_deliveries
from contracts.alerts import AlertDetails, AlertFilter, AlertList, HistoryLine

SQL: Final = load("alerts.store", "pages.sql")
LINES_MAX: Final = 200
_PAGE: Final = f"{ALERTS.select} where {SQL['is_wanted']} {SQL['page']}"
_COUNT: Final = f"select count(*) from alerts where {SQL['is_wanted']}"  # noqa: S608 - a query of our own file
_ONE: Final = f"{ALERTS.select} where fingerprint = $1 and episode > 0"


async def read_page(connection: Connection, wanted: AlertFilter) -> AlertList:
    """Return a page of alerts and how many there are, both of one moment."""
    narrowed = (wanted.state, wanted.is_open, wanted.event, wanted.service, wanted.severity)
    offset = (wanted.page - 1) * wanted.page_size
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        total = await connection.fetchval(_COUNT, *narrowed)
        rows = await connection.fetch(_PAGE, *narrowed, wanted.page_size, offset)
    return AlertList(alerts=tuple(ALERTS.state_of(row).view() for row in rows), total=total or 0)


async def read_details(connection: Connection, alert_id: str) -> AlertDetails:
    """Return what is kept of an alert."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(_ONE, fingerprint_of(alert_id))
        lines = await connection.fetch(SQL["history_of_alert"], alert_id, LINES_MAX)
        deliveries = await read_deliveries(connection, alert_id)
    alert = None if row is None else ALERTS.state_of(row)
    return AlertDetails(
        alert=alert.view() if alert is not None and alert.alert_id == alert_id else None,
        history=tuple(HistoryLine(at=at, what=what, by=by, note=note) for at, what, by, note in lines),
        deliveries=deliveries,
    )
