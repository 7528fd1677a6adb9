"""A promo discount that is reserved for a player (DOMAIN §5, §7). Promo owns the redemption; this is what it said."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payments import HoldDiscount, Product
from payments.domain.purchase import Purchase


class Discount(msgspec.Struct):
    """One redemption of a percent discount.

    Promo's words count by when they were said, not by when they arrive: whatever their order, the end is the same.
    """

    redemption_id: UUID
    player_id: int
    percent: int = 0
    """1–90; 0 while all that was heard is its release."""
    products: tuple[Product, ...] = ()
    reserved_until: datetime | None = None
    held_at: datetime | None = None
    """When promo last said that it is reserved."""
    released_at: datetime | None = None
    """When promo last said that it is not, any more."""
    purchase_id: UUID | None = None
    """The purchase that has it: a discount is bound to one (DOMAIN §7)."""
    used: bool = False
    """True once that purchase was paid."""

    @property
    def is_released(self) -> bool:
        """Whether promo's latest word is that it is not reserved."""
        return self.held_at is None or (self.released_at is not None and self.released_at >= self.held_at)

    def fits(self, product: Product) -> bool:
        """Whether it is for that product."""
        return product in self.products

    def is_reserved(self, now: datetime) -> bool:
        """Whether it is held at this instant: not lapsed, not released, not used."""
        if self.used or self.is_released:
            return False
        return self.reserved_until is not None and now < self.reserved_until

    def holds(self, player_id: int, product: Product, now: datetime) -> bool:
        """Whether this player may have it on this product now."""
        return self.player_id == player_id and self.fits(product) and self.is_reserved(now)

    def is_bound_to(self, purchase_id: UUID) -> bool:
        """Whether that purchase has it, and no later one."""
        return self.purchase_id == purchase_id

    def backs(self, purchase: Purchase, now: datetime) -> bool:
        """Whether a purchase that was made with it may be paid now: it is held still, and for that purchase."""
        return self.is_bound_to(purchase.purchase_id) and self.holds(purchase.player_id, purchase.product, now)

    def is_used_by_another(self, purchase_id: UUID) -> bool:
        """Whether another purchase was paid with it."""
        return self.used and self.purchase_id != purchase_id

    # -- what promo says ------------------------------------------------------------------------

    def reserve(self, word: HoldDiscount, said_at: datetime) -> None:
        """Hear that it is reserved. Never shortens what was promised before."""
        self.hold_until(word.reserved_until)
        if self.held_at is None or said_at > self.held_at:
            self.held_at, self.percent, self.products = said_at, word.percent, word.products

    def release(self, said_at: datetime) -> None:
        """Hear that it expired or was revoked."""
        self.released_at = said_at if self.released_at is None else max(said_at, self.released_at)

    # -- what becomes of it here ----------------------------------------------------------------

    def hold_until(self, until: datetime) -> None:
        """Keep it reserved until then at least (a pre-checkout passed, DOMAIN §6)."""
        self.reserved_until = until if self.reserved_until is None else max(until, self.reserved_until)

    def bind(self, purchase_id: UUID) -> None:
        """Give it to a purchase; an earlier one that had it has it no longer."""
        self.purchase_id = purchase_id

    def use(self, purchase_id: UUID) -> None:
        """Mark it as used up by a purchase that was paid."""
        self.purchase_id, self.used = purchase_id, True

    def give_back(self, purchase_id: UUID) -> None:
        """The money of the purchase that was paid with it went back before anything was given: it was not used."""
        if self.is_bound_to(purchase_id):
            self.used = False
