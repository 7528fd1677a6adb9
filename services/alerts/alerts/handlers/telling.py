"""Telling people: a notice for each of an alert's channels, durable with the turn that wants it."""

from actors.turn import Turn
from alerts.domain.alert import Alert
from alerts.domain.delivery import Delivery, Told, notice_of
from alerts.domain.muting import Mutes
from contracts.alerts import ChannelName, NoticeKind

_URGENT = (NoticeKind.OPENED, NoticeKind.REPEATED, NoticeKind.ESCALATED)


def is_muted(alert: Alert, mutes: Mutes, turn: Turn) -> bool:
    """Whether nobody is told of this alert now."""
    return mutes.mutes(alert.event, alert.key, alert.service, turn.now)


def tell(
    alert: Alert,
    kind: NoticeKind | None,
    mutes: Mutes,
    turn: Turn,
    *,
    by: str = "",
    note: str = "",
    knows: ChannelName | None = None,
) -> None:
    """Tell everybody of a notice that is due, or owe it to them while it is muted.

    That it is acknowledged or over is told whatever mutes it, for they were told that it is open. `knows` is the
    channel that said so itself.
    """
    if kind is None:
        return
    if kind in _URGENT and is_muted(alert, mutes, turn):
        alert.hold()
        record(alert, turn, f"{kind} muted", by=by, note=note)
        return
    alert.tell(kind)
    notice = notice_of(alert, kind, turn.new_id(), by=by)
    for channel in alert.channels:
        if channel is not knows:
            turn.record(Delivery(channel=channel, created_at=turn.now, notice=notice))
    record(alert, turn, str(kind), by=by, note=note)


def record(alert: Alert, turn: Turn, what: str, *, by: str = "", note: str = "") -> None:
    """Write a line of the alert's history."""
    turn.record(Told(alert_id=alert.alert_id, at=turn.now, what=what, by=by, note=note))
