"""The pre-checkout: asked while the player looks at the payment sheet, answered at once (DOMAIN §6)."""

from typing import Annotated
from uuid import UUID

from actors.store import Via
from actors.turn import Turn
from contracts.payments import CheckPreCheckout, PreCheckoutAnswer, PreCheckoutPassed
from payments.domain import checkout
from payments.domain.catalogue import Catalogue
from payments.domain.customer import Customer
from payments.domain.discount import Discount
from payments.domain.purchase import CHECKOUT_EXTENDS, Purchase
from payments.handlers.table import actor


def _redemption(purchase: Purchase, command: CheckPreCheckout) -> UUID | None:
    del command
    return purchase.redemption_id


@actor.on(CheckPreCheckout)
def check_pre_checkout(
    command: CheckPreCheckout,
    customer: Customer,
    purchase: Purchase | None,
    discount: Annotated[Discount | None, Via(Purchase, _redemption)],
    catalogue: Catalogue,
    turn: Turn,
) -> None:
    """Answer whether it may be paid; a yes holds invoice and discount for 15 minutes."""
    refusal = checkout.refusal(command, purchase, customer, catalogue, discount, turn.now)
    if refusal is not None or purchase is None:
        turn.reply(PreCheckoutAnswer(ok=False, refusal=str(refusal)))
        return
    purchase.pass_checkout(turn.now)
    customer.pass_checkout(purchase.purchase_id)
    if discount is not None:
        discount.hold_until(turn.now + CHECKOUT_EXTENDS)
    turn.emit(
        PreCheckoutPassed(
            player_id=purchase.player_id,
            purchase_id=purchase.purchase_id,
            expires_at=purchase.expires_at,
            redemption_id=purchase.redemption_id,
        )
    )
    turn.reply(PreCheckoutAnswer(ok=True))
