"""What a person does about money that its provider refuses to give back: `admin.payments.refund.settle` (DOMAIN §6).

Asking once more is `refund.start`, or `refund.orphan`. Here the case is closed: the player has the money by another
way, or it stays where it is.
"""

from typing import Annotated, Final

import msgspec

from actors.store import Via
from actors.turn import Turn
from contracts.payments import PurchaseState, RecordRefund, RefundReason, RefusedRefund, SettlementKind, SettleRefund
from payments.domain.charge import Charge, Refusal
from payments.domain.purchase import Purchase
from payments.domain.settlement import Settled
from payments.handlers.admin_limits import ChargeId, Note, PlayerId
from payments.handlers.refunds import purchase_of
from payments.handlers.table import actor

LIMITS: Final = {"player_id": PlayerId, "charge_id": ChargeId, "note": Note}


class RefusedRefundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the case is closed, or why not."""

    settled: bool
    reason: str = ""


@actor.admin(
    "refund",
    "settle",
    answer=RefusedRefundAnswer,
    limits=LIMITS,
    irreversible="The charge is closed: nobody is asked for its refund again.",
    confirm="charge_id",
)
@actor.on(SettleRefund)
def settle_refund(
    command: SettleRefund,
    charge: Charge | None,
    purchase: Annotated[Purchase | None, Via(Charge, purchase_of)],
    turn: Turn,
) -> None:
    """Close the case of a refused refund. Given back by hand, the charge is acknowledged: no list will ever show it."""
    if charge is None:
        reason = "charge_id: no such charge; list them with admin.payments.review.list"
        turn.reply(RefusedRefundAnswer(settled=False, reason=reason))
        return
    if reason := _refusal(command, charge, purchase):
        turn.reply(RefusedRefundAnswer(settled=False, reason=reason))
        return
    if command.outcome is RefusedRefund.KEPT:
        charge.refusal = Refusal.LEFT
    else:
        turn.record(_acknowledged(command, charge, turn))
        turn.emit(
            RecordRefund(
                player_id=command.player_id,
                provider=charge.provider,
                charge_id=charge.charge_id,
                reason=RefundReason.OPERATOR,
                refunded_at=turn.now,
            )
        )
    turn.reply(RefusedRefundAnswer(settled=True))


def _refusal(command: SettleRefund, charge: Charge, purchase: Purchase | None) -> str:
    """Return why the case cannot be closed, naming the field and the remedy; empty when it can."""
    if charge.player_id not in (0, command.player_id):
        return "player_id: the charge is another player's; list them with admin.payments.review.list"
    if charge.is_back:
        return "charge_id: the money is back already; there is nothing to settle"
    is_asked_for = purchase is not None and purchase.state is PurchaseState.REFUND_PENDING
    if charge.refusal is Refusal.NONE or is_asked_for:
        endpoint = "orphan" if charge.purchase_id is None else "start"
        return f"charge_id: no provider has refused to give it back; ask with admin.payments.refund.{endpoint}"
    return ""


def _acknowledged(command: SettleRefund, charge: Charge, turn: Turn) -> Settled:
    return Settled(
        provider=charge.provider,
        kind=SettlementKind.ACKNOWLEDGED,
        charge_id=charge.charge_id,
        amount=0,
        currency=charge.currency,
        player_id=charge.player_id,
        purchase_id=charge.purchase_id,
        note=turn.signed(command.note),
        at=turn.now,
    )
