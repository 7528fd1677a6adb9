"""What operators ask of promo (DOMAIN §7, §13); each has an admin endpoint."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.message import Answered
from contracts.promo.queries import GuardCandidate
from contracts.promo.vocabulary import (
    BudgetPeriod,
    BudgetUnit,
    CampaignScope,
    CampaignStatus,
    CampaignType,
    RedemptionState,
)


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it stands."""

    name: str
    type: CampaignType
    scope: CampaignScope
    premium_days: int
    """Of a grant: 7, 30 or 90; 0 otherwise."""
    percent: int
    """Of a discount: 1–90; 0 otherwise."""
    valid_from: datetime
    valid_until: datetime | None
    uses_max: int | None
    """Of all its codes together; None: without a bound."""
    uses_per_code_max: int | None
    new_players_only: bool
    first_purchase_only: bool
    is_public: bool
    budget: int | None
    budget_unit: BudgetUnit
    budget_period: BudgetPeriod
    budget_spent: int = 0
    """Of the period that began last, with what is reserved: uses, or Stars."""
    budget_begins: date | None = None
    """When that was, by Berlin's calendar; None: nothing was spent yet."""
    status: CampaignStatus
    used: int
    """APPLIED, APPLIED_LATE and REVOKED redemptions; never taken back."""
    reserved: int
    overrun: int
    """Uses beyond what was allowed, for money that came late."""
    created_at: datetime


class CampaignAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to what is asked of one campaign; `reason` says why it was not done."""

    done: bool
    reason: str = ""
    campaign: CampaignView | None = None


class CreateCampaign(Answered[CampaignAnswer], frozen=True, kw_only=True):
    """Make a campaign. Its codes come by the batch tool (`python -m promo codes`)."""

    subject: ClassVar[str] = "promo.cmd.{name}.create_campaign"
    name: str
    """What it is known by for ever: 1–64 of `A-Z a-z 0-9 _ -`."""
    type: CampaignType
    scope: CampaignScope = CampaignScope.ANY
    premium_days: int = 0
    percent: int = 0
    valid_from: datetime | None = None
    """None: from now on."""
    valid_until: datetime | None = None
    """None: without an end. The first instant at which it is not valid any more."""
    uses_max: int | None = None
    uses_per_code_max: int | None = 1
    new_players_only: bool = False
    first_purchase_only: bool = False
    is_public: bool = False
    budget: int | None = None
    """So many uses or Stars per day, week or month by Berlin's calendar; None: without a budget. Of Stars a reservation
    holds the most that it can take off."""
    budget_unit: BudgetUnit = BudgetUnit.USES
    budget_period: BudgetPeriod = BudgetPeriod.DAY


class ShowCampaign(Answered[CampaignAnswer], frozen=True, kw_only=True):
    """Ask for one campaign."""

    subject: ClassVar[str] = "promo.cmd.{name}.show_campaign"
    name: str


class SetCampaignStatus(Answered[CampaignAnswer], frozen=True, kw_only=True):
    """Pause a campaign, or let it go on. Any other change of status is a conflict."""

    subject: ClassVar[str] = "promo.cmd.{name}.set_campaign_status"
    name: str
    status: CampaignStatus
    expected: CampaignStatus | None = None
    """What it must be now; None: whatever it is."""


class CampaignList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of campaigns, the newest first."""

    campaigns: tuple[CampaignView, ...]
    total: int
    """How many there are on all pages."""


class CampaignFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which campaigns are wanted; what is None narrows nothing."""

    status: CampaignStatus | None = None
    name: str | None = None
    """A part of the name, in capitals or not."""
    type: CampaignType | None = None
    product: CampaignScope | None = None
    """The scope as the campaign has it."""
    created_from: datetime | None = None
    created_until: datetime | None = None
    page: int = 1
    page_size: int = 50


class ListCampaigns(Answered[CampaignList], frozen=True, kw_only=True):
    """Ask for campaigns."""

    subject: ClassVar[str] = "promo.cmd.{queue}.list_campaigns"
    queue: str = "campaigns"
    """Always `campaigns`: there is one list."""
    filter: CampaignFilter = CampaignFilter()


class RedemptionView(msgspec.Struct, frozen=True, kw_only=True):
    """A redemption as it stands."""

    redemption_id: UUID
    player_id: int
    campaign: str | None
    """None, like code and batch, of an offer's personal discount."""
    code_id: UUID | None
    """As `promo_code_id` in the report."""
    batch_id: UUID | None
    state: RedemptionState
    percent: int
    """Of a discount; 0 of a grant."""
    made_at: datetime
    changed_at: datetime
    reserved_until: datetime | None
    """None while it is reserved: its purchase is being paid."""
    purchase_id: UUID | None
    budget_share: int
    """What it takes of the campaign's budget."""


class RedemptionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to what is asked of one redemption; `reason` says why it was not done."""

    done: bool
    reason: str = ""
    redemption: RedemptionView | None = None


class ShowRedemption(Answered[RedemptionAnswer], frozen=True, kw_only=True):
    """Ask for one redemption."""

    subject: ClassVar[str] = "promo.cmd.{redemption_id}.show_redemption"
    redemption_id: UUID


class RedemptionList(msgspec.Struct, frozen=True, kw_only=True):
    """What a player redeemed, the newest first."""

    redemptions: tuple[RedemptionView, ...]
    """The newest hundred."""


class ListRedemptions(Answered[RedemptionList], frozen=True, kw_only=True):
    """Ask for the redemptions of a player."""

    subject: ClassVar[str] = "promo.cmd.{player_id}.list_redemptions"
    player_id: int


class RollBackRefund(Answered[RedemptionAnswer], frozen=True, kw_only=True):
    """Take a discount back whose purchase was refunded, by hand: neither the event nor the comparison did.

    It has to be APPLIED or APPLIED_LATE, for that purchase. Its use stays used.
    """

    subject: ClassVar[str] = "promo.cmd.{player_id}.roll_back_refund"
    player_id: int
    redemption_id: UUID
    purchase_id: UUID
    note: str


class GuardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard looks at, this minute."""

    since: datetime | None
    """Since when the throttle is tightened; None: it is not."""
    failures_allowed: int
    """So many failures block a player now."""
    failures: int
    """Overall in ten minutes, blocked tries included, of one player 20 at most; over 300 tighten the throttle."""
    players: int
    candidates: tuple[GuardCandidate, ...]
    """Stored codes with failures in ten minutes, the twenty with most."""


class ShowGuard(Answered[GuardAnswer], frozen=True, kw_only=True):
    """Ask what the brute-force guard sees."""

    subject: ClassVar[str] = "promo.cmd.{name}.show_guard"
    name: str = "overall"
    """Always `overall`: there is one guard."""


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to `RevokeBatch`."""

    done: bool
    reason: str = ""
    campaign: str = ""
    codes: int = 0
    """How many codes the batch has."""
    revoked_at: datetime | None = None


class RevokeBatch(Answered[BatchAnswer], frozen=True, kw_only=True):
    """Take a batch's unused codes out of use, for good. Codes that were used or are reserved go on."""

    subject: ClassVar[str] = "promo.cmd.{batch_id}.revoke_batch"
    batch_id: UUID
    note: str
