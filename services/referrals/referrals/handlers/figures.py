"""How referrals fare: the dashboard `query.referrals.dashboard`, and the alarm about fraud (DOMAIN §9, §10)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from actors.endpoints import Endpoint, EndpointError
from actors.jobs import Job
from actors.turn import Turn
from contracts.referrals import (
    ReferralFraudSpikeCleared,
    ReferralFraudSpikeDetected,
    ReferralsDashboard,
    ReferralsDashboardQuery,
)
from referrals.domain.alarm import ALARM, JUDGED, Alarm, JudgeFraud
from referrals.handlers.table import actor
from referrals.store.figures import dashboard, judged

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""There was nothing to count before."""


@actor.query("dashboard", request=ReferralsDashboardQuery, response=ReferralsDashboard)
async def query_dashboard(request: ReferralsDashboardQuery, endpoint: Endpoint) -> ReferralsDashboard:
    """Count starts, states, rewards and the queue, exactly."""
    now = endpoint.now
    until = now if request.until is None else min(request.until, now)
    if until < _EPOCH:
        first = f"{_EPOCH:%Y-%m-%dT%H:%M:%SZ}"
        raise EndpointError(400, f"until: there is nothing to count before {first}; give that or later")
    async with endpoint.connection() as connection:
        return await dashboard(connection, until - timedelta(hours=request.hours), until)


@actor.every(900)
async def fraud_alerts(job: Job) -> None:
    """Every 15 minutes: see whether too much of the last 24 hours was rejected."""
    async with job.connection() as connection:
        starts, rejected, for_one, referrer_id = await judged(connection, job.now - JUDGED)
    found = JudgeFraud(name=ALARM, starts=starts, rejected=rejected, rejected_for_one=for_one, referrer_id=referrer_id)
    await job.take([found], idempotency_key=f"fraud:{job.firing}")


@actor.on(JudgeFraud)
def judge_fraud(command: JudgeFraud, alarm: Alarm, turn: Turn) -> None:
    """Raise the alarm once, and end it once its cause is gone."""
    told: dict[str, Any] = {
        "scope": command.name,
        "starts": command.starts,
        "rejected": command.rejected,
        "rejected_for_one": command.rejected_for_one,
        "referrer_id": command.referrer_id,
        "at": turn.now,
    }
    if command.is_spike and alarm.since is None:
        alarm.since = turn.now
        turn.emit(ReferralFraudSpikeDetected(**told))
    elif not command.is_spike and alarm.since is not None:
        alarm.since = None
        turn.emit(ReferralFraudSpikeCleared(**told))
