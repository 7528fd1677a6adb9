"""Money came in: written down first, credited in a turn of its own (DOMAIN §6, payment)."""

from typing import Annotated
from uuid import UUID

import msgspec

from actors.store import Via
from actors.turn import Turn
from contracts.payments import (
    AffiliateCommissionTaken,
    CheckoutRefusal,
    CreditPurchase,
    OrphanPaymentReceived,
    PaymentReceived,
    PurchaseState,
    RecordPayment,
    RefundReason,
)
from payments.domain import checkout
from payments.domain.charge import Charge, ChargeState
from payments.domain.customer import Customer, OpenInvoice
from payments.domain.discount import Discount
from payments.domain.purchase import INVOICE_LASTS, Purchase
from payments.handlers import refund_steps
from payments.handlers.table import actor


def _redemption(purchase: Purchase, command: RecordPayment) -> UUID | None:
    del command
    return purchase.redemption_id


@actor.on(RecordPayment)
def record_payment(
    command: RecordPayment,
    charge: Charge | None,
    customer: Customer,
    purchase: Purchase | None,
    discount: Annotated[Discount | None, Via(Purchase, _redemption)],
    turn: Turn,
) -> None:
    """Write money down under its charge id: for its purchase, for a purchase of its own, or as an orphan."""
    if charge is not None:
        if charge.paid_at is None:
            _settle_refunded(command, charge, customer, purchase, discount, turn)
        return
    problem = checkout.mismatch(command, purchase)
    if purchase is None or problem is not None:
        _keep_orphan(command, problem or CheckoutRefusal.UNKNOWN_PAYLOAD, turn)
        return
    if purchase.is_paid:
        _pay_again(command, purchase, customer, turn)
    elif discount is not None and discount.is_used_by_another(purchase.purchase_id):
        # The same redemption was paid with elsewhere, between this invoice's pre-checkout and its payment.
        customer.close(purchase.purchase_id)
        _give_back(command, purchase, turn)
    else:
        if discount is not None:
            discount.use(purchase.purchase_id)
        _pay(command, purchase, customer, turn)


def _pay_again(command: RecordPayment, purchase: Purchase, customer: Customer, turn: Turn) -> None:
    """An old invoice was paid again: a purchase of its own, or money back when product or discount refuses it."""
    second = _one_more(purchase, turn)
    turn.create(second)
    if purchase.redemption_id is None and customer.barred(purchase.product, turn.now) is None:
        _pay(command, second, customer, turn)
    else:
        _give_back(command, second, turn)


def _give_back(command: RecordPayment, purchase: Purchase, turn: Turn) -> None:
    _take(command, purchase, turn)
    refund_steps.start(purchase, RefundReason.DOUBLE_CHARGE, turn)


def _pay(command: RecordPayment, purchase: Purchase, customer: Customer, turn: Turn) -> None:
    _take(command, purchase, turn)
    customer.close(purchase.purchase_id)
    customer.expect(OpenInvoice(purchase.product, purchase.purchase_id, purchase.redemption_id))
    customer.count_saver(purchase.product, purchase.purchase_id, command.paid_at)
    turn.emit(
        PaymentReceived(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            provider=command.provider,
            charge_id=command.charge_id,
            amount=purchase.amount,
            currency=purchase.currency,
            late=purchase.late,
            paid_at=command.paid_at,
        )
    )
    is_affiliated = command.commission is not None
    turn.emit(CreditPurchase(player_id=purchase.player_id, purchase_id=purchase.purchase_id, affiliate=is_affiliated))


def _take(command: RecordPayment, purchase: Purchase, turn: Turn) -> None:
    """Put charge and purchase together."""
    purchase.pay(command.charge_id, command.paid_at, turn.now)
    charge = _charge(command, turn, purchase=purchase, state=ChargeState.TAKEN)
    turn.create(charge)
    tell_commission(charge, turn)


def tell_commission(charge: Charge, turn: Turn) -> None:
    """Say that Telegram's affiliate programme took its part of a purchase, if it did: it earns none of ours (§9)."""
    if charge.commission is not None and charge.purchase_id is not None:
        turn.emit(
            AffiliateCommissionTaken(
                player_id=charge.player_id,
                purchase_id=charge.purchase_id,
                charge_id=charge.charge_id,
                commission=charge.commission,
                at=turn.now,
            )
        )


def _one_more(purchase: Purchase, turn: Turn) -> Purchase:
    """Return a fresh purchase on the terms of an old one; a discount stays with the one that used it."""
    return msgspec.structs.replace(
        purchase,
        purchase_id=turn.new_id(),
        redemption_id=None,
        state=PurchaseState.CREATED,
        created_at=turn.now,
        expires_at=turn.now + INVOICE_LASTS,
        changed_at=turn.now,
        prechecked_at=None,
        paid_at=None,
        credited_at=None,
        refunded_at=None,
        charge_id=None,
        late=False,
        credit_attempts=0,
        reason="",
    )


def _keep_orphan(command: RecordPayment, problem: CheckoutRefusal, turn: Turn) -> None:
    turn.create(_charge(command, turn, state=ChargeState.ORPHAN, problem=problem))
    turn.emit(
        OrphanPaymentReceived(
            player_id=command.player_id,
            provider=command.provider,
            charge_id=command.charge_id,
            amount=command.amount,
            currency=command.currency,
            payload=command.payload,
            reason=problem,
            paid_at=command.paid_at,
        )
    )


def _settle_refunded(
    command: RecordPayment,
    charge: Charge,
    customer: Customer,
    purchase: Purchase | None,
    discount: Discount | None,
    turn: Turn,
) -> None:
    """Word of a payment that was refunded before we heard of it: money came and went, nothing is given."""
    charge.player_id, charge.payload = command.player_id, command.payload
    charge.amount, charge.currency, charge.paid_at = command.amount, command.currency, command.paid_at
    charge.commission = command.commission
    if purchase is not None and not purchase.is_paid and checkout.mismatch(command, purchase) is None:
        purchase.pay(command.charge_id, command.paid_at, turn.now)
        purchase.start_refund(RefundReason.PROVIDER, turn.now)
        customer.close(purchase.purchase_id)
        charge.purchase_id = purchase.purchase_id
        tell_commission(charge, turn)
        at = charge.refunded_at or turn.now
        refund_steps.finish(charge, purchase, customer, discount, reason=RefundReason.PROVIDER, at=at, turn=turn)
        return
    refund_steps.book_uncredited(charge, turn)


def _charge(
    command: RecordPayment, turn: Turn, *, state: ChargeState, purchase: Purchase | None = None, problem: str = ""
) -> Charge:
    return Charge(
        charge_id=command.charge_id,
        provider=command.provider,
        player_id=command.player_id,
        purchase_id=None if purchase is None else purchase.purchase_id,
        state=state,
        payload=command.payload,
        amount=command.amount,
        currency=command.currency,
        paid_at=command.paid_at,
        recorded_at=turn.now,
        problem=problem,
        commission=command.commission,
    )
