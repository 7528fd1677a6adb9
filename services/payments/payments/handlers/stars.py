"""Stars that move without a purchase are booked to house accounts of their own (DOMAIN §6, other movements)."""

from datetime import timedelta
from typing import Final

import structlog

from actors.jobs import Job
from actors.turn import Turn
from contracts.payments import Provider
from payments.domain.charge import Charge
from payments.domain.reconciliation import Diff, DiffKind
from payments.domain.stars import NANOS, BookStars, StarsRow, booking, shown
from payments.handlers.payment import tell_commission
from payments.handlers.table import actor
from payments.handlers.telegram_gifts import gifts_of_nobody
from payments.store.stars import Moved, Unexplained, read_moved, read_room, read_unbooked, read_unexplained

PAGE: Final = 500
EXPLAINED_WITHIN: Final = timedelta(minutes=60)
"""A kind of row that nobody knows is a diff after so long."""
TOLD_MAX: Final = 200
_SAID_MAX: Final = 300

log = structlog.get_logger()


async def book_stars(job: Job) -> None:
    """Book what the list told of and the ledger has not, as far as its balances can hold it.

    What they cannot hold stays out, and `differing` tells of it.
    """
    after = ("", "")
    async with job.connection() as connection:
        room = await read_room(connection)
    while True:
        async with job.connection() as connection:
            rows = await read_unbooked(connection, after, PAGE)
        fitting: list[BookStars] = []
        for row, nanostars in rows:
            if nanostars <= room:
                room -= nanostars
                fitting.append(row)
            else:
                log.error("stars_beyond_the_ledger", row=row.id, stars=shown(nanostars))
        if fitting:
            await job.take(fitting)
        if rows:
            after = (rows[-1][0].id, rows[-1][0].direction)
        if len(rows) < PAGE:
            return


@actor.on(BookStars)
def book(command: BookStars, charge: Charge | None, row: StarsRow | None, turn: Turn) -> None:
    """Book a row once. A sale's commission waits for the sale to be written down, and is noted on its charge."""
    del command
    if row is None or row.booked_at is not None:
        return
    if row.is_purchase and row.sign > 0 and row.commission is not None:
        if charge is None or charge.paid_at is None:
            return
        if charge.commission is None:
            charge.commission = row.commission
            tell_commission(charge, turn)
    transaction = booking(row, turn.new_id(), turn.now)
    if transaction is not None:
        turn.record(transaction)
    row.booked_at = turn.now


async def unexplained(job: Job, since: timedelta | None) -> list[Diff]:
    """Return what nobody has explained for an hour; with `since`, only what came to be so in that time."""
    before = job.now - EXPLAINED_WITHIN
    epoch = before - timedelta(days=36_500)
    window = (epoch, epoch) if since is None else (before - since, job.now - since)
    async with job.connection() as connection:
        rows = await read_unexplained(connection, before, window, TOLD_MAX)
    return [*map(_unexplained, rows), *await gifts_of_nobody(job, before, window, TOLD_MAX)]


async def differing(job: Job, wait: timedelta) -> list[Diff]:
    """Return the house accounts of Stars that are not what the list's rows come to."""
    async with job.connection() as connection:
        accounts = await read_moved(connection, job.now - wait)
    return [_differing(one) for one in accounts if one.listed != one.booked]


def _unexplained(row: Unexplained) -> Diff:
    way = "came in" if row.direction == "IN" else "went out"
    said = "" if row.said is None else f": {row.said[:_SAID_MAX]}"
    line = f"{shown(row.amount * NANOS + row.nano)} XTR {way} at {row.at}, of a kind that nobody knows{said}"
    return Diff(DiffKind.UNEXPLAINED, f"{Provider.TELEGRAM} transaction {row.id}: {line}", row.id)


def _differing(one: Moved) -> Diff:
    line = f"account {one.account} shows {shown(one.booked)} XTR, the provider's list comes to {shown(one.listed)}"
    return Diff(DiffKind.STARS_DIFFER, line)
