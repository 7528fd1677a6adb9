"""What alerts looks up of itself: how many are open, and when its clock struck."""

from datetime import datetime
from typing import Final

import asyncpg

from alerts.domain.job_book import JobBook
from alerts.store.alerts import SQL
from alerts.store.job_books import JOB_BOOKS
from contracts.alerts import AlertState, Severity

SERVICE: Final = "alerts"
CLOCK: Final = "due_alerts"
"""The job that looks at what is due."""


async def count_open(pool: "asyncpg.Pool[asyncpg.Record]") -> dict[tuple[Severity, AlertState], int]:
    """Return how many alerts are not resolved, by severity and state."""
    rows = await pool.fetch(SQL["count_open"])
    return {(Severity(severity), AlertState(state)): count for severity, state, count in rows}


async def clock_struck_at(pool: "asyncpg.Pool[asyncpg.Record]") -> datetime | None:
    """Return when alerts' own clock was done for the last time, as far as alerts has heard of it by NATS."""
    row = await pool.fetchrow(f"{JOB_BOOKS.select} where service = $1", SERVICE)
    book = JobBook(SERVICE) if row is None else JOB_BOOKS.state_of(row)
    return next((one.done_at for one in book.jobs if one.job == CLOCK), None)
