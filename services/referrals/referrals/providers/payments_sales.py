"""Payments' side of commissions and payouts: how sales stand, and how gifts do (DOMAIN §9)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from actors.asking import Asker
from contracts.payments import GiftsQuery, GiftView, NamedStarSalesQuery, StarSale, StarSalesQuery

PAGE: Final = 500
ANSWER_SECONDS_MAX: Final = 10.0


class PaymentsSales:
    """Asks payments; may be tried again at any time. Raises QueryError when there is no answer."""

    def __init__(self, asker: Asker) -> None:
        """`asker` puts the questions."""
        self._asker = asker

    async def sales(self, since: datetime) -> AsyncIterator[Sequence[StarSale]]:
        """Yield the sales that changed since then, page by page."""
        after: UUID | None = None
        while True:
            page = StarSalesQuery(since=since, after=after, limit=PAGE)
            sales = (await self._asker.query(page, timeout_seconds=ANSWER_SECONDS_MAX)).sales
            if sales:
                yield sales
            if len(sales) < PAGE:
                return
            since, after = sales[-1].changed_at, sales[-1].purchase_id

    async def named_sales(self, ids: Sequence[UUID]) -> dict[UUID, StarSale]:
        """Return how these sales stand, by id, at most a page of them; what payments never credited lacks."""
        question = NamedStarSalesQuery(purchase_ids=tuple(ids))
        found = (await self._asker.query(question, timeout_seconds=ANSWER_SECONDS_MAX)).sales
        return {sale.purchase_id: sale for sale in found}

    async def gifts(self, ids: Sequence[UUID]) -> dict[UUID, GiftView]:
        """Return how these gifts stand, by id, at most a page of them; what was never asked for lacks."""
        question = GiftsQuery(gift_ids=tuple(ids))
        found = (await self._asker.query(question, timeout_seconds=ANSWER_SECONDS_MAX)).gifts
        return {gift.gift_id: gift for gift in found}
