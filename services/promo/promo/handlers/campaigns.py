"""What operators do about campaigns and batches: `admin.promo.campaign.*`, `admin.promo.batch.revoke` (DOMAIN §7)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from actors.turn import Turn
from contracts.promo import (
    BatchAnswer,
    BudgetUnit,
    CampaignAnswer,
    CampaignFilter,
    CampaignList,
    CampaignScope,
    CampaignType,
    CreateCampaign,
    ListCampaigns,
    RevokeBatch,
    SetCampaignStatus,
    ShowCampaign,
)
from promo.domain.alarm import ALARM
from promo.domain.budget import Budget
from promo.domain.campaign import RANK_OF_DAYS, Campaign, products_of
from promo.domain.code import Batch
from promo.domain.prices import PriceBook
from promo.handlers.table import actor

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?!\n)$")]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] | None
_PAGE_SIZE_MAX: Final = 500
_PERCENT_MAX: Final = 90


def _fault(command: CreateCampaign) -> str:
    """Return what is wrong with a campaign, naming field and remedy; empty when nothing is."""
    if command.name == ALARM:
        return f"name: {ALARM} is what the guard calls all campaigns together; use another one"
    is_grant = command.type is CampaignType.PREMIUM_GRANT
    fault = _fault_of_grant(command) if is_grant else _fault_of_discount(command)
    if fault:
        return fault
    since, until = command.valid_from, command.valid_until
    fault = _fault_of_times(valid_from=since, valid_until=until)
    if fault:
        return fault
    if since is not None and until is not None and until <= since:
        return "valid_until: must be later than valid_from"
    return ""


def _fault_of_times(**instants: datetime | None) -> str:
    for name, instant in instants.items():
        if instant is not None and (instant.tzinfo is None or not 2000 <= instant.year < 3000):
            return f"{name}: give a time of 2000 to 2999 with its zone, such as 2026-12-01T00:00:00Z"
    return ""


def _fault_of_grant(command: CreateCampaign) -> str:
    if command.premium_days not in RANK_OF_DAYS:
        return f"premium_days: a grant has {', '.join(map(str, RANK_OF_DAYS))} days"
    if command.percent:
        return "percent: a grant has none; leave it out"
    if command.scope is not CampaignScope.ANY:
        return "scope: a grant fits no product; leave it out"
    if command.budget is not None and command.budget_unit is not BudgetUnit.USES:
        return "budget_unit: a grant takes no Stars off a price; use USES"
    return ""


def _fault_of_discount(command: CreateCampaign) -> str:
    if not 1 <= command.percent <= _PERCENT_MAX:
        return f"percent: a discount has 1 to {_PERCENT_MAX}"
    if command.premium_days:
        return "premium_days: a discount has none; leave it out"
    return ""


def _fault_of_budget(command: CreateCampaign, prices: PriceBook) -> str:
    """A budget of Stars that has no room for a single use would refuse every code."""
    if command.budget is None or command.budget_unit is not BudgetUnit.STARS:
        return ""
    most = prices.most_taken_off(products_of(command.scope), command.percent)
    if command.budget >= most:
        return ""
    return f"budget: one use may take {most} Stars off; give that at least, a narrower scope, or a budget of USES"


@actor.admin(
    "campaign",
    "create",
    answer=CampaignAnswer,
    limits={"name": _Name, "uses_max": _Count, "uses_per_code_max": _Count, "budget": _Count},
    check=_fault,
)
@actor.on(CreateCampaign)
def create_campaign(command: CreateCampaign, campaign: Campaign | None, prices: PriceBook, turn: Turn) -> None:
    """Make a campaign, or say that there is one of that name."""
    fault = _fault(command) or _fault_of_budget(command, prices)
    if campaign is not None:
        fault = "name: there is a campaign of that name"
    begins = command.valid_from or turn.now
    if not fault and command.valid_until is not None and command.valid_until <= max(begins, turn.now):
        fault = "valid_until: is past"
    if fault:
        turn.reply(CampaignAnswer(done=False, reason=fault))
        return
    made = Campaign(
        name=command.name,
        type=command.type,
        scope=command.scope,
        premium_days=command.premium_days,
        percent=command.percent,
        valid_from=begins,
        valid_until=command.valid_until,
        uses_max=command.uses_max,
        uses_per_code_max=command.uses_per_code_max,
        new_players_only=command.new_players_only,
        first_purchase_only=command.first_purchase_only,
        is_public=command.is_public,
        budget=None if command.budget is None else Budget(command.budget, command.budget_unit, command.budget_period),
        created_at=turn.now,
    )
    turn.create(made)
    turn.reply(CampaignAnswer(done=True, campaign=made.view()))


@actor.admin("campaign", "show", answer=CampaignAnswer, limits={"name": _Name}, reads=True)
@actor.on(ShowCampaign)
def show_campaign(command: ShowCampaign, campaign: Campaign | None, turn: Turn) -> None:
    """Answer with a campaign as it stands."""
    del command
    turn.reply(_nothing() if campaign is None else CampaignAnswer(done=True, campaign=campaign.view()))


@actor.admin("campaign", "status", answer=CampaignAnswer, limits={"name": _Name})
@actor.on(SetCampaignStatus)
def set_campaign_status(command: SetCampaignStatus, campaign: Campaign | None, turn: Turn) -> None:
    """Pause a campaign or let it go on; a conflict changes nothing and shows how it stands."""
    if campaign is None:
        turn.reply(_nothing())
        return
    conflict = campaign.switch(command.status, command.expected, turn.now)
    turn.reply(CampaignAnswer(done=not conflict, reason=conflict, campaign=campaign.view()))


def _page_fault(command: ListCampaigns) -> str:
    wanted = command.filter
    if not 1 <= wanted.page <= 1_000_000 or not 1 <= wanted.page_size <= _PAGE_SIZE_MAX:
        return f"filter: page from 1 on, page_size from 1 to {_PAGE_SIZE_MAX}"
    return _fault_of_times(created_from=wanted.created_from, created_until=wanted.created_until)


@actor.admin(
    "campaign", "list", answer=CampaignList, fixed={"queue": "campaigns"}, check=_page_fault,
    limits={"filter": CampaignFilter}, reads=True,
)  # fmt: skip
@actor.on(ListCampaigns)
def list_campaigns(command: ListCampaigns, page: CampaignList, turn: Turn) -> None:
    """Answer with a page of campaigns."""
    del command
    turn.reply(page)


@actor.admin(
    "batch",
    "revoke",
    answer=BatchAnswer,
    limits={"note": Annotated[str, msgspec.Meta(min_length=1, max_length=200)]},
    irreversible="The batch's unused codes are out of use for good.",
)
@actor.on(RevokeBatch)
def revoke_batch(command: RevokeBatch, batch: Batch | None, turn: Turn) -> None:
    """Take the unused codes of a batch out of use; what was used or is reserved goes on."""
    del command
    if batch is None:
        turn.reply(BatchAnswer(done=False, reason="batch_id: no such batch; the report of its making names it"))
        return
    if batch.revoked_at is None:
        batch.revoked_at = turn.now
    turn.reply(BatchAnswer(done=True, campaign=batch.campaign, codes=batch.codes, revoked_at=batch.revoked_at))


def _nothing() -> CampaignAnswer:
    return CampaignAnswer(done=False, reason="name: no such campaign; admin.promo.campaign.list has their names")
