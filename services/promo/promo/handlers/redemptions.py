"""What operators do about redemptions: `admin.promo.redemption.*`, `admin.promo.refund.rollback` (DOMAIN §7)."""

from typing import Annotated
from uuid import UUID

import msgspec

from actors.store import Via
from actors.turn import Turn
from contracts.promo import (
    ListRedemptions,
    RedemptionAnswer,
    RedemptionList,
    RollBackRefund,
    ShowRedemption,
)
from promo.domain.booking import Booking
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.redeemer import Redeemer
from promo.domain.redemption import Redemption
from promo.handlers.discounts import revoke
from promo.handlers.table import actor

_PlayerId = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
_Note = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@actor.admin("redemption", "show", answer=RedemptionAnswer, reads=True)
@actor.on(ShowRedemption)
def show_redemption(command: ShowRedemption, redemption: Redemption | None, turn: Turn) -> None:
    """Answer with a redemption as it stands."""
    del command
    turn.reply(_nothing() if redemption is None else RedemptionAnswer(done=True, redemption=redemption.view()))


@actor.admin("redemption", "list", answer=RedemptionList, limits={"player_id": _PlayerId}, reads=True)
@actor.on(ListRedemptions)
def list_redemptions(command: ListRedemptions, redemptions: RedemptionList, turn: Turn) -> None:
    """Answer with what a player redeemed."""
    del command
    turn.reply(redemptions)


def _campaign(redemption: Redemption, _: RollBackRefund) -> str | None:
    return redemption.campaign


def _code(redemption: Redemption, _: RollBackRefund) -> UUID | None:
    return redemption.code_id


@actor.admin(
    "refund",
    "rollback",
    answer=RedemptionAnswer,
    limits={"player_id": _PlayerId, "note": _Note},
    irreversible="The discount is revoked, and its use stays used.",
)
@actor.on(RollBackRefund)
def roll_back_refund(
    command: RollBackRefund,
    redeemer: Redeemer,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Revoke a discount as its purchase's refund would have; a conflict changes nothing and shows how it stands."""
    if redemption is None or redemption.player_id != command.player_id:
        turn.reply(_nothing())
        return
    conflict = _conflict(command, redemption)
    if not conflict:
        revoke(Booking(redemption, campaign, code), command.purchase_id, redeemer, turn)
    turn.reply(RedemptionAnswer(done=not conflict, reason=conflict, redemption=redemption.view()))


def _conflict(command: RollBackRefund, redemption: Redemption) -> str:
    """Return what forbids it, naming field and remedy; empty when nothing does."""
    if not redemption.percent:
        return "redemption_id: this code gave premium, which no refund takes back; payments has it under the same id"
    if not redemption.is_applied:
        return f"redemption_id: it is {redemption.state}; only APPLIED and APPLIED_LATE can be rolled back"
    if redemption.purchase_id != command.purchase_id:
        return f"purchase_id: it was used for {redemption.purchase_id}; look at that purchase, then decide"
    return ""


def _nothing() -> RedemptionAnswer:
    reason = "redemption_id: this player has none such; admin.promo.redemption.list has what a player redeemed"
    return RedemptionAnswer(done=False, reason=reason)
