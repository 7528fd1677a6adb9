"""The internal API's routes to promo (DOMAIN §7, §8, §11)."""

from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from contracts.promo import (
    CampaignAnswer,
    CampaignList,
    CampaignScope,
    CampaignStatus,
    CampaignType,
    CampaignView,
    DashboardAnswer,
    DashboardQuery,
    OffersDashboard,
    OffersDashboardQuery,
    RedeemAnswer,
    RedeemRefusal,
    RedemptionAnswer,
    RedemptionView,
)
from gateway.web.owners import Owners
from gateway.web.problems import ProblemError
from gateway.web.requests import Instant, Note, Page, PlayerId, Window, window_of
from gateway.web.route import PREFIX, Asked, Place, Route

_STATUSES: Final = {
    RedeemRefusal.INVALID: HTTPStatus.NOT_FOUND,
    RedeemRefusal.NOT_YET: HTTPStatus.GONE,
    RedeemRefusal.EXPIRED: HTTPStatus.GONE,
    RedeemRefusal.PAUSED: HTTPStatus.GONE,
    RedeemRefusal.DEPLETED: HTTPStatus.GONE,
    RedeemRefusal.ALREADY_USED: HTTPStatus.CONFLICT,
    RedeemRefusal.NOT_APPLICABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    RedeemRefusal.BUDGET_SPENT: HTTPStatus.TOO_MANY_REQUESTS,
    RedeemRefusal.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
}
"""As DOMAIN §7 has them."""
_WORDS: Final = {
    RedeemRefusal.INVALID: "code: there is none such, or it is bound to another player; look at it once more.",
    RedeemRefusal.NOT_YET: "code: its time has not come; `until` says when it does.",
    RedeemRefusal.EXPIRED: "code: its time is over, or its batch was revoked; there is no way back.",
    RedeemRefusal.PAUSED: "code: its campaign is paused; set it ACTIVE first, if that is right.",
    RedeemRefusal.DEPLETED: "code: all its uses are taken or reserved.",
    RedeemRefusal.ALREADY_USED: "code: this player has used it, or another one of its batch.",
    RedeemRefusal.NOT_APPLICABLE: "player_id: the campaign is for new players, or for a first purchase, only.",
    RedeemRefusal.BUDGET_SPENT: "code: its campaign's budget is spent; `until` says when it opens again.",
    RedeemRefusal.RATE_LIMITED: "player_id: too many failures of this player; `until` says when they may try again.",
}


class RedeemRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code is redeemed for a player, as if they had typed it; they are not told in the chat."""

    player_id: PlayerId
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class CampaignsWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which campaigns are wanted; what is left out narrows nothing."""

    status: CampaignStatus | msgspec.UnsetType = msgspec.UNSET
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | msgspec.UnsetType = msgspec.UNSET
    """A part of the name, in capitals or not."""
    type: CampaignType | msgspec.UnsetType = msgspec.UNSET
    product: CampaignScope | msgspec.UnsetType = msgspec.UNSET
    """The scope as the campaign has it."""
    begins: Instant | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="from")
    """Made at this instant or later."""
    until: Instant | msgspec.UnsetType = msgspec.UNSET
    """Made before this instant."""
    page: Page = 1
    """Of 50 campaigns each, the newest first."""


class StatusRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """ACTIVE becomes PAUSED, or the other way round."""

    status: CampaignStatus
    expected: CampaignStatus | None = None
    """What it must be now; null: whatever it is."""


class RollbackRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The discount of a purchase that was refunded is taken back by hand."""

    player_id: PlayerId
    redemption_id: UUID
    purchase_id: UUID
    note: Note


async def redeem(owners: Owners, asked: Asked) -> RedeemAnswer:
    """Redeem a code; only its fingerprints leave the gateway."""
    given: RedeemRequest = asked.given
    fingerprints = owners.peppers.fingerprints(given.code)
    request = {"request_id": asked.request_id, "player_id": given.player_id, "fingerprints": fingerprints}
    answer = await owners.admin("admin.promo.code.redeem", request, person=asked.person, answer=RedeemAnswer)
    if not answer.accepted:
        reason = answer.reason or RedeemRefusal.INVALID
        raise ProblemError(
            _STATUSES[reason], _WORDS[reason], reason=reason, until=answer.until, tries_left=answer.tries_left
        )
    return answer


async def dashboard(owners: Owners, asked: Asked) -> DashboardAnswer:
    """Tell how codes fare."""
    return await owners.query(DashboardQuery(**window_of(asked.given)))


async def offers_dashboard(owners: Owners, asked: Asked) -> OffersDashboard:
    """Tell what became of offers."""
    return await owners.query(OffersDashboardQuery(**window_of(asked.given)))


async def list_campaigns(owners: Owners, asked: Asked) -> CampaignList:
    """Show a page of campaigns."""
    given: CampaignsWanted = asked.given
    wanted = {
        "status": given.status, "name": given.name, "type": given.type, "product": given.product,
        "created_from": given.begins, "created_until": given.until, "page": given.page,
    }  # fmt: skip
    narrowed = {name: value for name, value in wanted.items() if value is not msgspec.UNSET}
    request = {"request_id": asked.request_id, "filter": narrowed}
    return await owners.admin("admin.promo.campaign.list", request, person=asked.person, answer=CampaignList)


async def set_status(owners: Owners, asked: Asked) -> CampaignView:
    """Pause a campaign, or let it go on."""
    given: StatusRequest = asked.given
    request = {
        "request_id": asked.request_id, "name": asked.place, "status": given.status, "expected": given.expected,
    }  # fmt: skip
    answer = await owners.admin("admin.promo.campaign.status", request, person=asked.person, answer=CampaignAnswer)
    return _done(answer.done, answer.reason, answer.campaign)


async def roll_back(owners: Owners, asked: Asked) -> RedemptionView:
    """Take a discount back whose purchase was refunded."""
    request = {"request_id": asked.request_id, **msgspec.structs.asdict(asked.given)}
    answer = await owners.admin("admin.promo.refund.rollback", request, person=asked.person, answer=RedemptionAnswer)
    return _done(answer.done, answer.reason, answer.redemption)


def _done(done: bool, reason: str, view: Any) -> Any:
    """Return how the thing stands now; raises ProblemError 404 without one, 409 when it was left as it stands."""
    if view is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, reason)
    if not done:
        raise ProblemError(HTTPStatus.CONFLICT, reason, current=view)
    return view


CAMPAIGN: Final = Place(
    "promo_code_id", "[A-Za-z0-9_-]{1,64}", "What the campaign is known by: its `name`, as the list of campaigns has it"
)
ROUTES: Final = (
    Route(
        method="POST", path=f"{PREFIX}/promo/redeem", summary="Redeem a code for a player",
        takes=RedeemRequest, answer=RedeemAnswer, serve=redeem,
        refuses={
            404: "There is no such code", 410: "Its time is over or has not come, it is paused or depleted",
            422: "It is not for this player", 429: "Its budget is spent, or the player has failed too often",
        },
    ),
    Route(
        method="GET", path=f"{PREFIX}/promo/dashboard", summary="How codes fare",
        takes=Window, answer=DashboardAnswer, serve=dashboard,
    ),
    Route(
        method="GET", path=f"{PREFIX}/promo/campaigns", summary="A page of campaigns",
        takes=CampaignsWanted, answer=CampaignList, serve=list_campaigns,
    ),
    Route(
        method="POST", path=f"{PREFIX}/promo/campaigns/{{promo_code_id}}/status", place=CAMPAIGN,
        summary="Pause a campaign, or let it go on", takes=StatusRequest, answer=CampaignView, serve=set_status,
        refuses={404: "There is no such campaign"},
    ),
    Route(
        method="POST", path=f"{PREFIX}/promo/refund-rollback", summary="Take a refunded purchase's discount back",
        takes=RollbackRequest, answer=RedemptionView, serve=roll_back, refuses={404: "There is no such redemption"},
    ),
    Route(
        method="GET", path=f"{PREFIX}/offers/dashboard", summary="What became of offers",
        takes=Window, answer=OffersDashboard, serve=offers_dashboard,
    ),
)  # fmt: skip
