"""Quotes (DOMAIN §5): from the base price to the final one in exact arithmetic, and a price frozen for 15 minutes."""

import math
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import BuyProduct, BuyRefusal, Currency, Product, QuoteStep
from payments.domain.catalogue import Catalogue, Price
from payments.domain.discount import Discount

FROZEN_FOR: Final = timedelta(minutes=15)


class Priced(msgspec.Struct, frozen=True):
    """What something costs, and why. Amounts are Stars, or minor units; at least 1."""

    amount: int
    """What is to be paid."""
    base_amount: int
    """In the same currency, before region and discount."""
    steps: tuple[QuoteStep, ...]
    """From the base price on; the last one's amount is `amount`."""
    price_version: int
    """Of the price that it all began with."""


class Quote(msgspec.Struct, frozen=True):
    """A price frozen for one player; never changes."""

    id: UUID
    player_id: int
    product: Product
    currency: Currency
    region: str
    redemption_id: UUID | None
    base_amount: int
    amount: int
    price_version: int
    steps: tuple[QuoteStep, ...]
    made_at: datetime
    lapses_at: datetime

    def has_lapsed(self, now: datetime) -> bool:
        """Whether it holds no longer."""
        return now >= self.lapses_at

    def redeem(self, command: BuyProduct, now: datetime) -> Priced | BuyRefusal:
        """Return the price that it froze; QUOTE_LAPSED after its time, and when it was made for anything else."""
        made_for = (self.player_id, self.product, self.currency, self.redemption_id)
        wanted = (command.player_id, command.product, command.currency, command.redemption_id)
        if self.has_lapsed(now) or made_for != wanted:
            return BuyRefusal.QUOTE_LAPSED
        return Priced(self.amount, self.base_amount, self.steps, self.price_version)


def price(
    catalogue: Catalogue,
    *,
    product: Product,
    currency: Currency,
    region: str = "",
    discount: Discount | None = None,
    now: datetime,
) -> Priced | BuyRefusal:
    """Return what a product costs at this instant, or why it has no price.

    The price is carried exactly from step to step and rounded up once, at the end; each listed step is rounded up
    for itself. Refuses with NOT_ON_SALE, DISCOUNT_INVALID (it is for another product, or reserved no longer), and
    NO_PRICE. Whose discount it is, the caller checks (`Discount.holds`).
    """
    if not catalogue.is_on_sale(product):
        return BuyRefusal.NOT_ON_SALE
    if discount is not None and not (discount.fits(product) and discount.is_reserved(now)):
        return BuyRefusal.DISCOUNT_INVALID
    start = _base(catalogue, product, currency, now)
    if start is None:
        return BuyRefusal.NO_PRICE
    set_price, exact, steps = start
    base_amount = _due(exact)
    factor = catalogue.factor(region)
    if factor is not None:
        exact = exact * factor / 100
        steps += (_step("region", f"{factor} %", exact),)
    if discount is not None:
        exact = exact * (100 - discount.percent) / 100
        steps += (_step("discount", f"−{discount.percent} %", exact),)
    return Priced(_due(exact), base_amount, steps, set_price.version)


def freeze(  # noqa: PLR0913 - a quote is made of what it is for
    priced: Priced,
    *,
    quote_id: UUID,
    player_id: int,
    product: Product,
    currency: Currency,
    region: str = "",
    redemption_id: UUID | None = None,
    now: datetime,
) -> Quote:
    """Return the quote that keeps a price for 15 minutes from now."""
    return Quote(
        quote_id,
        player_id,
        product,
        currency,
        region,
        redemption_id,
        priced.base_amount,
        priced.amount,
        priced.price_version,
        priced.steps,
        now,
        now + FROZEN_FOR,
    )


def _base(
    catalogue: Catalogue, product: Product, currency: Currency, now: datetime
) -> tuple[Price, Fraction, tuple[QuoteStep, ...]] | None:
    """Return the price it begins with, what that is in the currency, and the steps that led there."""
    found = catalogue.price(product, currency)
    if found is not None:
        return found, Fraction(found.amount), (_base_step(found),)
    euros, rate = catalogue.price(product, Currency.EUR), catalogue.rate(currency)
    if euros is None or rate is None or rate.is_too_old(now):
        return None
    exact = euros.amount * rate.factor()
    return euros, exact, (_base_step(euros), _step("reference_rate", rate.written(), exact))


def _base_step(found: Price) -> QuoteStep:
    return QuoteStep(name="base", detail=f"{found.currency}, version {found.version}", amount=found.amount)


def _step(name: str, detail: str, exact: Fraction) -> QuoteStep:
    return QuoteStep(name=name, detail=detail, amount=_due(exact))


def _due(exact: Fraction) -> int:
    """Return what is to be paid for an exact price: rounded up, at least 1."""
    return max(1, math.ceil(exact))
