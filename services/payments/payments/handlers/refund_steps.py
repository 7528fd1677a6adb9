"""Money on its way back: what every refund has in common, whoever wanted it."""

from datetime import datetime

import msgspec
import structlog

from actors.turn import Turn
from contracts.payments import (
    EntitlementRevoked,
    Provider,
    PurchaseRefunded,
    RefundReason,
    RefundStarted,
)
from payments.domain import ledger
from payments.domain.charge import Charge
from payments.domain.customer import Customer
from payments.domain.discount import Discount
from payments.domain.products import gives
from payments.domain.purchase import Purchase
from payments.handlers.credit import premium_changed

log = structlog.get_logger()


class RefundAtProvider(msgspec.Struct, frozen=True):
    """Effect: ask the provider to give a charge back."""

    provider: Provider
    charge_id: str
    player_id: int
    reason: RefundReason


def start(purchase: Purchase, reason: RefundReason, turn: Turn) -> None:
    """Begin to give the money of a purchase back."""
    purchase.start_refund(reason, turn.now)
    ask_provider(purchase, reason, turn)
    turn.emit(
        RefundStarted(
            player_id=purchase.player_id,
            charge_id=purchase.charge_id or "",
            purchase_id=purchase.purchase_id,
            reason=reason,
        )
    )


def ask_provider(paid: Charge | Purchase, reason: RefundReason, turn: Turn) -> None:
    """Ask the provider for a refund, for the first time or again: the charge id makes it one."""
    charge_id = paid.charge_id or ""
    effect = RefundAtProvider(paid.provider, charge_id, paid.player_id, reason)
    turn.perform(effect, ordering_key=refund_lane(charge_id))


def refund_lane(charge_id: str) -> str:
    """Return the lane of a charge's refund: one at a time is asked for."""
    return f"refund:{charge_id}"


def finish(
    charge: Charge,
    purchase: Purchase,
    customer: Customer,
    discount: Discount | None,
    *,
    reason: RefundReason,
    at: datetime,
    turn: Turn,
) -> None:
    """Write down that the money of a purchase is back, and take back what it had bought.

    A discount stays used with what was credited; promo hears of both ends by `PurchaseRefunded`.
    """
    was_credited = purchase.credited_at is not None
    if not purchase.reason:
        purchase.reason = reason
    purchase.refund(at, turn.now)
    charge.give_back(at)
    customer.settle(purchase.purchase_id)
    customer.forget_saver(purchase.purchase_id)
    if was_credited:
        _book_refund(charge, purchase, turn)
        _take_back(purchase, customer, turn)
    else:
        book_uncredited(charge, turn)
        if discount is not None:
            discount.give_back(purchase.purchase_id)
    turn.emit(
        PurchaseRefunded(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            product=purchase.product,
            amount=purchase.amount,
            currency=purchase.currency,
            charge_id=charge.charge_id,
            reason=reason,
            refunded_at=at,
            was_credited=was_credited,
            redemption_id=purchase.redemption_id,
            surface=purchase.surface,
        )
    )


def _book_refund(charge: Charge, purchase: Purchase, turn: Turn) -> None:
    turn.record(
        ledger.refund(
            transaction_id=turn.new_id(),
            purchase_id=purchase.purchase_id,
            charge_id=charge.charge_id,
            player_id=purchase.player_id,
            provider=purchase.provider,
            product=purchase.product,
            amount=purchase.amount,
            currency=purchase.currency,
            at=turn.now,
        )
    )


def book_uncredited(charge: Charge, turn: Turn) -> None:
    """Write money that came and went without buying anything into the ledger, both ways.

    An amount or a currency that could not be read moves nothing: its charge is kept, and the books stay even.
    """
    if not charge.is_bookable:
        log.warning("refund_not_booked", charge_id=charge.charge_id, amount=charge.amount, currency=charge.currency)
        return
    came = ledger.receipt(
        transaction_id=turn.new_id(),
        purchase_id=charge.purchase_id,
        charge_id=charge.charge_id,
        player_id=charge.player_id,
        provider=charge.provider,
        amount=charge.amount,
        currency=charge.currency,
        at=turn.now,
    )
    turn.record(came)
    turn.record(
        ledger.refund(
            transaction_id=turn.new_id(),
            purchase_id=charge.purchase_id,
            charge_id=charge.charge_id,
            player_id=charge.player_id,
            provider=charge.provider,
            product=None,
            amount=charge.amount,
            currency=charge.currency,
            at=turn.now,
        )
    )


def _take_back(purchase: Purchase, customer: Customer, turn: Turn) -> None:
    goods = gives(purchase.product)
    if goods.premium_days:
        if customer.change_premium(customer.premium.revoked(purchase.purchase_id, turn.now), turn.now):
            turn.emit(premium_changed(customer, turn))
        return
    turn.emit(
        EntitlementRevoked(
            player_id=purchase.player_id,
            grant_id=purchase.purchase_id,
            paid_energy=goods.paid_energy,
            saver_tokens=goods.saver_tokens,
            duel_tickets=goods.duel_tickets,
            mode_hours=goods.mode_hours,
            reason=purchase.product,
            revoked_at=turn.now,
        )
    )
