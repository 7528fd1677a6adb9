"""What referrals tell themselves: the next step, once this one is committed and both ends of it can be locked."""

from typing import ClassVar
from uuid import UUID

from contracts.message import Command
from contracts.referrals.vocabulary import FraudRule


class BindPlayer(Command, frozen=True, kw_only=True):
    """Both words are there, of the link and of the player's joining, and whose link it is."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.bind_player"
    player_id: int
    referrer_id: int | None = None


class CheckRing(Command, frozen=True, kw_only=True):
    """A player was bound: see whether that closed a ring. Looks at what is committed, so of a ring's last two one sees
    the other.
    """

    subject: ClassVar[str] = "referrals.cmd.{player_id}.check_ring"
    player_id: int
    referrer_id: int


class SuspectReferral(Command, frozen=True, kw_only=True):
    """A fraud rule says that this referral is none."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.suspect_referral"
    player_id: int
    rule: FraudRule
    score: int


class SettleRewards(Command, frozen=True, kw_only=True):
    """A referral of this player's counts from now on, or does so no more."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.settle_rewards"
    player_id: int


class EndGift(Command, frozen=True, kw_only=True):
    """What was given is not earned any more: it is to be taken back."""

    subject: ClassVar[str] = "referrals.cmd.{gift_id}.end_gift"
    gift_id: UUID
