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
    redemption_id: UUID | None = None
    """The discount that it is to be bought with."""
    is_at_till: bool = False
    """Whether its pre-checkout passed: its player may be paying."""


class SaverBought(msgspec.Struct, frozen=True):
    """A streak saver that counts for the limit of one in 7 days."""

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
    savers: tuple[SaverBought, ...] = ()
    """Those of the last seven days that were paid and not given back."""
    invoices: tuple[OpenInvoice, ...] = ()
    """Read off the purchases when loaded; not saved."""
    awaited: tuple[OpenInvoice, ...] = ()
    """Purchases that are paid and not credited yet, likewise."""
    premium_changed_at: datetime | None = None
    """None before the first change, and for changes before this was noted."""

    def open_invoice(self, product: Product) -> UUID | None:
        """Return the purchase whose invoice is active for a product."""
        return next((invoice.purchase_id for invoice in self.invoices if invoice.product == product), None)

    def invoice_with(self, redemption_id: UUID) -> UUID | None:
        """Return the purchase whose active invoice has a discount."""
        return next((one.purchase_id for one in self.invoices if one.redemption_id == redemption_id), None)

    def pays_with(self, redemption_id: UUID) -> bool:
        """Whether they may be paying with a discount at this moment."""
        return any(one.redemption_id == redemption_id and one.is_at_till for one in self.invoices)

    def open(self, invoice: OpenInvoice) -> None:
        """Note a product's active invoice in place of the one before."""
        others = tuple(one for one in self.invoices if one.product != invoice.product)
        self.invoices = (*others, invoice)

    def pass_checkout(self, purchase_id: UUID) -> None:
        """Note that an invoice's pre-checkout passed."""
        self.invoices = tuple(
            msgspec.structs.replace(one, is_at_till=True) if one.purchase_id == purchase_id else one
            for one in self.invoices
        )

    def close(self, purchase_id: UUID) -> None:
        """Note that an invoice is not active any more."""
        self.invoices = tuple(invoice for invoice in self.invoices if invoice.purchase_id != purchase_id)

    def barred(self, product: Product, now: datetime) -> Barred | None:
        """Return what forbids buying a product now: the saver limit, or premium of the same or a higher rank."""
        if product is Product.STREAK_SAVER_20 and self.savers:
            until = max(saver.at for saver in self.savers) + SAVER_WINDOW
            return Barred(BuyRefusal.SAVER_LIMIT, until) if now < until else None
        rank = gives(product).premium_rank
        return self._barred_premium(rank, now) if rank else None

    def _barred_premium(self, rank: int, now: datetime) -> Barred | None:
        """What is paid for and on its way counts like what is running."""
        running = self.premium.active(now)
        if running is not None and rank <= running.rank:
            return Barred(BuyRefusal.PREMIUM_RANK, running.ends)
        for paid in self.awaited:
            goods = gives(paid.product)
            if rank <= goods.premium_rank:
                return Barred(BuyRefusal.PREMIUM_RANK, now + timedelta(days=goods.premium_days))
        return None

    def expect(self, invoice: OpenInvoice) -> None:
        """Note that a purchase is paid and waits for its credit."""
        self.awaited = (*self.awaited, invoice)

    def settle(self, purchase_id: UUID) -> None:
        """Note that a paid purchase was credited, or that its money goes back."""
        self.awaited = tuple(paid for paid in self.awaited if paid.purchase_id != purchase_id)

    def count_saver(self, product: Product, purchase_id: UUID, at: datetime) -> None:
        """Let a paid streak saver count for the limit."""
        if product is Product.STREAK_SAVER_20:
            recent = tuple(saver for saver in self.savers if saver.at > at - SAVER_WINDOW)
            self.savers = (*recent, SaverBought(purchase_id, at))

    def forget_saver(self, purchase_id: UUID) -> None:
        """A refunded streak saver does not count for the limit."""
        self.savers = tuple(saver for saver in self.savers if saver.purchase_id != purchase_id)

    def change_premium(self, premium: Premium, at: datetime) -> bool:
        """Put new premium in place; returns whether anything changed."""
        if premium == self.premium:
            return False
        self.premium = premium
        self.say_premium(at)
        return True

    def say_premium(self, at: datetime, *, above: int = 0) -> None:
        """Give premium as it stands a revision of its own, above all known ones: the highest is the truth."""
        self.premium_revision, self.premium_changed_at = max(self.premium_revision, above) + 1, at
