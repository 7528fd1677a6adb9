"""What operators ask of referrals (DOMAIN §9, §13); each has an admin endpoint, and the dashboard a query."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from contracts.message import Answered, Query
from contracts.referrals.vocabulary import FraudRule, LinkKind, ReferralState


class ReferralCase(msgspec.Struct, frozen=True, kw_only=True):
    """A referral as an operator sees it."""

    player_id: int
    """Who was brought; the referral's name."""
    referrer_id: int | None
    kind: LinkKind
    value: str
    state: ReferralState
    rule: FraudRule | None
    score: int
    verdict: str | None
    """What ops said last: `FRAUD`, `CANCELED`; None: nothing, or to leave it to the rules."""
    answered: int
    touched_at: datetime
    qualified_at: datetime | None
    changed_at: datetime


class ReviewList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the review queue, the surest first, of one score the newest first."""

    cases: tuple[ReferralCase, ...]
    total: int
    """On all pages."""


class ReviewFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are wanted; what is None narrows nothing."""

    state: ReferralState | None = None
    rule: FraudRule | None = None
    referrer_id: int | None = None
    page: int = 1
    page_size: int = 50


class ListReferralReviews(Answered[ReviewList], frozen=True, kw_only=True):
    """Ask for what a fraud rule found and nobody has decided."""

    subject: ClassVar[str] = "referrals.cmd.{queue}.list_reviews"
    queue: str = "reviews"
    """Always `reviews`: there is one queue."""
    filter: ReviewFilter = ReviewFilter()


class ReviewAction(StrEnum):
    """What an operator does about a referral."""

    CONFIRM_FRAUD = "CONFIRM_FRAUD"
    """It is fraud, whatever the rules say; what it earned is taken back."""
    REOPEN = "REOPEN"
    """Whatever ended it is forgotten, no rule ends it again, and it stands as its answers say."""
    CANCEL = "CANCEL"
    """It comes to nothing, without blame."""


class DecisionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an operator's decision."""

    done: bool
    code: int = 200
    """404: no such referral; 409: it stands otherwise than expected, or the action does not fit it."""
    reason: str = ""
    before: ReferralState | None = None
    case: ReferralCase | None = None
    """As it stands now."""


class DecideReview(Answered[DecisionAnswer], frozen=True, kw_only=True):
    """Decide about a referral."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.decide_review"
    player_id: int
    """Who was brought."""
    action: ReviewAction
    expected: ReferralState | None = None
    """What it must be now; None: whatever it is."""
    note: str
    """Why, for the audit."""


class CampaignLinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link of ops."""

    code: str
    """The link is `t.me/<bot>?start=c_<code>`."""
    name: str
    cost_minor: int
    """What it cost, in Stars or minor units."""
    currency: str
    created_at: datetime


class CampaignLinkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to what is asked of one link; `reason` says why it was not done."""

    done: bool
    reason: str = ""
    campaign: CampaignLinkView | None = None


class CreateCampaignLink(Answered[CampaignLinkAnswer], frozen=True, kw_only=True):
    """Make a campaign's link."""

    subject: ClassVar[str] = "referrals.cmd.{code}.create_campaign_link"
    code: str
    """What the link ends with, for ever: 1–60 of `A-Z 0-9 _ -`."""
    name: str
    cost_minor: int = 0
    currency: str = "EUR"
    """Of the cost: three capital letters, `XTR` for Stars."""


class CampaignLinkList(msgspec.Struct, frozen=True, kw_only=True):
    """Links, the newest first."""

    campaigns: tuple[CampaignLinkView, ...]
    total: int


class ListCampaignLinks(Answered[CampaignLinkList], frozen=True, kw_only=True):
    """Ask for campaigns' links."""

    subject: ClassVar[str] = "referrals.cmd.{queue}.list_campaign_links"
    queue: str = "campaigns"
    """Always `campaigns`: there is one list."""
    page: int = 1


class CampaignFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a campaign (DOMAIN §9)."""

    done: bool
    reason: str = ""
    campaign: CampaignLinkView | None = None
    starts: int = 0
    answered_20: int = 0
    """Players with 20 answers or more."""
    returned_day_1: int = 0
    """Players who answered on the Berlin day after the one of their start."""
    returned_day_7: int = 0
    returned_day_30: int = 0
    payers: int = 0
    """Players with a purchase that was not given back."""
    stars: int = 0
    """Of those purchases; what was paid in other currencies is not in it."""
    cost_per_payer: int | None = None
    """In the cost's own unit, rounded up; None: nobody paid."""


class ShowCampaignFigures(Answered[CampaignFigures], frozen=True, kw_only=True):
    """Ask what came of a campaign."""

    subject: ClassVar[str] = "referrals.cmd.{code}.show_campaign_figures"
    code: str


WINDOW_HOURS_MAX = 168
"""A week."""


class ReferrerInWindow(msgspec.Struct, frozen=True, kw_only=True):
    """What came by one player's link within the window."""

    referrer_id: int
    starts: int
    rejected: int


class ReferralsDashboard(msgspec.Struct, frozen=True, kw_only=True):
    """How referrals fare, exact over the window from `since` on and before `until`."""

    since: datetime
    until: datetime
    starts: int
    """Players bound in the window."""
    by_kind: dict[LinkKind, int]
    by_state: dict[ReferralState, int]
    """Of them, as they stand now."""
    by_rule: dict[FraudRule, int]
    """Of those rejected or suspected."""
    fraud_rate: float | None
    """What part of the starts is rejected, 0–1; None: there were none."""
    qualified: int
    """That qualified in the window, whenever they started."""
    slots_claimed: int
    rewards_taken_back: int
    bonuses_given: int
    to_review: int
    """Found by a rule and decided by nobody, by now."""
    top_referrers: tuple[ReferrerInWindow, ...]
    """The ten with most starts."""


class ReferralsDashboardQuery(Query[ReferralsDashboard], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask how referrals fared in the hours before an instant."""

    subject: ClassVar[str] = "query.referrals.dashboard"
    hours: Annotated[int, msgspec.Meta(ge=1, le=WINDOW_HOURS_MAX)] = 24
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """None: now."""
