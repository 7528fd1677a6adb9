"""What alerts hears from people and from outside, and what it answers (DOMAIN §10)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.alerts.vocabulary import AlertView, Severity, SilenceView
from contracts.ground import Figure
from contracts.message import Answered, Command


class AlertAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to what is asked of one alert; `reason` says why it was not done."""

    done: bool
    reason: str = ""
    alert: AlertView | None = None


class AcknowledgeAlert(Answered[AlertAnswer], frozen=True, kw_only=True):
    """Somebody looks after it: nobody is told of it until that lapses, after 4 h (critical, error) or 24 h."""

    subject: ClassVar[str] = "alerts.cmd.{alert_id}.acknowledge_alert"
    alert_id: str
    note: str = ""


class ResolveAlert(Answered[AlertAnswer], frozen=True, kw_only=True):
    """The cause is gone. Heard again, it is a new alert."""

    subject: ClassVar[str] = "alerts.cmd.{alert_id}.resolve_alert"
    alert_id: str
    note: str = ""


class IncidentAction(StrEnum):
    """What somebody did to an alert's incident at PagerDuty."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


class MirrorIncident(Command, frozen=True, kw_only=True):
    """Somebody acknowledged or resolved an alert at PagerDuty: the same holds here (DOMAIN §10)."""

    subject: ClassVar[str] = "alerts.cmd.{alert_id}.mirror_incident"
    alert_id: str
    """PagerDuty's `dedup_key`."""
    action: IncidentAction
    by: str
    """Who did, as PagerDuty names them."""
    at: datetime


class HearOutsideAlert(Command, frozen=True, kw_only=True):
    """An alert of Prometheus by its Alertmanager: it fires, or is over (DOMAIN §10)."""

    subject: ClassVar[str] = "alerts.cmd.{key}.hear_outside_alert"
    key: str
    """Fingerprint and start, as one token: a rule that fires once more is another alert."""
    event: str
    """The rule's name."""
    service: str
    """Whose alert it is; empty: nobody's in particular."""
    firing: bool
    """False: it is over."""
    severity: Severity | None
    """None: what its event has by the routing table."""
    summary: str
    figures: tuple[Figure, ...]
    runbook: str | None
    at: datetime


class SilenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to what is asked of a silence; `reason` says why it was not done."""

    done: bool
    reason: str = ""
    silence: SilenceView | None = None


class StartSilence(Answered[SilenceAnswer], frozen=True, kw_only=True):
    """Tell nobody of an event for a while (DOMAIN §10); at its end what is still open is told at once."""

    subject: ClassVar[str] = "alerts.cmd.{scope}.start_silence"
    scope: str = "silences"
    """Always `silences`."""
    event: str
    """One event's name, or `*` for all."""
    key_pattern: str = "*"
    """Which keys of it: `*` stands for any characters."""
    minutes: int
    """7 days at most: 10,080."""
    reason: str


class EndSilence(Answered[SilenceAnswer], frozen=True, kw_only=True):
    """End a silence now."""

    subject: ClassVar[str] = "alerts.cmd.{silence_id}.end_silence"
    silence_id: UUID
