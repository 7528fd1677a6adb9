"""May this be paid, and does this money fit? (DOMAIN §6, pre-checkout and payment)"""

from datetime import datetime
from typing import Final

from contracts.payments import BuyRefusal, CheckoutRefusal, CheckPreCheckout, RecordPayment
from payments.domain.catalogue import Catalogue
from payments.domain.customer import Customer
from payments.domain.discount import Discount
from payments.domain.purchase import Purchase

_BARRED: Final = {
    BuyRefusal.SAVER_LIMIT: CheckoutRefusal.SAVER_LIMIT,
    BuyRefusal.PREMIUM_RANK: CheckoutRefusal.PREMIUM_RANK,
}


def mismatch(message: CheckPreCheckout | RecordPayment, purchase: Purchase | None) -> CheckoutRefusal | None:
    """Return what does not fit between money and the purchase that its payload names."""
    if purchase is None:
        return CheckoutRefusal.UNKNOWN_PAYLOAD
    if purchase.player_id != message.player_id:
        return CheckoutRefusal.OTHER_PLAYER
    if (purchase.amount, str(purchase.currency)) != (message.amount, message.currency):
        return CheckoutRefusal.OTHER_AMOUNT
    return None


def refusal(
    message: CheckPreCheckout,
    purchase: Purchase | None,
    customer: Customer,
    catalogue: Catalogue,
    discount: Discount | None,
    now: datetime,
) -> CheckoutRefusal | None:
    """Return why a purchase may not be paid now; None when it may."""
    problem = mismatch(message, purchase)
    if purchase is None or problem is not None:
        return problem
    if not purchase.is_open(now):
        return CheckoutRefusal.LAPSED
    if not catalogue.is_on_sale(purchase.product):
        return CheckoutRefusal.NOT_ON_SALE
    barred = customer.barred(purchase.product, now)
    if barred is not None:
        return _BARRED[barred.reason]
    if purchase.redemption_id is not None and (discount is None or not discount.backs(purchase, now)):
        return CheckoutRefusal.DISCOUNT_INVALID
    return None
