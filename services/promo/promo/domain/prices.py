"""Prices in Stars as promo knows them, to tell how much a discount takes off (DOMAIN §5, §7). Payments owns them."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

import msgspec

from contracts.message import Command
from contracts.payments import Currency, DiscountedProduct, InvoiceOpened, Product

BOOK: Final = "stars"
"""The name of the one price book there is."""
_DISCOUNT: Final = "discount"
"""The step of an invoice at which a discount is taken off."""


class StarPrice(msgspec.Struct):
    """What a product costs, before any discount."""

    product: Product
    amount: int = 0
    """In Stars; 0: not known."""
    changed_at: datetime | None = None
    """None: as it was when promo began."""

    def change(self, amount: int, at: datetime) -> None:
        """Hear of a new price; of several words the latest counts."""
        if self.changed_at is None or at >= self.changed_at:
            self.amount, self.changed_at = amount, at


class NoteStarPrice(Command, frozen=True, kw_only=True):
    """Payments was asked what a product costs."""

    subject: ClassVar[str] = "promo.cmd.{product}.note_star_price"
    product: Product
    amount: int
    """In Stars."""
    valid_from: datetime


class PriceBook(msgspec.Struct, frozen=True):
    """The prices of the moment, for who only looks."""

    prices: tuple[tuple[Product, int], ...] = ()

    def taken_off(self, product: Product, percent: int) -> int:
        """Return how many Stars a discount takes off a product; what is to be paid is rounded up, and 1 at least."""
        base = dict(self.prices).get(product, 0)
        return max(0, base - max(1, -(-base * (100 - percent) // 100)))

    def discounted(self, products: Sequence[Product], percent: int) -> tuple[DiscountedProduct, ...]:
        """Return the prices that a discount changes, as far as they are known."""
        bases = dict(self.prices)
        off = {product: self.taken_off(product, percent) for product in products}
        return tuple(
            DiscountedProduct(product=product, base_amount=bases[product], amount=bases[product] - less)
            for product, less in off.items()
            if less
        )

    def most_taken_off(self, products: Sequence[Product], percent: int) -> int:
        """Return the most that a discount takes off one of these products."""
        return max((self.taken_off(product, percent) for product in products), default=0)

    def taken_off_by(self, invoice: InvoiceOpened, percent: int) -> int:
        """Return how many Stars an invoice's discount takes off; one in money counts as if it were in Stars."""
        if invoice.currency is not Currency.XTR:
            return self.taken_off(invoice.product, percent)
        amounts = [step.amount for step in invoice.steps]
        at = next((place for place, step in enumerate(invoice.steps) if step.name == _DISCOUNT), 0)
        return amounts[at - 1] - amounts[at] if at else 0
