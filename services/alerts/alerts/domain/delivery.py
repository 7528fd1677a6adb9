"""What is to be told to one channel: durable from the turn that wants it until the channel has it (DOMAIN §10)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from alerts.domain.alert import Alert
from alerts.domain.notice import Notice
from contracts.alerts import ChannelName, NoticeKind

TRIED_FOR: Final = timedelta(hours=24)
_BACKOFF_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_AFTER_SECONDS_MAX: Final = 3_600.0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One notice for one channel."""

    channel: ChannelName
    created_at: datetime
    notice: Notice


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an alert's history: what happened to it, by whom, and why."""

    alert_id: str
    at: datetime
    what: str
    by: str
    note: str


def notice_of(alert: Alert, kind: NoticeKind, notice_id: UUID, *, by: str = "") -> Notice:
    """Return what people are told of an alert as it stands; only of one that was heard."""
    seen = alert.view()
    return Notice(
        notice_id=notice_id,
        alert_id=seen.alert_id,
        event=seen.event,
        key=seen.key,
        service=seen.service,
        severity=seen.severity,
        tier=seen.tier,
        kind=kind,
        count=seen.count,
        first_at=seen.first_at,
        last_at=seen.last_at,
        summary=seen.summary,
        figures=seen.figures,
        runbook=seen.runbook,
        by=by,
    )


def wait_seconds(failures: int, asked: float | None = None) -> float:
    """Return how long to wait after so many failures in a row: 1 s, then more each time up to 5 min.

    What a provider asks for is kept where it is longer, up to an hour.
    """
    own = _BACKOFF_SECONDS[min(max(failures, 1), len(_BACKOFF_SECONDS)) - 1]
    return max(own, min(asked or 0.0, _AFTER_SECONDS_MAX))
