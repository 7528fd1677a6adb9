"""What became of offers: the dashboard `query.offers.dashboard`, and its alarms (DOMAIN §8, §10)."""

from datetime import timedelta
from typing import Any, Final

from actors.endpoints import Endpoint
from actors.jobs import Job
from actors.turn import Turn
from contracts.promo import (
    JudgeOffers,
    OffersConversionDropCleared,
    OffersConversionDropDetected,
    OffersDashboard,
    OffersDashboardQuery,
    OffersSpamAnomalyCleared,
    OffersSpamAnomalyDetected,
)
from promo.domain.alarm import Alarm
from promo.domain.offer_figures import CONVERSION_ALARM, SPAM_ALARM, is_dropped, is_spam
from promo.handlers.retention import IMPRESSIONS_STORED
from promo.handlers.table import actor
from promo.handlers.windows import window_end
from promo.store.offers_dashboard import read_window

JUDGED: Final = timedelta(hours=24)
SCOPE: Final = "offers"


@actor.query("dashboard", about="offers", request=OffersDashboardQuery, response=OffersDashboard)
async def query_offers_dashboard(request: OffersDashboardQuery, endpoint: Endpoint) -> OffersDashboard:
    """Show what became of offers in the hours before `until`."""
    kept_since = endpoint.now - IMPRESSIONS_STORED
    until = window_end(request.until, endpoint.now, hours=request.hours, begins=kept_since)
    async with endpoint.connection() as connection:
        window = await read_window(connection, until - timedelta(hours=request.hours), until)
    return window.dashboard()


@actor.every(900, name="offer_alerts")
async def judge(job: Job) -> None:
    """Every 15 minutes: see whether offers of the last 24 hours lead to nothing, or annoy."""
    async with job.connection() as connection:
        window = await read_window(connection, job.now - JUDGED, job.now)
    total = window.total()
    found = [
        JudgeOffers(
            name=name,
            impressions=total.impressions,
            players=window.offered.players,
            conversions=total.conversions,
            dismissals=total.dismissals,
        )
        for name in (CONVERSION_ALARM, SPAM_ALARM)
    ]
    await job.take(found, idempotency_key=f"offers:{job.firing}")


@actor.on(JudgeOffers)
def judge_offers(command: JudgeOffers, alarm: Alarm, turn: Turn) -> None:
    """Raise the alarm once, and end it once its cause is gone."""
    raised: type[OffersConversionDropDetected | OffersSpamAnomalyDetected]
    cleared: type[OffersConversionDropCleared | OffersSpamAnomalyCleared]
    if command.name == CONVERSION_ALARM:
        is_bad = is_dropped(command.impressions, command.conversions)
        raised, cleared = OffersConversionDropDetected, OffersConversionDropCleared
    else:
        is_bad = is_spam(command.impressions, command.dismissals, command.players)
        raised, cleared = OffersSpamAnomalyDetected, OffersSpamAnomalyCleared
    if is_bad and alarm.since is None:
        alarm.since = turn.now
        turn.emit(raised(**_figures(command, turn)))
    elif not is_bad and alarm.since is not None:
        alarm.since = None
        turn.emit(cleared(**_figures(command, turn)))


def _figures(command: JudgeOffers, turn: Turn) -> dict[str, Any]:
    return {
        "scope": SCOPE,
        "impressions": command.impressions,
        "players": command.players,
        "conversions": command.conversions,
        "dismissals": command.dismissals,
        "at": turn.now,
    }
