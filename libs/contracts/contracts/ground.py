"""What any service may say about itself, whatever its business."""

from datetime import datetime
from typing import ClassVar

from contracts.message import Event, register


class DeadLetterReceived(Event, frozen=True, kw_only=True):
    """A message could not be handled for good and was put aside (DOMAIN §10 `dead_letter_received`)."""

    subject: ClassVar[str] = "{service}.evt.{letter_id}.dead_letter_received"
    service: str
    letter_id: str
    letter_subject: str
    error: str
    attempts: int
    at: datetime


register(DeadLetterReceived)
