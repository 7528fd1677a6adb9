"""The internal API's routes to referrals (DOMAIN §9, §11)."""

from http import HTTPStatus
from typing import Final

import msgspec

from contracts.referrals import (
    DecisionAnswer,
    FraudRule,
    ReferralsDashboard,
    ReferralsDashboardQuery,
    ReferralState,
    ReviewAction,
    ReviewList,
)
from gateway.web.owners import Owners
from gateway.web.problems import ProblemError
from gateway.web.requests import Note, Page, PlayerId, Window, window_of
from gateway.web.route import PREFIX, Asked, Place, Route


class ReviewsWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases are wanted; what is left out narrows nothing."""

    state: ReferralState | msgspec.UnsetType = msgspec.UNSET
    rule: FraudRule | msgspec.UnsetType = msgspec.UNSET
    referrer_id: PlayerId | msgspec.UnsetType = msgspec.UNSET
    page: Page = 1
    """Of 50 cases each, the surest first."""


class DecisionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done about a referral, and why."""

    action: ReviewAction
    expected: ReferralState | None = None
    """What it must be now; null: whatever it is."""
    note: Note


async def dashboard(owners: Owners, asked: Asked) -> ReferralsDashboard:
    """Tell how referrals fare."""
    return await owners.query(ReferralsDashboardQuery(**window_of(asked.given)))


async def list_reviews(owners: Owners, asked: Asked) -> ReviewList:
    """Show a page of what a fraud rule found and nobody has decided."""
    given = msgspec.structs.asdict(asked.given)
    narrowed = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    request = {"request_id": asked.request_id, "filter": narrowed}
    return await owners.admin("admin.referrals.review.list", request, person=asked.person, answer=ReviewList)


async def decide(owners: Owners, asked: Asked) -> DecisionAnswer:
    """Decide about a referral."""
    given = msgspec.structs.asdict(asked.given)
    request = {"request_id": asked.request_id, "player_id": int(asked.place), **given}
    answer = await owners.admin("admin.referrals.review.decide", request, person=asked.person, answer=DecisionAnswer)
    if not answer.done:
        status = HTTPStatus.NOT_FOUND if answer.code == HTTPStatus.NOT_FOUND else HTTPStatus.CONFLICT
        raise ProblemError(status, answer.reason, current=answer.case)
    return answer


REFERRAL: Final = Place("id", "[1-9][0-9]{0,14}", "The player who was brought, by whom a referral is known")
ROUTES: Final = (
    Route(
        method="GET", path=f"{PREFIX}/referrals/dashboard", summary="How referrals fare",
        takes=Window, answer=ReferralsDashboard, serve=dashboard,
    ),
    Route(
        method="GET", path=f"{PREFIX}/referrals/review", summary="What waits for a decision",
        takes=ReviewsWanted, answer=ReviewList, serve=list_reviews,
    ),
    Route(
        method="POST", path=f"{PREFIX}/referrals/{{id}}/review", place=REFERRAL, summary="Decide about a referral",
        takes=DecisionRequest, answer=DecisionAnswer, serve=decide, refuses={404: "Nobody of that id came by a link"},
    ),
)  # fmt: skip
