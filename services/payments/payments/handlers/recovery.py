"""What mends itself (DOMAIN §6, §12): payments without credit, refunds that hang, orphans, invoices nobody paid.

Every job may run twice for one firing. What it finds goes to the actor as a command, and the actor looks again: an
invoice that was paid meanwhile does not lapse, money that is back is not given back. The one thing that counts is a
try to credit, so that command's id names the firing and the purchase: once a firing, and anew at the next.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from actors.history import lanes_with_effects
from actors.jobs import Job
from contracts.payments import LapseInvoice, Provider, RecoverPurchase, RefundOrphan, RefundPurchase, RefundReason
from payments.domain.purchase import CHECKOUT_LASTS
from payments.domain.recovery import RecoverySettings
from payments.handlers.provider_lists import read_on
from payments.handlers.refund_steps import refund_lane
from payments.handlers.table import actor
from payments.store.catalogue import SQL as CATALOGUE
from payments.store.goods import SQL as GOODS
from payments.store.reconciliation import SQL as RECONCILIATION
from payments.store.recovery import SQL, payments_found

QUOTES_KEPT: Final = timedelta(days=1)
"""After they lapsed: long enough to see why a price was refused."""
RUNS_KEPT: Final = timedelta(days=30)
"""Runs of reconciliation, and comparisons of goods, that found nothing; one that found something is kept."""

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_BY_ID: Final = (_EPOCH, UUID(int=0))
_BY_CHARGE: Final = (_EPOCH, "")
"""Before all: what is read here goes by time and id."""


@actor.every(300, name="recovery")
async def recover(job: Job) -> None:
    """Every 5 minutes: try again to credit, ask again for refunds, and give orphans back."""
    waits = job.resource(RecoverySettings)
    async for rows in job.pages_of_rows(SQL["uncredited"], job.now - waits.uncredited, after=_BY_ID):
        await _try_again(rows, job)
    async for rows in job.pages_of_rows(SQL["refunds_pending"], job.now - waits.refund_pending, after=_BY_ID):
        lost = await _that_nobody_works_on(rows, job)
        await job.take([RefundPurchase(player_id=row[2], purchase_id=row[1], reason=_reason(row[3])) for row in lost])
    async for rows in job.pages_of_rows(SQL["orphans"], job.now - waits.orphan, after=_BY_CHARGE):
        await _give_back(rows, job)
    async for rows in job.pages_of_rows(SQL["orphans_pending"], job.now - waits.refund_pending, after=_BY_CHARGE):
        await _give_back(await _that_nobody_works_on(rows, job), job)


@actor.every(300, name="stale_invoices")
async def lapse_invoices(job: Job) -> None:
    """Every 5 minutes: let invoices lapse that were not paid in time.

    Where the player was about to pay, the provider is asked first.
    """
    async for rows in job.pages_of_rows(SQL["stale_invoices"], job.now, after=_BY_ID):
        await _lapse(rows, job)
    asked: set[Provider] = set()
    async for rows in job.pages_of_rows(SQL["stale_checkouts"], job.now, job.now - CHECKOUT_LASTS, after=_BY_ID):
        for provider in {Provider(row[3]) for row in rows} - asked:
            await read_on(job, provider)
            asked.add(provider)
        async with job.connection() as connection:
            found = await payments_found(connection, [row[1] for row in rows])
        if found:
            await job.take(found)
        await _lapse(rows, job)


@actor.every(3600, name="retention")
async def forget_old(job: Job) -> None:
    """Hourly: delete the inbox's lines older than 30 days, quotes that lapsed, and runs that found nothing.

    Purchases stay, those that came to nothing too: an old invoice can still be paid.
    """
    await job.delete(CATALOGUE["delete_old_quotes"], job.now - QUOTES_KEPT)
    await job.delete(RECONCILIATION["delete_old_runs"], job.now - RUNS_KEPT)
    await job.delete(GOODS["delete_old_runs"], job.now - RUNS_KEPT)
    await job.forget_inbox()


async def _that_nobody_works_on(rows: Sequence[Any], job: Job) -> list[Any]:
    """Return those whose provider nobody is asking: their effect got lost. A row's last column is its charge."""
    async with job.connection() as connection:
        asked = await lanes_with_effects(connection, [refund_lane(row[-1]) for row in rows])
    return [row for row in rows if refund_lane(row[-1]) not in asked]


async def _give_back(rows: Sequence[Any], job: Job) -> None:
    await job.take([RefundOrphan(player_id=row[2], charge_id=row[1], reason=RefundReason.ORPHAN) for row in rows])


async def _try_again(rows: Sequence[Any], job: Job) -> None:
    """A customer may have two purchases that wait: each try has its own name, and all go into the same turns."""
    tries = [
        job.take(
            [RecoverPurchase(player_id=player_id, purchase_id=purchase_id)],
            idempotency_key=f"{job.firing}:{purchase_id}",
        )
        for _, purchase_id, player_id in rows
    ]
    await asyncio.gather(*tries)


async def _lapse(rows: Sequence[Any], job: Job) -> None:
    await job.take([LapseInvoice(player_id=row[2], purchase_id=row[1]) for row in rows])


def _reason(text: str) -> RefundReason:
    """Return why the refund was begun, which is what the purchase says."""
    with suppress(ValueError):
        return RefundReason(text)
    return RefundReason.OPERATOR
