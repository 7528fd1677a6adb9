"""What any service may say about itself, whatever its business."""

from datetime import datetime
from typing import ClassVar

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


GROUND: tuple[type[Event], ...] = (DeadLetterReceived, StorageFailed, StorageCleared)
"""What every service may say."""
