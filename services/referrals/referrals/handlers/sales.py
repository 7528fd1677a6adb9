"""What payments says of purchases, and the commissions that follow from it (DOMAIN §9).

Facts are kept of every purchase, by the event or by a comparison, in any order. A commission is settled in a turn of
its own, with whoever earns it locked: its state follows from the facts, so it does not matter which was heard first.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from actors.store import Key
from actors.turn import Turn
from contracts.payments import (
    AffiliateCommissionTaken,
    Currency,
    PurchaseCredited,
    PurchaseRefunded,
    PurchaseRestated,
)
from contracts.referrals import CommissionState, ReferralState, SettleCommission
from referrals.domain.affiliates.internal import HearSale, MatureCommission
from referrals.domain.affiliates.partner import Partner
from referrals.domain.affiliates.sale import Sale, UnclaimedSales
from referrals.domain.referral import Referral
from referrals.handlers.table import actor


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a word of payments says of a purchase."""

    purchase_id: UUID
    player_id: int
    stars: int = 0
    credited_at: datetime | None = None
    refunded_at: datetime | None = None
    is_telegrams: bool = False


def hear(facts: Facts, sale: Sale | None, referral: Referral | None, turn: Turn) -> None:
    """Merge what is said of a purchase; where it may change a commission, that is settled."""
    if sale is None:
        sale = Sale(purchase_id=facts.purchase_id, player_id=facts.player_id)
        turn.create(sale)
    if facts.credited_at is not None:
        sale.hear_credit(facts.stars, facts.credited_at)
    if facts.refunded_at is not None:
        sale.hear_refund(facts.refunded_at)
    sale.is_telegrams = sale.is_telegrams or facts.is_telegrams
    brought_by = None if referral is None or not referral.is_bound else referral.referrer_id
    partner_id = sale.partner_id or brought_by
    if partner_id is not None and sale.wants_settling:
        word = SettleCommission(partner_id=partner_id, player_id=sale.player_id, purchase_id=sale.purchase_id)
        turn.emit(word, origin="")


def hear_event(
    event: PurchaseCredited | PurchaseRefunded | PurchaseRestated,
    sale: Sale | None,
    referral: Referral | None,
    turn: Turn,
) -> None:
    """Merge an event that others hear as well (`purchases`)."""
    if isinstance(event, PurchaseRefunded):
        facts = _facts(event, refunded_at=event.refunded_at)
    else:
        stars = event.amount if event.currency is Currency.XTR else 0
        back = event.refunded_at if isinstance(event, PurchaseRestated) else None
        told: dict[str, Any] = {"credited_at": event.credited_at, "refunded_at": back}
        facts = _facts(event, stars=stars, is_telegrams=event.affiliate, **told)
    hear(facts, sale, referral, turn)


@actor.on(AffiliateCommissionTaken)
def commission_taken(event: AffiliateCommissionTaken, sale: Sale | None, referral: Referral | None, turn: Turn) -> None:
    """Telegram's own programme paid for it."""
    hear(_facts(event, is_telegrams=True), sale, referral, turn)


@actor.on(HearSale)
def hear_sale(command: HearSale, sale: Sale | None, referral: Referral | None, turn: Turn) -> None:
    """Payments was asked, and said it."""
    said: dict[str, Any] = {"credited_at": command.credited_at, "refunded_at": command.refunded_at}
    hear(_facts(command, stars=command.stars, is_telegrams=command.affiliate, **said), sale, referral, turn)


def _facts(said: Any, **facts: Any) -> Facts:
    return Facts(purchase_id=said.purchase_id, player_id=said.player_id, **facts)


# -- commissions ------------------------------------------------------------------------------------


def claim(unclaimed: UnclaimedSales, referral: Referral, turn: Turn) -> None:
    """Have a player's sales earn whoever brought them, now that this is known or counts again; how old they are is all
    the same. What is credited meanwhile the job finds.
    """
    if referral.referrer_id is None or not referral.is_bound or referral.is_fraud:
        return
    for purchase_id in unclaimed.purchase_ids:
        word = SettleCommission(partner_id=referral.referrer_id, player_id=referral.player_id, purchase_id=purchase_id)
        turn.emit(word, origin="")


@actor.on(SettleCommission)
def settle_commission(
    command: SettleCommission,
    referral: Referral | None,
    partner: Annotated[Partner | None, Key("partner_id")],
    sale: Sale | None,
    turn: Turn,
) -> None:
    """Have a commission stand as its purchase does; but it is payable only by `MatureCommission`."""
    del command
    if sale is not None and _is_theirs(sale, partner, referral):
        _settle(sale, partner, referral, turn)


@actor.on(MatureCommission)
def mature_commission(
    command: MatureCommission,
    referral: Referral | None,
    partner: Annotated[Partner | None, Key("partner_id")],
    sale: Sale | None,
    turn: Turn,
) -> None:
    """Have it be payable, if it is still pending, old enough and not held, and no fraud brought the player."""
    del command
    if referral is None or referral.is_fraud:
        return
    if sale is not None and sale.state is CommissionState.PENDING and _is_theirs(sale, partner, referral):
        _settle(sale, partner, referral, turn, may_mature=True)


def _is_theirs(sale: Sale, partner: Partner | None, referral: Referral | None) -> bool:
    """Whether it is, or may become, this partner's: whom fraud brought earns nobody anything new."""
    if partner is None or referral is None or not referral.is_bound:
        return False
    if sale.partner_id is not None:
        return sale.partner_id == partner.player_id
    return referral.referrer_id == partner.player_id and referral.state is not ReferralState.REJECTED_FRAUD


def _settle(
    sale: Sale, partner: Partner | None, referral: Referral | None, turn: Turn, *, may_mature: bool = False
) -> None:
    if partner is None or referral is None:
        return
    transaction = sale.settle(partner, referral.touched_at, turn.new_id(), turn.now, may_mature=may_mature)
    if transaction is not None:
        partner.purse = partner.purse.after(transaction, partner.player_id)
        turn.record(transaction)
