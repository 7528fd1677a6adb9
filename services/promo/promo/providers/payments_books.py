"""Payments' side of what codes gave: discounts' purchases, premium, and what products cost (DOMAIN §5, §7)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from actors.asking import Asker
from contracts.payments import (
    BookedGrantsQuery,
    DiscountedPurchase,
    DiscountedPurchasesQuery,
    PriceInStars,
    StarPricesQuery,
)

PAGE: Final = 500
ANSWER_SECONDS_MAX: Final = 10.0


class PaymentsBooks:
    """Asks payments; may be tried again at any time."""

    def __init__(self, asker: Asker) -> None:
        """`asker` puts the questions."""
        self._asker = asker

    async def discounted(self, since: datetime) -> AsyncIterator[Sequence[DiscountedPurchase]]:
        """Yield the purchases with a discount that changed since then; raises QueryError when there is no answer."""
        after: UUID | None = None
        while True:
            page = DiscountedPurchasesQuery(since=since, after=after, limit=PAGE)
            purchases = (await self._asker.query(page, timeout_seconds=ANSWER_SECONDS_MAX)).purchases
            if purchases:
                yield purchases
            if len(purchases) < PAGE:
                return
            since, after = purchases[-1].changed_at, purchases[-1].purchase_id

    async def star_prices(self) -> Sequence[PriceInStars]:
        """Return all prices in Stars; raises QueryError when there is no answer."""
        return (await self._asker.query(StarPricesQuery(), timeout_seconds=ANSWER_SECONDS_MAX)).prices

    async def booked(self, grants: Sequence[UUID]) -> frozenset[UUID]:
        """Return which of these grants were given, at most a thousand; raises QueryError when there is no answer."""
        question = BookedGrantsQuery(grant_ids=tuple(grants))
        return frozenset((await self._asker.query(question, timeout_seconds=ANSWER_SECONDS_MAX)).booked)
