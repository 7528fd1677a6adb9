"""The words that referrals' commands and events are made of: links, states, refusals (DOMAIN §9)."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class LinkKind(StrEnum):
    """Which link brought a player: what stands before the first `_` of the start parameter."""

    REF = "ref"
    """A player's own link."""
    DUEL = "duel"
    """An invitation to a duel; refers to whoever made it."""
    CAMPAIGN = "c"
    """A campaign of ops."""
    SCREEN = "s"
    """A partner's screen (DOMAIN §14)."""


class ReferralState(StrEnum):
    """How far a link's player has come."""

    WAITING = "WAITING"
    """The link was opened; gameplay has not yet said whether the player is new."""
    REFUSED = "REFUSED"
    """The link binds nobody: `RefusedLink` says why."""
    STARTED = "STARTED"
    """Bound: the player is the link's, for ever."""
    QUALIFIED = "QUALIFIED"
    """20 answers within 14 days, on two Berlin days at least."""
    CANCELED = "CANCELED"
    """Not in time, or the player left, or ops said so."""
    REJECTED_FRAUD = "REJECTED_FRAUD"
    """Against the rules, by our own finding or by that of ops."""


class RefusedLink(StrEnum):
    """Why a link binds nobody. The player is welcome all the same."""

    NOT_NEW = "not_new"
    OWN_LINK = "own_link"
    UNKNOWN_LINK = "unknown_link"


LINK_VALUE_LENGTH_MAX: Final = 60
"""Characters after the kind: a start parameter has 64 at most."""


class FraudRule(StrEnum):
    """Which rule says that a referral is none. Each has its score: how sure it is, of 100."""

    REVERSE_PAIR = "reverse_pair"
    """Two players brought each other within 30 days."""
    CYCLE = "cycle"
    """Up to five players brought one another in a ring."""
    VELOCITY = "velocity"
    """Over ten starts by one player's link on a Berlin day."""


class SlotState(StrEnum):
    """How far a reward has come: every third qualified referral is one slot."""

    HELD = "HELD"
    """For 48 hours after the qualification."""
    AVAILABLE = "AVAILABLE"
    """The player may choose."""
    DEFERRED_LIMIT = "DEFERRED_LIMIT"
    """Two were claimed this month: the next one opens it."""
    CLAIMED = "CLAIMED"
    LOST = "LOST"
    """Of its referrals one does not count any more; it comes back when another one does."""
    TAKEN_BACK = "TAKEN_BACK"
    """Claimed, and then lost: what it gave was taken back."""


class RewardChoice(StrEnum):
    """What a slot may be had as: a product of the catalogue (DOMAIN §5)."""

    MEGA_PACK_15 = "MEGA_PACK_15"
    PREMIUM_STARTER = "PREMIUM_STARTER"


class ClaimOutcome(StrEnum):
    """What came of a claim."""

    CLAIMED = "CLAIMED"
    TOO_EARLY = "TOO_EARLY"
    MONTHLY_CAP = "MONTHLY_CAP"
    NO_REWARD = "NO_REWARD"


class ReferralView(StrEnum):
    """What one's own referrals are asked for; echoed, so that the asker knows what to show."""

    INVITE = "invite"
    """The link, to be passed on."""
    STATS = "stats"
    """The figures."""


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """A reward that is neither claimed nor gone."""

    number: int
    state: SlotState
    claimable_at: datetime
    """When its hold ends."""
