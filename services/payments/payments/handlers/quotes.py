"""What is frozen for players: quotes; and what promo holds for them: discounts (DOMAIN §5)."""

from collections.abc import Iterator
from datetime import datetime

from actors.turn import Turn
from contracts.payments import (
    BuyRefusal,
    Currency,
    DiscountedProduct,
    DiscountHeld,
    DiscountReleased,
    HoldDiscount,
    QuoteAnswer,
    QuoteProduct,
    ReleaseDiscount,
)
from payments.domain import quote
from payments.domain.catalogue import Catalogue
from payments.domain.customer import Customer
from payments.domain.discount import Discount
from payments.handlers.table import actor


@actor.on(QuoteProduct)
def quote_product(command: QuoteProduct, catalogue: Catalogue, discount: Discount | None, turn: Turn) -> None:
    """Freeze the price of this moment for 15 minutes, or say why there is none."""
    priced = _price(command, catalogue, discount, turn.now)
    if isinstance(priced, BuyRefusal):
        turn.reply(QuoteAnswer(refusal=priced))
        return
    frozen = quote.freeze(
        priced,
        quote_id=turn.new_id(),
        player_id=command.player_id,
        product=command.product,
        currency=command.currency,
        region=command.region,
        redemption_id=command.redemption_id,
        now=turn.now,
    )
    turn.create(frozen)
    turn.reply(QuoteAnswer(quote_id=frozen.id, amount=frozen.amount, lapses_at=frozen.lapses_at))


def _price(
    command: QuoteProduct, catalogue: Catalogue, discount: Discount | None, now: datetime
) -> quote.Priced | BuyRefusal:
    if command.redemption_id is not None and (
        discount is None or not discount.holds(command.player_id, command.product, now)
    ):
        return BuyRefusal.DISCOUNT_INVALID
    return quote.price(
        catalogue,
        product=command.product,
        currency=command.currency,
        region=command.region,
        discount=discount,
        now=now,
    )


@actor.on(HoldDiscount)
def hold_discount(
    command: HoldDiscount, customer: Customer, discount: Discount | None, catalogue: Catalogue, turn: Turn
) -> None:
    """Note that promo reserved a discount for a player; what promo said last counts, not what arrived last.

    What it makes of the prices is said to whoever typed the code, or is made an offer, unless it is over already.
    """
    held = _heard(command, discount, turn)
    held.reserve(command, turn.message.time)
    if held.reserved_until is None or not held.is_reserved(turn.now):
        return
    turn.emit(
        DiscountHeld(
            player_id=command.player_id,
            redemption_id=command.redemption_id,
            percent=held.percent,
            reserved_until=held.reserved_until,
            products=tuple(_discounted(held, customer, catalogue, turn.now)),
            offer=command.offer,
        )
    )


def _discounted(
    discount: Discount, customer: Customer, catalogue: Catalogue, now: datetime
) -> Iterator[DiscountedProduct]:
    """Yield what the discount fits, makes cheaper, and the player can buy now: 1 % of 10 Stars is nothing."""
    for product in catalogue.on_sale():
        if not discount.fits(product) or customer.barred(product, now) is not None:
            continue
        priced = quote.price(catalogue, product=product, currency=Currency.XTR, discount=discount, now=now)
        if not isinstance(priced, BuyRefusal) and priced.amount < priced.base_amount:
            yield DiscountedProduct(product=product, base_amount=priced.base_amount, amount=priced.amount)


@actor.on(ReleaseDiscount)
def release_discount(command: ReleaseDiscount, customer: Customer, discount: Discount | None, turn: Turn) -> None:
    """Let a discount go, unless it was paid with or its player is at the till; only then may promo count it as free.

    Released even when it was never heard of: word of it may be on its way. Silence means that promo asks again.
    """
    held = _heard(command, discount, turn)
    if held.used or customer.pays_with(command.redemption_id):
        return
    # An open invoice prolonged it; word of that may be under way to promo.
    is_prolonged = customer.invoice_with(command.redemption_id) is not None and held.is_reserved(turn.now)
    if command.before_its_time or not is_prolonged:
        held.release(max(turn.message.time, held.held_at or turn.message.time))
        turn.emit(DiscountReleased(player_id=command.player_id, redemption_id=command.redemption_id))


def _heard(command: HoldDiscount | ReleaseDiscount, discount: Discount | None, turn: Turn) -> Discount:
    if discount is None:
        discount = Discount(command.redemption_id, command.player_id)
        turn.create(discount)
    return discount
