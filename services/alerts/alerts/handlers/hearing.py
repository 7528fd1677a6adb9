"""Hearing that something is wrong, or over: from services, from Prometheus, from PagerDuty (DOMAIN §10)."""

from collections.abc import Callable
from typing import Any

from actors.turn import Turn
from alerts.domain.alert import Alert
from alerts.domain.muting import Mutes
from alerts.domain.reading import READINGS, outside_signal, signal_of
from alerts.domain.routing import Router
from alerts.domain.runbooks import Runbooks
from alerts.domain.signal import Signal
from alerts.handlers.table import actor
from alerts.handlers.telling import record, tell
from contracts.alerts import ChannelName, HearOutsideAlert, IncidentAction, MirrorIncident, NoticeKind
from contracts.message import Event


def _hearing(contract: type[Event]) -> Callable[..., None]:
    """Return the handler of one event: the same for all but for the type that it hears."""

    def hear(event: Any, alert: Alert, mutes: Mutes, router: Router, runbooks: Runbooks, turn: Turn) -> None:
        _take(signal_of(event, turn.message.time), alert, mutes, router, runbooks, turn)

    hear.__annotations__["event"] = contract
    return hear


for _contract in READINGS:
    actor.on(_contract)(_hearing(_contract))


@actor.on(HearOutsideAlert)
def hear_outside_alert(
    command: HearOutsideAlert, alert: Alert, mutes: Mutes, router: Router, runbooks: Runbooks, turn: Turn
) -> None:
    """Prometheus says that a rule fires, or does so no more."""
    _take(outside_signal(command), alert, mutes, router, runbooks, turn)


@actor.on(MirrorIncident)
def mirror_incident(command: MirrorIncident, alert: Alert, mutes: Mutes, turn: Turn) -> None:
    """What somebody did at PagerDuty holds here; of an alert that is past it says nothing."""
    if alert.alert_id != command.alert_id:
        return
    by = f"pagerduty: {command.by}"
    if command.action is IncidentAction.ACKNOWLEDGED:
        kind = alert.acknowledge(by, turn.now)
    else:
        kind = alert.resolve(by, turn.now)
    tell(alert, kind, mutes, turn, by=by, knows=ChannelName.PAGERDUTY)


def _take(signal: Signal, alert: Alert, mutes: Mutes, router: Router, runbooks: Runbooks, turn: Turn) -> None:
    if signal.is_over:
        was_open = not alert.is_over
        kind = alert.clear(signal, turn.now)
        if kind is None and was_open and alert.is_over:
            record(alert, turn, str(NoticeKind.RESOLVED), by="owner")  # nobody was told that it was open
        tell(alert, kind, mutes, turn, by="owner" if kind else "")
        return
    kind = alert.hear(signal, router.route(signal.event, signal.severity), turn.now)
    if alert.runbook is None:
        alert.runbook = runbooks.address(signal.event)
    tell(alert, kind, mutes, turn)
