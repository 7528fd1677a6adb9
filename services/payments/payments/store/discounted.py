"""Purchases with a discount, by the time of their last change."""

from typing import Final

from actors.queries import load
from actors.store import Connection
from contracts.payments import DiscountedPurchase, DiscountedPurchasesQuery, Product, PurchaseState

SQL: Final = load("payments.store", "discounted.sql")


async def read_discounted(connection: Connection, wanted: DiscountedPurchasesQuery) -> tuple[DiscountedPurchase, ...]:
    """Return a page of them."""
    rows = await connection.fetch(SQL["discounted_purchases"], wanted.since, wanted.after, wanted.limit)
    return tuple(
        DiscountedPurchase(
            purchase_id=row["id"],
            player_id=row["player_id"],
            redemption_id=row["redemption_id"],
            product=Product(row["product"]),
            state=PurchaseState(row["state"]),
            changed_at=row["changed_at"],
            credited_at=row["credited_at"],
            refunded_at=row["refunded_at"],
        )
        for row in rows
    )
