"""What payments says of purchases of players who came by a link: what their links were worth (DOMAIN §9).

Commissions are of `sales`, which hears of every purchase; here it is handed what both need.
"""

from datetime import datetime

from actors.turn import Turn
from contracts.payments import PurchaseCredited, PurchaseRefunded, PurchaseRestated
from referrals.domain.affiliates.sale import Sale
from referrals.domain.bought import Bought
from referrals.domain.referral import Referral
from referrals.handlers import sales
from referrals.handlers.table import actor


@actor.on(PurchaseCredited)
def purchase_credited(
    event: PurchaseCredited, bought: Bought | None, referral: Referral | None, sale: Sale | None, turn: Turn
) -> None:
    """Note a purchase that was credited."""
    sales.hear_event(event, sale, referral, turn)
    if referral is not None:
        _note(event, bought, turn, credited_at=event.credited_at)


@actor.on(PurchaseRefunded)
def purchase_refunded(
    event: PurchaseRefunded, bought: Bought | None, referral: Referral | None, sale: Sale | None, turn: Turn
) -> None:
    """Note that its money went back."""
    sales.hear_event(event, sale, referral, turn)
    if referral is not None:
        _note(event, bought, turn, refunded_at=event.refunded_at)


@actor.on(PurchaseRestated)
def purchase_restated(
    event: PurchaseRestated, bought: Bought | None, referral: Referral | None, sale: Sale | None, turn: Turn
) -> None:
    """Note a purchase whose events were never heard."""
    sales.hear_event(event, sale, referral, turn)
    if referral is not None:
        _note(event, bought, turn, credited_at=event.credited_at, refunded_at=event.refunded_at)


def _note(
    event: PurchaseCredited | PurchaseRefunded | PurchaseRestated,
    bought: Bought | None,
    turn: Turn,
    *,
    credited_at: datetime | None = None,
    refunded_at: datetime | None = None,
) -> None:
    if bought is None:
        bought = Bought(id=event.purchase_id, player_id=event.player_id, amount=event.amount, currency=event.currency)
        turn.create(bought)
    bought.credited_at = bought.credited_at or credited_at
    bought.refunded_at = bought.refunded_at or refunded_at
