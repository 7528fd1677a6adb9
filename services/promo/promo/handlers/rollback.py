"""Every 5 minutes: what payments' events should have said of discounts' purchases, asked for (DOMAIN §7, §12).

An event can be lost with its stream, so promo compares: payments tells which purchases with a discount changed since
the last time, and what differs is settled as if the event had come. Event and comparison may both come: the second one
changes nothing.
"""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import structlog

from actors.asking import QueryError
from actors.jobs import Job
from actors.store import Via
from actors.turn import Turn
from contracts.message import Contract
from contracts.promo import SettleRedemption
from promo.domain.booking import Booking
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.comparison import OVERLAP, PURCHASES, Comparison, NoteCompared, settling
from promo.domain.redeemer import Redeemer
from promo.domain.redemption import Redemption
from promo.handlers.discounts import credit, revoke
from promo.handlers.table import actor
from promo.providers.payments_books import PaymentsBooks
from promo.store.comparison import compared_until, known_redemptions

_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first purchase there was."""

log = structlog.get_logger()


@actor.every(300, name="refund_rollback")
async def roll_back_refunds(job: Job) -> None:
    """Settle discounts whose purchase was refunded, credited or given up without promo hearing of it.

    While payments does not answer nothing is compared; the next time begins where the last one that was answered did.
    """
    began = job.now
    async with job.connection() as connection:
        until = await compared_until(connection)
    looked_at = settled = 0
    try:
        async for purchases in job.resource(PaymentsBooks).discounted(_EVER if until is None else until - OVERLAP):
            async with job.connection() as connection:
                known = await known_redemptions(connection, [one.redemption_id for one in purchases])
            words = [settling(known.get(one.redemption_id), one) for one in purchases]
            found = [word for word in words if word is not None]
            await job.take(found)
            looked_at, settled = looked_at + len(purchases), settled + len(found)
    except QueryError as error:
        log.warning("purchases_not_compared", error=str(error))
        return
    await job.take([NoteCompared(name=PURCHASES, until=began)], idempotency_key=f"compared:{job.firing}")
    log.info("purchases_compared", looked_at=looked_at, settled=settled)


@actor.on(NoteCompared)
def note_compared(command: NoteCompared, comparison: Comparison) -> None:
    """Note how far the comparison has come; a repetition that is late takes nothing back."""
    comparison.until = command.until if comparison.until is None else max(command.until, comparison.until)


def _campaign(redemption: Redemption, _: Contract) -> str | None:
    return redemption.campaign


def _code(redemption: Redemption, _: Contract) -> UUID | None:
    return redemption.code_id


@actor.on(SettleRedemption)
def settle_redemption(
    command: SettleRedemption,
    redeemer: Redeemer,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Have a discount stand as its purchase does."""
    redeemer.has_bought = redeemer.has_bought or command.credited_at is not None
    if redemption is None:
        return
    booking = Booking(redemption, campaign, code)
    if command.credited_at is None:
        given_up = command.refunded_at or command.failed_at
        if given_up is not None:
            redemption.let_go(command.purchase_id, given_up)
    elif command.refunded_at is None:
        credit(booking, command.purchase_id, redeemer, turn)
    else:
        revoke(booking, command.purchase_id, redeemer, turn)
