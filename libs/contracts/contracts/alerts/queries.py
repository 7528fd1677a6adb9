"""What there is to look at of alerts (DOMAIN §10, §12)."""

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from contracts.alerts.vocabulary import AlertState, AlertView, DeliveryView, Severity, SilenceView
from contracts.message import Query


class AlertFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are wanted, the newest first; what is None narrows nothing."""

    state: AlertState | None = None
    is_open: bool = True
    """Only those that are not resolved; `state` says it more narrowly."""
    event: str | None = None
    service: str | None = None
    severity: Severity | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class AlertList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts."""

    alerts: tuple[AlertView, ...]
    total: int
    """On all pages."""


class AlertsQuery(Query[AlertList], AlertFilter, frozen=True, kw_only=True):
    """Which alerts are there?"""

    subject: ClassVar[str] = "query.alerts.list"


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to an alert."""

    at: datetime
    what: str
    """The kind of notice, with ` muted` behind it when nobody was told."""
    by: str
    note: str


class AlertDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, what happened to it, and what became of telling people; the newest lines first."""

    alert: AlertView | None
    """None: of this one only what is below is left, for its event and key had another one since."""
    history: tuple[HistoryLine, ...]
    deliveries: tuple[DeliveryView, ...]


class AlertQuery(Query[AlertDetails], frozen=True, kw_only=True):
    """How does one alert stand?"""

    subject: ClassVar[str] = "query.alerts.one"
    alert_id: str


class SilenceList(msgspec.Struct, frozen=True, kw_only=True):
    """The silences that last, those that end first in front."""

    silences: tuple[SilenceView, ...]


class SilencesQuery(Query[SilenceList], frozen=True, kw_only=True):
    """What is silenced now?"""

    subject: ClassVar[str] = "query.alerts.silences"


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job of a service and its last run (DOMAIN §12)."""

    service: str
    job: str
    period_seconds: int
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float
    result: str
    """`done`, or what it failed of; empty: it has not run since alerts knows of it."""
    done_at: datetime | None
    is_overdue: bool


class JobList(msgspec.Struct, frozen=True, kw_only=True):
    """Every service's jobs, by service and name."""

    jobs: tuple[JobView, ...]


class JobsQuery(Query[JobList], frozen=True, kw_only=True):
    """How did every service's jobs go last?"""

    subject: ClassVar[str] = "query.alerts.jobs"
