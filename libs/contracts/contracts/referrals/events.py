"""What referrals says (DOMAIN §9)."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Event
from contracts.referrals.vocabulary import (
    ClaimOutcome,
    FraudRule,
    LinkKind,
    ReferralState,
    ReferralView,
    RefusedLink,
    RewardChoice,
    SlotView,
)


class PlayerBound(Event, frozen=True, kw_only=True):
    """A new player came by a link and is bound to it for ever. Said once a player at most."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.player_bound"
    player_id: int
    kind: LinkKind
    value: str
    referrer_id: int | None = None
    """The player whose link it is; None for a campaign, a screen, and a duel whose maker is not known."""
    started_at: datetime
    started_on: date
    """The Berlin day."""
    state: ReferralState
    """`STARTED`, or `REJECTED_FRAUD` from the start."""
    score: int = 0
    """How sure the fraud rule is, 0–100."""


class LinkRefused(Event, frozen=True, kw_only=True):
    """A link was opened that binds nobody: the player is not new, or it is their own, or nobody's."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.link_refused"
    player_id: int
    kind: LinkKind
    value: str
    reason: RefusedLink
    at: datetime


class ReferralChanged(Event, frozen=True, kw_only=True):
    """A bound player's referral stands otherwise: it qualified, came to nothing, was rejected, or counts again."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.referral_changed"
    player_id: int
    referrer_id: int | None
    state: ReferralState
    rule: FraudRule | None = None
    score: int = 0
    qualified_at: datetime | None = None
    at: datetime


class InviteBonusGiven(Event, frozen=True, kw_only=True):
    """An invited player answered for the fifth time and gets energy (DOMAIN §9); once a player."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.invite_bonus_given"
    player_id: int
    paid_energy: int
    at: datetime


class ReferralsShown(Event, frozen=True, kw_only=True):
    """One's own link, and what came of it."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.referrals_shown"
    player_id: int
    view: ReferralView
    code: str
    """What the link ends with: `ref_<code>`."""
    started: int
    """Players who came by it, those that were rejected left out."""
    qualified: int
    to_next: int
    """So many more must qualify for the next slot, 1–3."""
    claimed: int
    """Rewards that were claimed and stand."""
    slots: tuple[SlotView, ...] = ()


class ReferralRewardMilestoneAvailable(Event, frozen=True, kw_only=True):
    """A reward may be claimed (DOMAIN §10 `referral_reward_milestone_available`)."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.referral_reward_milestone_available"
    player_id: int
    number: int
    qualified: int
    """Referrals of the player that qualify."""
    qualified_at: datetime
    at: datetime


class ReferralRewardGranted(Event, frozen=True, kw_only=True):
    """A reward was claimed and is given (DOMAIN §10 `referral_reward_granted`)."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.referral_reward_granted"
    player_id: int
    number: int
    choice: RewardChoice
    grant_id: UUID
    claimed_this_month: int
    """With this one."""
    at: datetime


class ReferralRewardTakenBack(Event, frozen=True, kw_only=True):
    """A claimed reward is taken back: its referrals do not count any more."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.referral_reward_taken_back"
    player_id: int
    number: int
    choice: RewardChoice
    grant_id: UUID
    at: datetime


class RewardAnswered(Event, frozen=True, kw_only=True):
    """What came of a claim."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.reward_answered"
    player_id: int
    outcome: ClaimOutcome
    number: int
    choice: RewardChoice | None = None
    """Of a slot that is claimed: as what."""
    until: datetime | None = None
    """When it may be claimed: the hold's end, or the next month's begin."""


class ReferralFraudSpikeDetected(Event, frozen=True, kw_only=True):
    """Within 24 hours too much was rejected for fraud (DOMAIN §9, §10 `referral_fraud_spike_detected`)."""

    subject: ClassVar[str] = "referrals.evt.{scope}.referral_fraud_spike_detected"
    scope: str
    """Always `referrals`."""
    starts: int
    """Bound within 24 hours."""
    rejected: int
    """Of them, for fraud."""
    rejected_for_one: int
    """The most of one referrer's."""
    referrer_id: int | None = None
    """Whose those are."""
    at: datetime


class ReferralFraudSpikeCleared(Event, frozen=True, kw_only=True):
    """What `ReferralFraudSpikeDetected` told of is over."""

    subject: ClassVar[str] = "referrals.evt.{scope}.referral_fraud_spike_cleared"
    scope: str
    starts: int
    rejected: int
    rejected_for_one: int
    referrer_id: int | None = None
    at: datetime
