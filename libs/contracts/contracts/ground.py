"""What any service may say about itself, whatever its business."""

from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.message import Event


class DeadLetterReceived(Event, frozen=True, kw_only=True):
    """A message could not be handled for good and was put aside (DOMAIN §10 `dead_letter_received`)."""

    subject: ClassVar[str] = "{service}.evt.{letter_id}.dead_letter_received"
    service: str
    letter_id: str
    letter_subject: str
    error: str
    attempts: int
    at: datetime


class StorageFailed(Event, frozen=True, kw_only=True):
    """A stream has taken nothing for a while though NATS is there: its disk was full, it is gone, or denied.

    It is told when there is a way: other streams may work, and what this one must carry waits in the outbox.
    """

    subject: ClassVar[str] = "{service}.evt.{stream}.storage_failed"
    service: str
    """Whose publishing failed."""
    stream: str
    error: str
    at: datetime


class StorageCleared(Event, frozen=True, kw_only=True):
    """The stream takes messages again."""

    subject: ClassVar[str] = "{service}.evt.{stream}.storage_cleared"
    service: str
    stream: str
    at: datetime


class Figure(msgspec.Struct, frozen=True):
    """A number, or a word, by a plain name: `players`, 7."""

    name: str
    value: str | int


class AlertRaised(Event, frozen=True, kw_only=True):
    """Something needs a person, of a kind that has no event of its own ("any other" of DOMAIN §10)."""

    subject: ClassVar[str] = "{service}.evt.{event}.alert_raised"
    service: str
    event: str
    """What people know it by: lower case with underscores, one token."""
    key: str
    """What it is about; the same event and key is the same alert while it is open."""
    summary: str
    """One line in English."""
    figures: tuple[Figure, ...] = ()
    about: str = ""
    """Whose trouble it is; empty: that of who says so."""
    has_end: bool = False
    """Whether an `AlertCleared` will tell that it is over; else it is when nothing was heard of it for 24 hours."""
    at: datetime


class AlertCleared(Event, frozen=True, kw_only=True):
    """The cause of an `AlertRaised` is gone."""

    subject: ClassVar[str] = "{service}.evt.{event}.alert_cleared"
    service: str
    event: str
    key: str
    at: datetime


class DeclaredJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that a service has, and how often it is due."""

    job: str
    period_seconds: int
    """The longest time from one firing to the next, about: a month has 31 days."""


class JobsDeclared(Event, frozen=True, kw_only=True):
    """A process of the service has started; these are all its jobs (DOMAIN §12)."""

    subject: ClassVar[str] = "{service}.evt.{scope}.jobs_declared"
    service: str
    scope: str = "jobs"
    """Always `jobs`."""
    jobs: tuple[DeclaredJob, ...]
    at: datetime


class JobEnded(Event, frozen=True, kw_only=True):
    """A run of a job is over (DOMAIN §12: start, end, duration and result)."""

    subject: ClassVar[str] = "{service}.evt.{job}.job_ended"
    service: str
    job: str
    started_at: datetime
    ended_at: datetime
    seconds: float
    result: str
    """`done`, or what it failed of."""


GROUND: tuple[type[Event], ...] = (
    DeadLetterReceived, StorageFailed, StorageCleared, AlertRaised, AlertCleared, JobsDeclared, JobEnded,
)  # fmt: skip
"""What every service may say."""
