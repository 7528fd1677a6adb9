"""What its jobs tell referrals. Never leaves the service."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Command


class LapseReferral(Command, frozen=True, kw_only=True):
    """The 14 days of a referral are over."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.lapse_referral"
    player_id: int


class OpenSlots(Command, frozen=True, kw_only=True):
    """Rewards of this player's were held long enough, or a month began."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.open_slots"
    player_id: int


class TellGiftAgain(Command, frozen=True, kw_only=True):
    """Payments has never heard of a gift, or of its end."""

    subject: ClassVar[str] = "referrals.cmd.{gift_id}.tell_gift_again"
    gift_id: UUID


class NoteCompared(Command, frozen=True, kw_only=True):
    """Gifts have been compared with payments' books up to an instant."""

    subject: ClassVar[str] = "referrals.cmd.{name}.note_compared"
    name: str
    until: datetime
