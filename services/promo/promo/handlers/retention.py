"""What is old is deleted (DOMAIN §12): impressions, purchases as promo knows them, the figures of hours, the inbox."""

from datetime import timedelta
from typing import Final

from actors.jobs import Job
from promo.handlers.table import actor
from promo.store.offers import SQL

IMPRESSIONS_STORED: Final = timedelta(days=90)
"""So long a purchase by an offer's button, or its refund, still counts for the offer, and a dashboard's window may lie
in the past. Caps and alarms need a day of it."""
BOOKS_STORED: Final = timedelta(days=400)
"""A holdout lasts a year: its groups are compared when it is over, by the figures of its hours and by purchases.
Longer than impressions: what is told again of a purchase that was deleted finds no impression to convert twice."""


@actor.every(3600, name="retention")
async def forget_old(job: Job) -> None:
    """Hourly: delete impressions of 90 days ago, purchases and hours of 400, and the inbox's lines of 30.

    Attempts, redemptions and campaigns stay: they are the books of uses.
    """
    await job.delete(SQL["delete_old_impressions"], job.now - IMPRESSIONS_STORED)
    await job.delete(SQL["delete_old_purchases"], job.now - BOOKS_STORED)
    await job.delete(SQL["delete_old_hours"], job.now - BOOKS_STORED)
    await job.delete(SQL["delete_old_reach"], job.now - BOOKS_STORED)
    await job.forget_inbox()
