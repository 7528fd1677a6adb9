"""What referrals hears of players (DOMAIN §9)."""

from datetime import datetime
from typing import ClassVar

from contracts.message import Command
from contracts.referrals.vocabulary import LinkKind, ReferralView, RewardChoice


class TouchLink(Command, frozen=True, kw_only=True):
    """A player's first contact was by this link; sent by the gateway, which says it of a first contact alone.

    The earliest touch that is heard before the decision wins; nothing changes it afterwards.
    """

    subject: ClassVar[str] = "referrals.cmd.{player_id}.touch_link"
    player_id: int
    kind: LinkKind
    value: str
    """What stood after the kind: a code, a duel's id, a token. 1–60 of `A-Za-z0-9_-`."""
    touched_at: datetime
    """When the update came in."""


class ShowReferrals(Command, frozen=True, kw_only=True):
    """Ask for one's own link and what it brought; answered by `ReferralsShown`. Makes the code at the first wish."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.show_referrals"
    player_id: int
    view: ReferralView


class ClaimReward(Command, frozen=True, kw_only=True):
    """Choose what a slot is to be; answered by `RewardAnswered`. Of a claimed slot the first outcome comes again."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.claim_reward"
    player_id: int
    number: int
    """Which of the player's slots, from 1."""
    choice: RewardChoice
