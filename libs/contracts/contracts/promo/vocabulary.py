"""The words that promo's commands and events are made of: campaigns, redemptions, refusals (DOMAIN §7)."""

from enum import StrEnum


class CampaignType(StrEnum):
    """What a code gives."""

    PREMIUM_GRANT = "PREMIUM_GRANT"
    """Premium for 7, 30 or 90 days, at once."""
    PERCENT_DISCOUNT = "PERCENT_DISCOUNT"
    """1–90 % off one purchase."""


class CampaignScope(StrEnum):
    """Which products a discount fits: one, or a family of them."""

    ENERGY_10 = "ENERGY_10"
    MEGA_PACK_15 = "MEGA_PACK_15"
    STREAK_SAVER_20 = "STREAK_SAVER_20"
    DUEL_TICKET_5 = "DUEL_TICKET_5"
    PREMIUM_STARTER = "PREMIUM_STARTER"
    PREMIUM_MONTH = "PREMIUM_MONTH"
    PREMIUM_SEASON = "PREMIUM_SEASON"
    PREMIUM_YEAR = "PREMIUM_YEAR"
    ANY = "ANY"
    MICRO_ANY = "MICRO_ANY"
    """Whatever is no premium."""
    PREMIUM_ANY = "PREMIUM_ANY"


class CampaignStatus(StrEnum):
    """Whether a campaign's codes are taken. Operators switch between ACTIVE and PAUSED only."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    EXPIRED = "EXPIRED"
    """Its last instant is over."""
    DEPLETED = "DEPLETED"
    """Every use is taken for good."""


class RedemptionState(StrEnum):
    """How far one player's use of one code has come."""

    RESERVED = "RESERVED"
    APPLIED = "APPLIED"
    APPLIED_LATE = "APPLIED_LATE"
    """Money that came after the reservation had expired was honoured all the same."""
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    """The money went back; the use stays used."""


class BudgetPeriod(StrEnum):
    """How long a budget lasts, by Berlin's calendar; weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class BudgetUnit(StrEnum):
    """What a budget is counted in."""

    USES = "USES"
    STARS = "STARS"
    """Stars that were taken off prices."""


class RedeemRefusal(StrEnum):
    """Why a code is not taken. The number beside each is what an HTTP answer says."""

    INVALID = "invalid"
    """404: no such code, or one that is bound to somebody else."""
    NOT_YET = "not_yet"
    """410: its time has not come."""
    EXPIRED = "expired"
    """410: its time is over, or its batch was revoked."""
    PAUSED = "paused"
    """410: an operator or the guard has paused the campaign."""
    DEPLETED = "depleted"
    """410: all uses are taken or reserved."""
    ALREADY_USED = "already_used"
    """409: by this player, this code or another one of its batch. With `until`: a reservation of theirs has run out and
    is about to be freed; they may try again then."""
    NOT_APPLICABLE = "not_applicable"
    """422: it is for new players, or for a first purchase."""
    BUDGET_SPENT = "budget_spent"
    """429: the budget of the day, week or month is spent; `until` says when it opens again."""
    RATE_LIMITED = "rate_limited"
    """429: too many failures; `until` says when the player may try again."""
