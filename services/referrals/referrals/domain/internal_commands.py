"""What its jobs tell referrals. Never leaves the service."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Command
from contracts.referrals import LinkKind


class LapseReferral(Command, frozen=True, kw_only=True):
    """The 14 days of a referral are over."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.lapse_referral"
    player_id: int


class LookAgain(Command, frozen=True, kw_only=True):
    """A link that nobody had made when it was opened has been made since."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.look_again"
    player_id: int
    kind: LinkKind
    value: str


class OpenSlots(Command, frozen=True, kw_only=True):
    """Rewards of this player's were held long enough, or a month began."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.open_slots"
    player_id: int


class TellGiftAgain(Command, frozen=True, kw_only=True):
    """Payments has never heard of a gift, or of its end."""

    subject: ClassVar[str] = "referrals.cmd.{gift_id}.tell_gift_again"
    gift_id: UUID


class NoteCompared(Command, frozen=True, kw_only=True):
    """What changed up to an instant has been looked at: gifts, or referrals."""

    subject: ClassVar[str] = "referrals.cmd.{name}.note_compared"
    name: str
    until: datetime
