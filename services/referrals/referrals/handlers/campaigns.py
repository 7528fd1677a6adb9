"""Campaigns of ops: `admin.referrals.campaign.*` (DOMAIN §9)."""

from typing import Annotated, Final

import msgspec

from actors.turn import Turn
from contracts.referrals import (
    CampaignFigures,
    CampaignLinkAnswer,
    CampaignLinkList,
    CreateCampaignLink,
    ListCampaignLinks,
    ShowCampaignFigures,
)
from referrals.domain.campaign import CampaignCounts, CampaignLink, UsedName
from referrals.handlers.table import actor

CODE_LENGTH_MAX: Final = 58
"""A link's start parameter has room for no more."""
_Code = Annotated[str, msgspec.Meta(pattern=rf"^[A-Z0-9_-]{{1,{CODE_LENGTH_MAX}}}(?!\n)$")]
_LIMITS: Final = {
    "code": _Code,
    "name": Annotated[str, msgspec.Meta(min_length=1, max_length=100)],
    "cost_minor": Annotated[int, msgspec.Meta(ge=0, le=10**12)],
    "currency": Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}(?!\n)$")],
}
_NOTHING: Final = "code: no such campaign; admin.referrals.campaign.list has their codes"


@actor.admin("campaign", "create", answer=CampaignLinkAnswer, limits=_LIMITS)
@actor.on(CreateCampaignLink)
def create_campaign_link(
    command: CreateCampaignLink, campaign: CampaignLink | None, used: UsedName | None, turn: Turn
) -> None:
    """Make a link, or say that there is one of that code or name."""
    if campaign is not None:
        reason = "code: there is a campaign of that code; use another one"
        turn.reply(CampaignLinkAnswer(done=False, reason=reason, campaign=campaign.view()))
        return
    if used is not None:
        turn.reply(CampaignLinkAnswer(done=False, reason=f"name: it is {used.code}'s; use another one"))
        return
    made = CampaignLink(
        code=command.code,
        name=command.name,
        cost_minor=command.cost_minor,
        currency=command.currency,
        created_at=turn.now,
    )
    turn.create(made)
    turn.reply(CampaignLinkAnswer(done=True, campaign=made.view()))


@actor.admin(
    "campaign", "list", answer=CampaignLinkList, fixed={"queue": "campaigns"},
    limits={"page": Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]}, reads=True,
)  # fmt: skip
@actor.on(ListCampaignLinks)
def list_campaign_links(command: ListCampaignLinks, page: CampaignLinkList, turn: Turn) -> None:
    """Answer with a page of links."""
    del command
    turn.reply(page)


@actor.admin("campaign", "figures", answer=CampaignFigures, limits={"code": _Code}, reads=True)
@actor.on(ShowCampaignFigures)
def show_campaign_figures(
    command: ShowCampaignFigures, campaign: CampaignLink | None, counts: CampaignCounts, turn: Turn
) -> None:
    """Answer with what came of a campaign."""
    del command
    turn.reply(CampaignFigures(done=False, reason=_NOTHING) if campaign is None else counts.figures(campaign))
