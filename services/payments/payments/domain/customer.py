"""A customer: what the rules of the shop must know about one player (DOMAIN §5, §6)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import BuyRefusal, Product
from payments.domain.premium import Premium
from payments.domain.products import gives

SAVER_WINDOW: Final = timedelta(days=7)
_NO_PREMIUM: Final = Premium()


class OpenInvoice(msgspec.Struct, frozen=True):
    """A product's active invoice; at most one a product."""

    product: Product
    purchase_id: UUID


class SaverBought(msgspec.Struct, frozen=True):
    """The streak saver that counts for the limit of one in 7 days."""

    purchase_id: UUID
    at: datetime


class Barred(msgspec.Struct, frozen=True):
    """Why a product cannot be bought, and until when."""

    reason: BuyRefusal
    until: datetime | None


class Customer(msgspec.Struct):
    """One player as the shop knows them. Locking it makes decisions about one player's money follow one another."""

    player_id: int
    premium: Premium = _NO_PREMIUM
    premium_revision: int = 0
    saver: SaverBought | None = None
    invoices: tuple[OpenInvoice, ...] = ()
    """Read off the purchases when loaded; not saved."""

    def open_invoice(self, product: Product) -> UUID | None:
        """Return the purchase whose invoice is active for a product."""
        return next((invoice.purchase_id for invoice in self.invoices if invoice.product == product), None)

    def open(self, product: Product, purchase_id: UUID) -> None:
        """Note a product's active invoice in place of the one before."""
        others = tuple(invoice for invoice in self.invoices if invoice.product != product)
        self.invoices = (*others, OpenInvoice(product, purchase_id))

    def close(self, purchase_id: UUID) -> None:
        """Note that an invoice is not active any more."""
        self.invoices = tuple(invoice for invoice in self.invoices if invoice.purchase_id != purchase_id)

    def barred(self, product: Product, now: datetime) -> Barred | None:
        """Return what forbids buying a product now: the saver limit, or premium of the same or a higher rank."""
        if product is Product.STREAK_SAVER_20 and self.saver is not None and now < self.saver.at + SAVER_WINDOW:
            return Barred(BuyRefusal.SAVER_LIMIT, self.saver.at + SAVER_WINDOW)
        rank, running = gives(product).premium_rank, self.premium.active(now)
        if rank and running is not None and rank <= running.rank:
            return Barred(BuyRefusal.PREMIUM_RANK, running.ends)
        return None

    def count_saver(self, product: Product, purchase_id: UUID, at: datetime) -> None:
        """Let a paid streak saver count for the limit."""
        if product is Product.STREAK_SAVER_20 and (self.saver is None or self.saver.at < at):
            self.saver = SaverBought(purchase_id, at)

    def forget_saver(self, purchase_id: UUID) -> None:
        """A refunded streak saver does not count for the limit."""
        if self.saver is not None and self.saver.purchase_id == purchase_id:
            self.saver = None

    def change_premium(self, premium: Premium) -> bool:
        """Put new premium in place; returns whether anything changed."""
        if premium == self.premium:
            return False
        self.premium, self.premium_revision = premium, self.premium_revision + 1
        return True
