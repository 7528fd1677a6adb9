"""What the gateway tells itself: results of effects and of jobs. Never leaves the service.

Subjects keep their first names: processes of an older build write and hear them during a deployment.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Command


class RecordScreen(Command, frozen=True, kw_only=True):
    """A new message with an open round was sent: it is the live game message from now on."""

    subject: ClassVar[str] = "gateway.cmd.{player_id}.note_screen"
    player_id: int
    message_id: int
    round_id: UUID


class RecordUnreachable(Command, frozen=True, kw_only=True):
    """Telegram refused a message to this player: the bot is blocked or the account is gone."""

    subject: ClassVar[str] = "gateway.cmd.{player_id}.note_unreachable"
    player_id: int
    at: datetime


class RecordUntold(Command, frozen=True, kw_only=True):
    """Telegram refused what a group or channel was to be told."""

    subject: ClassVar[str] = "gateway.cmd.{chat_id}.note_untold"
    chat_id: int


class RecordInvoice(Command, frozen=True, kw_only=True):
    """An invoice stands in the player's chat; an earlier message with the same one is to go."""

    subject: ClassVar[str] = "gateway.cmd.{player_id}.note_invoice"
    player_id: int
    purchase_id: UUID
    message_id: int
    sent_at: datetime
    thread_id: int = 0
    """The topic it was sent to; 0 for none."""


class CheckHealth(Command, frozen=True, kw_only=True):
    """What the five-minute check found on this side; Telegram's side is still to be asked for (DOMAIN §12)."""

    subject: ClassVar[str] = "gateway.cmd.{bot}.check_health"
    bot: str
    taps: int
    """Taps heard in the last five minutes."""
    unanswered: int
    """Taps of that time whose answer still waits or whose handling failed."""


class RecordHealth(Command, frozen=True, kw_only=True):
    """Both sides of the check."""

    subject: ClassVar[str] = "gateway.cmd.{bot}.note_health"
    bot: str
    pending: int
    """Updates that wait at Telegram."""
    taps: int
    unanswered: int
    last_error: str = ""
    """What Telegram says went wrong with the webhook in that time; empty when nothing did."""
