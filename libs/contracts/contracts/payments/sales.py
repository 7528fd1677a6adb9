"""What referrals asks of payments: how purchases in Stars stand, for what who brought the buyer earns (DOMAIN §9)."""

from datetime import datetime
from typing import Annotated, ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Query

SALES_MAX: Final = 1_000
"""So many sales at most in one question or answer."""


class StarSale(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase in Stars that was ever credited, as it stands."""

    purchase_id: UUID
    player_id: int
    stars: int
    credited_at: datetime
    refunded_at: datetime | None = None
    affiliate: bool = False
    """Whether Telegram's own affiliate programme is known to have taken a commission of it."""
    changed_at: datetime
    """When the purchase itself last changed; word of a commission changes it not."""


class StarSalesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of them: by the time of their last change and id; or those that were named."""

    sales: tuple[StarSale, ...]


class StarSalesQuery(Query[StarSalesAnswer], frozen=True, kw_only=True):
    """Ask for sales that changed at some instant or later, page by page."""

    subject: ClassVar[str] = "query.payments.star_sales"
    since: datetime
    """Only what changed at this instant or later; of the next page: the last one's `changed_at`."""
    after: UUID | None = None
    """Go on after this purchase; None: with the first of that instant."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=SALES_MAX)] = 500


class NamedStarSalesQuery(Query[StarSalesAnswer], frozen=True, kw_only=True):
    """Ask for sales by their ids; what is no credited purchase in Stars is left out."""

    subject: ClassVar[str] = "query.payments.named_star_sales"
    purchase_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=SALES_MAX)]
