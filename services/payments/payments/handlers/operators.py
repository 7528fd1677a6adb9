"""What operators may do about purchases: `admin.payments.purchase.show`, `.review.*`, `.refund.*` (DOMAIN §6).

Each is a command like every other: written to the audit, and repeated with the first answer.
"""

from typing import Annotated

import msgspec

from actors.turn import Turn
from contracts.payments import ListReviews, PurchaseShown, ShowPurchase
from payments.domain.purchase import Purchase
from payments.domain.reviews import Reviews, Waiting
from payments.handlers.table import actor


class ReviewList(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person, the oldest first."""

    cases: tuple[Waiting, ...]


@actor.admin("purchase", "show", answer=PurchaseShown, reads=True)
@actor.on(ShowPurchase)
def show_purchase(command: ShowPurchase, purchase: Purchase | None, turn: Turn) -> None:
    """Answer with everything about one purchase."""
    del command
    turn.reply(PurchaseShown(found=False) if purchase is None else _shown(purchase))


@actor.admin(
    "review",
    "list",
    answer=ReviewList,
    limits={"limit": Annotated[int, msgspec.Meta(ge=1, le=500)]},
    fixed={"queue": "reviews"},
    reads=True,
)
@actor.on(ListReviews)
def list_reviews(command: ListReviews, reviews: Reviews, turn: Turn) -> None:
    """Answer with what waits for a person."""
    del command
    turn.reply(ReviewList(cases=reviews.cases))


def _shown(purchase: Purchase) -> PurchaseShown:
    return PurchaseShown(
        found=True,
        player_id=purchase.player_id,
        product=purchase.product,
        provider=purchase.provider,
        state=purchase.state,
        amount=purchase.amount,
        currency=purchase.currency,
        steps=purchase.steps,
        late=purchase.late,
        reason=purchase.reason,
        credit_attempts=purchase.credit_attempts,
        charge_id=purchase.charge_id,
        redemption_id=purchase.redemption_id,
        created_at=purchase.created_at,
        expires_at=purchase.expires_at,
        prechecked_at=purchase.prechecked_at,
        paid_at=purchase.paid_at,
        credited_at=purchase.credited_at,
        refunded_at=purchase.refunded_at,
    )
