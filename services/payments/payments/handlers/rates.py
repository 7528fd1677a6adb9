"""Reference rates: fetched once a day, and while the source is down the last known ones are kept (DOMAIN §5)."""

from datetime import datetime

import structlog

from actors.jobs import Job
from actors.turn import Turn
from payments.domain.rates import RatesFetched, RecordRates, believable, today
from payments.handlers.table import actor
from payments.providers import ProviderError
from payments.providers.rates_source import RatesSource
from payments.store.catalogue import has_rates

log = structlog.get_logger()


@actor.every(3600, name="reference_rates")
async def fetch_rates(job: Job) -> None:
    """Hourly: fetch the rates of today unless they are here.

    When the source is down, or has none of today yet, the next hourly run asks again; nothing is lost meanwhile.
    """
    source = job.resource(RatesSource)
    async with job.connection() as connection:
        if not source.is_on or await has_rates(connection, today(job.now)):
            return
    fetched = await _ask(source, job.now)
    if fetched is not None:
        await job.take([fetched])


async def _ask(source: RatesSource, now: datetime) -> RecordRates | None:
    """Return what the source says and can be believed."""
    try:
        sheet = await source.fetch()
    except ProviderError as error:
        log.warning("reference_rates_kept", reason="source_down", error=str(error))
        return None
    rates = believable(sheet.day, sheet.per_euro, now)
    if not rates:
        log.warning("reference_rates_kept", reason="not_believable", day=str(sheet.day))
        return None
    return RecordRates(day=sheet.day, rates=rates)


@actor.on(RecordRates)
def record_rates(fetched: RecordRates, turn: Turn) -> None:
    """Write them down; quotes from now on are made with the newest."""
    turn.record(RatesFetched(fetched.rates, turn.now))
