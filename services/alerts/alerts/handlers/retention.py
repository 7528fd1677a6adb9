"""What is old is deleted (DOMAIN §12), and what nobody could be told is given up after 24 hours."""

from datetime import timedelta
from typing import Final

from actors.jobs import Job
from alerts.domain.delivery import TRIED_FOR
from alerts.handlers.table import actor
from alerts.store import alerts, deliveries, silences

KEPT: Final = timedelta(days=90)
"""So long resolved alerts, their history and their deliveries are there to be looked at."""


@actor.every(3600, name="retention")
async def forget_old(job: Job) -> None:
    """Hourly: delete what ended 90 days ago, and the inbox's lines of 30."""
    await job.delete(deliveries.SQL["give_up_old_deliveries"], job.now - TRIED_FOR, job.now)
    await job.delete(alerts.SQL["delete_old_alerts"], job.now - KEPT)
    await job.delete(alerts.SQL["delete_old_history"], job.now - KEPT)
    await job.delete(deliveries.SQL["delete_old_deliveries"], job.now - KEPT)
    await job.delete(silences.SQL["delete_old_silences"], job.now - KEPT)
    await job.forget_inbox()
