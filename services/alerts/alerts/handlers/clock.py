"""What time does to alerts: they go to the next tier, are repeated, lapse, are told late, or are over (DOMAIN §10)."""

from actors.jobs import Job
from actors.turn import Turn
from alerts.domain.alert import Alert
from alerts.domain.internal_commands import LookAgain
from alerts.domain.muting import CAUSES, Mutes
from alerts.handlers.table import actor
from alerts.handlers.telling import is_muted, record, tell
from alerts.store.alerts import SQL
from contracts.alerts import NoticeKind


@actor.every(10, name="due_alerts")
async def look_at_due(job: Job) -> None:
    """Every 10 seconds: see what is due of open alerts, and what is muted no more."""
    async for fingerprints in job.pages(SQL["alerts_to_look_at"], job.now, CAUSES):
        await job.take([LookAgain(fingerprint=one) for one in fingerprints])


@actor.on(LookAgain)
def look_again(command: LookAgain, alert: Alert, mutes: Mutes, turn: Turn) -> None:
    """Do what is due by now."""
    del command
    was_open = not alert.is_over
    kind = alert.look(turn.now, is_muted=is_muted(alert, mutes, turn))
    by = alert.resolved_by or "" if alert.is_over else ""
    if kind is None and was_open and alert.is_over:
        record(alert, turn, str(NoticeKind.RESOLVED), by=by)  # nobody was told that it was open
    tell(alert, kind, mutes, turn, by=by)
