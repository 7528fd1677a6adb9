"""The words of alerts: how bad, who, where, and how it stands (DOMAIN §10)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Severity(StrEnum):
    """How bad it is (DOMAIN §10)."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Tier(StrEnum):
    """Who is told; an alert that nobody acknowledges goes up to `ops_l1`."""

    L1 = "ops_l1"
    L2 = "ops_l2"
    L3 = "ops_l3"


class ChannelName(StrEnum):
    """Where alerts are told."""

    PAGERDUTY = "pagerduty"
    SLACK = "slack"
    GENERIC = "generic"


class AlertState(StrEnum):
    """OPEN → ACKED → RESOLVED; an acknowledgement that lapses makes it OPEN again."""

    OPEN = "OPEN"
    ACKED = "ACKED"
    RESOLVED = "RESOLVED"


class NoticeKind(StrEnum):
    """Why somebody is told of an alert."""

    OPENED = "OPENED"
    REPEATED = "REPEATED"
    ESCALATED = "ESCALATED"
    ACKED = "ACKED"
    RESOLVED = "RESOLVED"


class DeliveryState(StrEnum):
    """What became of telling one channel."""

    WAITING = "WAITING"
    """It is to be told, for the first time or again."""
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"
    """The channel will never take it (a 4xx other than 429)."""
    GIVEN_UP = "GIVEN_UP"
    """It was tried for 24 hours."""


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it stands."""

    alert_id: str
    """Names this very alert: event, key, and the how-manieth; the same at PagerDuty (`dedup_key`)."""
    event: str
    key: str
    """What the event is about; the same event and key is one alert while it is not resolved."""
    service: str
    state: AlertState
    severity: Severity
    tier: Tier
    """Who is told now."""
    channels: tuple[ChannelName, ...]
    count: int
    """How often it was heard since it is open."""
    first_at: datetime
    last_at: datetime
    is_muted: bool
    """By a silence or an inhibition: nobody was told, yet."""
    acked_by: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    """An operator, `owner` (who said that the cause is gone), `silence` (24 hours), or whoever did at PagerDuty."""
    summary: str
    figures: dict[str, str | int]
    runbook: str | None


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of telling one channel of an alert."""

    notice_id: UUID
    channel: ChannelName
    kind: NoticeKind
    state: DeliveryState
    attempts: int
    created_at: datetime
    ended_at: datetime | None
    """None while it waits."""
    due_at: datetime
    error: str
    """Of the last try that failed; empty: none did."""


class SilenceView(msgspec.Struct, frozen=True, kw_only=True):
    """A silence as it stands."""

    silence_id: UUID
    event: str
    key_pattern: str
    begins_at: datetime
    ends_at: datetime
    author: str
    reason: str
