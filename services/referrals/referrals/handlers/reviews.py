"""What fraud rules found, and what ops decide: `admin.referrals.review.*` (DOMAIN §9)."""

from typing import Annotated, Final

import msgspec

from actors.turn import Turn
from contracts.referrals import (
    DecideReview,
    DecisionAnswer,
    ListReferralReviews,
    ReferralState,
    ReviewFilter,
    ReviewList,
)
from referrals.domain import review
from referrals.domain.affiliates.sale import UnclaimedSales
from referrals.domain.referral import Referral
from referrals.handlers import sales
from referrals.handlers.following import follow
from referrals.handlers.table import actor

_PlayerId = Annotated[int, msgspec.Meta(gt=0, le=2**53)]
_PAGE_SIZE_MAX: Final = 500
_NOTHING: Final = "player_id: nobody of that id came by a link; admin.referrals.review.list names those to decide"


def _page_fault(command: ListReferralReviews) -> str:
    wanted = command.filter
    if not 1 <= wanted.page <= 1_000_000 or not 1 <= wanted.page_size <= _PAGE_SIZE_MAX:
        return f"filter: page from 1 on, page_size from 1 to {_PAGE_SIZE_MAX}"
    return ""


@actor.admin(
    "review",
    "list",
    answer=ReviewList,
    fixed={"queue": "reviews"},
    check=_page_fault,
    limits={"filter": ReviewFilter},
    reads=True,
)
@actor.on(ListReferralReviews)
def list_reviews(command: ListReferralReviews, page: ReviewList, turn: Turn) -> None:
    """Answer with a page of the queue."""
    del command
    turn.reply(page)


@actor.admin(
    "review",
    "decide",
    answer=DecisionAnswer,
    limits={"player_id": _PlayerId, "note": Annotated[str, msgspec.Meta(min_length=1, max_length=200)]},
)
@actor.on(DecideReview)
def decide_review(command: DecideReview, referral: Referral | None, unclaimed: UnclaimedSales, turn: Turn) -> None:
    """Do what ops decided, with all that follows; a conflict changes nothing and shows how it stands."""
    if referral is None:
        turn.reply(DecisionAnswer(done=False, code=404, reason=_NOTHING))
        return
    before = referral.state
    conflict = review.conflict(referral, command.action, command.expected, turn.now)
    if conflict:
        case = review.case_of(referral)
        turn.reply(DecisionAnswer(done=False, code=409, reason=conflict, before=before, case=case))
        return
    review.decide(referral, command.action, turn.now)
    follow(referral, turn)
    if before is ReferralState.REJECTED_FRAUD:
        sales.claim(unclaimed, referral, turn)
    turn.reply(DecisionAnswer(done=True, before=before, case=review.case_of(referral)))
