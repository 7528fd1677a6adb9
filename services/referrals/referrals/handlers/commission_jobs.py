"""Jobs about commissions and payouts: compared with payments, become payable, looked after (DOMAIN §9)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from actors.asking import QueryError
from actors.jobs import Job
from contracts.payments import GiftState, StarSale
from contracts.referrals import SettleCommission
from referrals.domain.affiliates.figures import COUNTED_FROM
from referrals.domain.affiliates.internal import (
    OVERLAP,
    SALES,
    HearGift,
    HearSale,
    MatureCommission,
    NoteSalesCompared,
    SaleComparison,
)
from referrals.domain.affiliates.sale import PENDING_FOR
from referrals.handlers.table import actor
from referrals.providers.payments_sales import PAGE, PaymentsSales
from referrals.store.commissions import SQL, known_sales, sales_compared_until

_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first purchase there was."""
_FIRST: Final = (_EVER, UUID(int=0))
CLAIMED_WITHIN: Final = timedelta(days=7)
"""Word of who brought a buyer is not heard later than that: no stream keeps it longer."""
GIVEN_WITHIN: Final = timedelta(minutes=5)
"""After that payments is asked what became of a gift."""

log = structlog.get_logger()


@actor.every(900, name="sales_compared")
async def compare_sales(job: Job) -> None:
    """Every 15 minutes: hear of sales and refunds whose event was lost; while payments does not answer, next time."""
    began = job.now
    async with job.connection() as connection:
        until = await sales_compared_until(connection)
    try:
        async for sales in job.resource(PaymentsSales).sales(_EVER if until is None else until - OVERLAP):
            await _hear_what_differs(job, sales)
    except QueryError as error:
        log.warning("sales_not_compared", error=str(error))
        return
    await job.take([NoteSalesCompared(name=SALES, until=began)], idempotency_key=f"compared:{job.firing}")


async def _hear_what_differs(job: Job, sales: Sequence[StarSale]) -> None:
    async with job.connection() as connection:
        known = await known_sales(connection, [sale.purchase_id for sale in sales])
    words = [_word(sale) for sale in sales if _differs(sale, known.get(sale.purchase_id))]
    if words:
        log.info("sales_heard_of_late", sales=len(words))
        await job.take(words)


def _differs(sale: StarSale, known: tuple[datetime | None, datetime | None, bool] | None) -> bool:
    if known is None or known[0] is None:
        return True
    return (sale.refunded_at is not None and known[1] is None) or (sale.affiliate and not known[2])


def _word(sale: StarSale) -> HearSale:
    return HearSale(
        player_id=sale.player_id,
        purchase_id=sale.purchase_id,
        stars=sale.stars,
        credited_at=sale.credited_at,
        refunded_at=sale.refunded_at,
        affiliate=sale.affiliate,
    )


@actor.on(NoteSalesCompared)
def note_sales_compared(command: NoteSalesCompared, comparison: SaleComparison) -> None:
    """Note how far the comparison has come; a repetition that is late takes nothing back."""
    comparison.until = command.until if comparison.until is None else max(command.until, comparison.until)


@actor.every(900, name="commissions")
async def settle_commissions(job: Job) -> None:
    """Every 15 minutes: commissions whose buyer was heard of later than the sale, or whose sale went back without that
    having followed, and those that are 30 days old.
    """
    async for rows in job.pages_of_rows(SQL["unsettled"], after=_FIRST):
        await job.take([SettleCommission(purchase_id=row[1], player_id=row[2], partner_id=row[3]) for row in rows])
    since = job.now - CLAIMED_WITHIN
    async for rows in job.pages_of_rows(SQL["unclaimed"], since, after=_FIRST):
        await job.take([SettleCommission(purchase_id=row[1], player_id=row[2], partner_id=row[3]) for row in rows])
    try:
        async for rows in job.pages_of_rows(SQL["due"], job.now - PENDING_FOR, after=_FIRST, size=PAGE):
            stand = await job.resource(PaymentsSales).named_sales([row[1] for row in rows])
            await _hear_what_differs(job, list(stand.values()))
            # What went back, or is Telegram's, has been taken back by that word; what payments lacks stays pending.
            await job.take(
                [
                    MatureCommission(purchase_id=row[1], player_id=row[2], partner_id=row[3])
                    for row in rows
                    if row[1] in stand and stand[row[1]].refunded_at is None and not stand[row[1]].affiliate
                ]
            )
    except QueryError as error:
        log.warning("commissions_stay_pending", error=str(error))


@actor.every(900, name="funnels")
async def count_funnels(job: Job) -> None:
    """Every 15 minutes: count whom the biggest partners brought; a page that counted them would hold up others."""
    async for players in job.pages(SQL["partners_to_count"]):
        for player_id in players:
            async with job.connection() as connection:
                await connection.execute(SQL["count_funnel"], player_id, COUNTED_FROM, job.now)


@actor.every(300, name="payouts_under_way")
async def look_after_payouts(job: Job) -> None:
    """Every 5 minutes: ask payments what became of gifts; one that it never heard of is asked for again."""
    try:
        async for rows in job.pages_of_rows(SQL["sending"], job.now - GIVEN_WITHIN, size=PAGE):
            gifts = await job.resource(PaymentsSales).gifts([row[0] for row in rows])
            words = [HearGift(payout_id=row[0]) for row in rows if row[0] not in gifts]
            words += [
                HearGift(payout_id=one.gift_id, given=one.state is GiftState.GIVEN, reason=one.reason)
                for one in gifts.values()
                if one.settled_at is not None
            ]
            if words:
                await job.take(words)
    except QueryError as error:
        log.warning("payouts_not_looked_after", error=str(error))
