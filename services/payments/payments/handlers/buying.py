"""Buying: from a tap on a price to an open invoice (DOMAIN §6, before an invoice)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from actors.store import Via
from actors.turn import Turn
from contracts.payments import (
    BuyAnswer,
    BuyProduct,
    BuyRefusal,
    Currency,
    InvoiceOpened,
    LapseInvoice,
    Provider,
    PurchaseFailed,
    PurchaseRefused,
    PurchaseState,
    RecordInvoiceSent,
)
from payments.domain import quote as quoting
from payments.domain.catalogue import Catalogue
from payments.domain.customer import Customer, OpenInvoice
from payments.domain.discount import Discount
from payments.domain.purchase import INVOICE_LASTS, OPEN, Purchase
from payments.domain.quote import Priced, Quote
from payments.handlers.table import actor


def _open_invoice(customer: Customer, command: BuyProduct) -> UUID | None:
    return customer.open_invoice(command.product)


def _discounted_invoice(customer: Customer, command: BuyProduct) -> UUID | None:
    return None if command.redemption_id is None else customer.invoice_with(command.redemption_id)


@actor.on(BuyProduct)
def buy_product(
    command: BuyProduct,
    customer: Customer,
    quote: Quote | None,
    invoice: Annotated[Purchase | None, Via(Customer, _open_invoice)],
    discounted: Annotated[Purchase | None, Via(Customer, _discounted_invoice)],
    discount: Discount | None,
    catalogue: Catalogue,
    turn: Turn,
) -> None:
    """Make an invoice for a product, or return the one that is open; said by event, and to who asked (the web).

    A discount is one purchase's: the invoice that had it, for whatever product, comes to nothing.
    """
    barred = customer.barred(command.product, turn.now)
    if barred is not None:
        _refuse(command, customer, barred.reason, turn, until=barred.until)
        return
    if not catalogue.is_on_sale(command.product):
        _refuse(command, customer, BuyRefusal.NOT_ON_SALE, turn)
        return
    if invoice is not None and _is_the_same(invoice, command, discount, turn):
        _open(invoice, turn, again=True)
        return
    if invoice is not None and _stands_in_the_chat(invoice, command, turn):
        _refuse(command, customer, BuyRefusal.OPEN_IN_CHAT, turn, until=invoice.expires_at)
        return
    priced = _price(command, quote, discount, catalogue, turn)
    if isinstance(priced, BuyRefusal):
        _refuse(command, customer, priced, turn)
        return
    for old in (invoice, discounted):
        if old is not None and old.state in OPEN:
            close(old, customer, "replaced" if old.is_open(turn.now) else "lapsed", turn)
    purchase = _new_purchase(command, priced, turn)
    if discount is not None:
        discount.bind(purchase.purchase_id)
        discount.hold_until(turn.now + quoting.FROZEN_FOR)
    customer.open(OpenInvoice(purchase.product, purchase.purchase_id, purchase.redemption_id))
    turn.create(purchase)
    _open(purchase, turn, again=False)


@actor.on(RecordInvoiceSent)
def record_invoice_sent(command: RecordInvoiceSent, purchase: Purchase | None, turn: Turn) -> None:
    """Note that the invoice stands in the chat."""
    if purchase is not None and purchase.player_id == command.player_id:
        purchase.mark_sent(turn.now)


@actor.on(LapseInvoice)
def lapse_invoice(command: LapseInvoice, customer: Customer, purchase: Purchase | None, turn: Turn) -> None:
    """Fail an invoice that was not paid in time; without effect when it was paid or prolonged meanwhile."""
    if purchase is None or purchase.player_id != command.player_id:
        return
    due = purchase.lapses_at()
    if due is not None and due <= turn.now:
        close(purchase, customer, "lapsed", turn)


def close(purchase: Purchase, customer: Customer, reason: str, turn: Turn) -> None:
    """Let an open invoice fail, and say so."""
    purchase.fail(reason, turn.now)
    customer.close(purchase.purchase_id)
    turn.emit(
        PurchaseFailed(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            product=purchase.product,
            reason=reason,
            redemption_id=purchase.redemption_id,
            surface=purchase.surface,
        )
    )


def _is_the_same(invoice: Purchase, command: BuyProduct, discount: Discount | None, turn: Turn) -> bool:
    """Whether a second "buy" means the invoice that is open: payable still, same currency, the same discount if any."""
    wanted = (command.currency, command.redemption_id)
    if not invoice.is_open(turn.now) or (invoice.currency, invoice.redemption_id) != wanted:
        return False
    return invoice.redemption_id is None or (discount is not None and discount.backs(invoice, turn.now))


def _stands_in_the_chat(invoice: Purchase, command: BuyProduct, turn: Turn) -> bool:
    """Whether a wish from the web would replace an invoice in the chat: anybody may type any player's number there."""
    return invoice.is_open(turn.now) and invoice.currency is Currency.XTR and command.currency is not Currency.XTR


def _price(
    command: BuyProduct, quote: Quote | None, discount: Discount | None, catalogue: Catalogue, turn: Turn
) -> Priced | BuyRefusal:
    if command.redemption_id is not None and (
        discount is None or not discount.holds(command.player_id, command.product, turn.now)
    ):
        return BuyRefusal.DISCOUNT_INVALID
    if command.quote_id is not None:
        return BuyRefusal.QUOTE_LAPSED if quote is None else quote.redeem(command, turn.now)
    return quoting.price(catalogue, product=command.product, currency=command.currency, discount=discount, now=turn.now)


def _new_purchase(command: BuyProduct, priced: Priced, turn: Turn) -> Purchase:
    return Purchase(
        purchase_id=turn.new_id(),
        player_id=command.player_id,
        product=command.product,
        provider=Provider.TELEGRAM if command.currency is Currency.XTR else Provider.STRIPE,
        currency=command.currency,
        amount=priced.amount,
        base_amount=priced.base_amount,
        price_version=priced.price_version,
        steps=priced.steps,
        redemption_id=command.redemption_id,
        surface=command.surface,
        state=PurchaseState.CREATED,
        created_at=turn.now,
        expires_at=turn.now + INVOICE_LASTS,
        changed_at=turn.now,
    )


def _open(purchase: Purchase, turn: Turn, *, again: bool) -> None:
    turn.emit(
        InvoiceOpened(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            product=purchase.product,
            payload=purchase.payload,
            amount=purchase.amount,
            currency=purchase.currency,
            steps=purchase.steps,
            expires_at=purchase.expires_at,
            again=again,
            redemption_id=purchase.redemption_id,
            surface=purchase.surface,
        )
    )
    turn.reply(
        BuyAnswer(
            purchase_id=purchase.purchase_id,
            payload=purchase.payload,
            amount=purchase.amount,
            currency=purchase.currency,
            expires_at=purchase.expires_at,
            surface=purchase.surface,
        )
    )


def _refuse(
    command: BuyProduct, customer: Customer, reason: BuyRefusal, turn: Turn, until: datetime | None = None
) -> None:
    running = customer.premium.active(turn.now)
    turn.emit(
        PurchaseRefused(
            player_id=command.player_id,
            product=command.product,
            reason=reason,
            until=until,
            premium_rank=0 if running is None else running.rank,
        )
    )
    turn.reply(BuyAnswer(refusal=reason, until=until))
