"""The amounts that decide whether a second operator is needed."""

from typing import Final
from uuid import UUID

from actors.queries import load
from actors.store import Connection
from contracts.payments import Currency, Product

SQL: Final = load("payments.store", "four_eyes.sql")


async def purchase_amount(connection: Connection, purchase_id: UUID) -> tuple[int, str] | None:
    """Return what a purchase cost, with its currency; None when there is none."""
    row = await connection.fetchrow(SQL["purchase_amount"], purchase_id)
    return None if row is None else (row["amount"], row["currency"])


async def charge_amount(connection: Connection, charge_id: str) -> tuple[int, str] | None:
    """Return what a charge took, with its currency; None when there is none."""
    row = await connection.fetchrow(SQL["charge_amount"], charge_id)
    return None if row is None else (row["amount"], row["currency"])


async def price_now(connection: Connection, product: Product, currency: Currency) -> int | None:
    """Return the newest price, in Stars or minor units; None when there is none in that currency."""
    return await connection.fetchval(SQL["price_now"], product, currency)
