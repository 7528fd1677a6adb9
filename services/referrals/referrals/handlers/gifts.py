"""Every 15 minutes: gifts that payments has never heard of, or not of their end, are told again (DOMAIN §9).

Payments is asked which grants its ledger has; what lacks is told again under the same id, which makes it one.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from actors.asking import QueryError
from actors.jobs import Job
from actors.turn import Turn
from referrals.domain.comparison import GIFTS, IN_FLIGHT, OVERLAP, Comparison
from referrals.domain.gift import Gift
from referrals.domain.internal_commands import NoteCompared, TellGiftAgain
from referrals.handlers.table import actor
from referrals.providers.payments_books import PaymentsBooks
from referrals.store.comparison import SQL, compared_until

_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first gift there was."""
_FIRST: Final = (_EVER, UUID(int=0))

log = structlog.get_logger()


@actor.every(900, name="gifts_given")
async def compare_gifts(job: Job) -> None:
    """Tell again what payments lacks. While it does not answer nothing is compared, and the next time looks at it."""
    until = job.now - IN_FLIGHT
    async with job.connection() as connection:
        compared = await compared_until(connection, GIFTS)
    since = _EVER if compared is None else compared - OVERLAP
    try:
        async for rows in job.pages_of_rows(SQL["changed"], since, until, after=_FIRST):
            books = await job.resource(PaymentsBooks).booked([row[1] for row in rows])
            booked, revoked = frozenset(books.booked), frozenset(books.revoked)
            lacking = [row[1] for row in rows if row[1] not in booked or (row[2] and row[1] not in revoked)]
            if lacking:
                log.warning("gifts_told_again", gifts=len(lacking))
                await job.take([TellGiftAgain(gift_id=gift_id) for gift_id in lacking])
    except QueryError as error:
        log.warning("gifts_not_compared", error=str(error))
        return
    await job.take([NoteCompared(name=GIFTS, until=until)], idempotency_key=f"compared:{job.firing}")


@actor.on(TellGiftAgain)
def tell_gift_again(command: TellGiftAgain, gift: Gift | None, turn: Turn) -> None:
    """Say once more what payments is to give, and then to take back, if it is."""
    del command
    if gift is None:
        return
    turn.emit(gift.giving())
    if gift.taken_back_at is not None:
        turn.emit(gift.word())


@actor.on(NoteCompared)
def note_compared(command: NoteCompared, comparison: Comparison) -> None:
    """Note how far the comparison has come; a repetition that is late takes nothing back."""
    comparison.until = command.until if comparison.until is None else max(command.until, comparison.until)
