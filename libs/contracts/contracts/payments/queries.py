"""What other services may ask payments: what became of purchases with a discount, and prices (DOMAIN §5, §7)."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from contracts.message import Query
from contracts.payments.vocabulary import Product, PurchaseState

DISCOUNTED_MAX = 1000
"""So many purchases at most in one answer."""


class DiscountedPurchase(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase that a redemption is or was attached to, as it stands."""

    purchase_id: UUID
    player_id: int
    redemption_id: UUID
    product: Product
    state: PurchaseState
    changed_at: datetime
    """When it came to stand so."""
    credited_at: datetime | None = None
    """None: it never was."""
    refunded_at: datetime | None = None
    """None: it was not."""


class DiscountedPurchasesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of them, by the time of their last change, then by id."""

    purchases: tuple[DiscountedPurchase, ...]


class DiscountedPurchasesQuery(Query[DiscountedPurchasesAnswer], frozen=True, kw_only=True):
    """Ask for purchases with a discount that changed at some instant or later, page by page."""

    subject: ClassVar[str] = "query.payments.discounted_purchases"
    since: datetime
    """Only what changed at this instant or later; of the next page: the last one's `changed_at`."""
    after: UUID | None = None
    """Go on after this purchase; None: with the first of that instant."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=DISCOUNTED_MAX)] = 500


class PriceInStars(msgspec.Struct, frozen=True, kw_only=True):
    """What a product costs in Stars, before any discount."""

    product: Product
    amount: int
    valid_from: datetime


class StarPricesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The prices in Stars as they stand, of products on sale or not."""

    prices: tuple[PriceInStars, ...]


class StarPricesQuery(Query[StarPricesAnswer], frozen=True, kw_only=True):
    """Ask for all prices in Stars."""

    subject: ClassVar[str] = "query.payments.star_prices"


BOOKED_MAX = 1000
"""So many grants at most in one question."""


class BookedGrantsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the grants asked for that the ledger has."""

    booked: tuple[UUID, ...]
    revoked: tuple[UUID, ...] = ()
    """Those of them that were taken back again."""


class BookedGrantsQuery(Query[BookedGrantsAnswer], frozen=True, kw_only=True):
    """Ask which grants were given without a payment: each by its id, which is its transaction's in the ledger."""

    subject: ClassVar[str] = "query.payments.booked_grants"
    grant_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=BOOKED_MAX)]
