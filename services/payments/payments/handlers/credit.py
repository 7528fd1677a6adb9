"""Giving what was paid for, exactly once (DOMAIN §6, credit, recovery, review)."""

import msgspec

from actors.turn import Turn
from contracts.payments import (
    CreditPurchase,
    EntitlementGranted,
    PremiumChanged,
    PurchaseCredited,
    PurchaseState,
    RecoverPurchase,
    ResolveReview,
    ReviewRequired,
)
from payments.domain import ledger
from payments.domain.customer import Customer
from payments.domain.premium import PremiumGrant
from payments.domain.products import gives
from payments.domain.purchase import CREDIT_FAILURES_MAX, Purchase
from payments.handlers.admin_limits import Note, PlayerId
from payments.handlers.table import actor


class ReviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an operator's decision."""

    done: bool
    state: str
    reason: str = ""


@actor.on(CreditPurchase)
def credit_purchase(command: CreditPurchase, customer: Customer, purchase: Purchase | None, turn: Turn) -> None:
    """Credit a payment that is written down; whatever state it is in otherwise, it has been dealt with."""
    if purchase is not None and purchase.state is PurchaseState.PAID_UNCREDITED:
        credit(purchase, customer, turn, affiliate=command.affiliate)


@actor.on(RecoverPurchase)
def recover_purchase(command: RecoverPurchase, purchase: Purchase | None, turn: Turn) -> None:
    """Try again to credit; after three failures a person decides."""
    del command
    if purchase is None or purchase.state is not PurchaseState.PAID_UNCREDITED:
        return
    if purchase.credit_attempts < CREDIT_FAILURES_MAX:
        purchase.count_attempt(turn.now)
        turn.emit(CreditPurchase(player_id=purchase.player_id, purchase_id=purchase.purchase_id))
        return
    purchase.put_in_review("not credited after three attempts", turn.now)
    turn.emit(
        ReviewRequired(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            charge_id=purchase.charge_id or "",
            reason=purchase.reason,
            at=turn.now,
        )
    )


@actor.admin("review", "credit", answer=ReviewAnswer, limits={"player_id": PlayerId, "note": Note})
@actor.on(ResolveReview)
def resolve_review(command: ResolveReview, customer: Customer, purchase: Purchase | None, turn: Turn) -> None:
    """Credit a purchase under review, as an operator decided."""
    if purchase is None or purchase.player_id != command.player_id:
        reason = "purchase_id: no such purchase of this player; list reviews with admin.payments.review.list"
        turn.reply(ReviewAnswer(done=False, state="", reason=reason))
        return
    if purchase.state is not PurchaseState.REVIEW:
        reason = f"purchase_id: the purchase is {purchase.state}, only REVIEW can be resolved"
        turn.reply(ReviewAnswer(done=False, state=purchase.state, reason=reason))
        return
    credit(purchase, customer, turn)
    turn.reply(ReviewAnswer(done=True, state=purchase.state))


def credit(purchase: Purchase, customer: Customer, turn: Turn, *, affiliate: bool = False) -> None:
    """Credit a purchase: its state, the ledger, and what it gives.

    `affiliate`: a commission of Telegram's own programme is known of. Not at a later try: then its event alone tells.
    """
    purchase.credit(turn.now)
    customer.settle(purchase.purchase_id)
    if purchase.charge_id is None or purchase.paid_at is None:
        raise ValueError(f"purchase {purchase.purchase_id} has no charge")
    turn.took("payment_credited", since=purchase.paid_at)
    _book_sale(purchase, purchase.charge_id, turn)
    _give(purchase, customer, turn)
    running = customer.premium.active(turn.now) if gives(purchase.product).premium_days else None
    turn.emit(
        PurchaseCredited(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            product=purchase.product,
            amount=purchase.amount,
            currency=purchase.currency,
            provider=purchase.provider,
            charge_id=purchase.charge_id,
            credited_at=turn.now,
            late=purchase.late,
            premium_rank=0 if running is None else running.rank,
            premium_until=None if running is None else running.ends,
            redemption_id=purchase.redemption_id,
            surface=purchase.surface,
            affiliate=affiliate,
        )
    )


def _book_sale(purchase: Purchase, charge_id: str, turn: Turn) -> None:
    turn.record(
        ledger.sale(
            transaction_id=turn.new_id(),
            purchase_id=purchase.purchase_id,
            charge_id=charge_id,
            player_id=purchase.player_id,
            provider=purchase.provider,
            product=purchase.product,
            amount=purchase.amount,
            currency=purchase.currency,
            at=turn.now,
        )
    )


def _give(purchase: Purchase, customer: Customer, turn: Turn) -> None:
    goods = gives(purchase.product)
    if goods.premium_days:
        grant = PremiumGrant(purchase.purchase_id, goods.premium_rank, goods.premium_days, turn.now)
        if customer.change_premium(customer.premium.granted(grant), turn.now):
            turn.emit(premium_changed(customer, turn))
        return
    turn.emit(
        EntitlementGranted(
            player_id=purchase.player_id,
            grant_id=purchase.purchase_id,
            paid_energy=goods.paid_energy,
            saver_tokens=goods.saver_tokens,
            duel_tickets=goods.duel_tickets,
            mode_hours=goods.mode_hours,
            reason=purchase.product,
            granted_at=turn.now,
        )
    )


def premium_changed(customer: Customer, turn: Turn) -> PremiumChanged:
    """Return the event that tells of a customer's premium as it stands."""
    return PremiumChanged(
        player_id=customer.player_id,
        revision=customer.premium_revision,
        terms=customer.premium.terms,
        changed_at=customer.premium_changed_at or turn.now,
    )
