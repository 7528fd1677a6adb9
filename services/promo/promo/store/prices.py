"""Prices in Stars as rows: one a product."""

from collections.abc import Mapping, Sequence
from typing import Final

from actors.queries import load
from actors.store import Connection, ReadModel, Store, Writer
from actors.table import Table
from contracts.payments import Product
from promo.domain.prices import BOOK, PriceBook, StarPrice

SQL: Final = load("promo.store", "prices.sql")
PRICES: Final = Table(StarPrice, "star_prices", key="product", row_type="star_price_row")


class StarPriceStore(Store[str, StarPrice]):
    """One row a product."""

    state = StarPrice
    key_field = "product"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, StarPrice]:
        """Load and lock prices in the order of the products."""
        return await PRICES.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[StarPrice]) -> None:
        """Write prices, new and changed, in one statement."""
        await PRICES.save(connection, states)

    def blank(self, key: str) -> StarPrice:
        """Return a product whose price is not known."""
        return StarPrice(Product(key))


class PriceBooks(ReadModel[str, PriceBook]):
    """All prices at once, for who only looks: everybody who redeems a code does, so nobody locks them."""

    state = PriceBook
    key_field = "name"

    def key(self, message: object, field: str | None = None) -> str:
        """Return the one key there is, whatever the message."""
        del message, field
        return BOOK

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, PriceBook]:
        """Look at all prices."""
        rows = await connection.fetch(SQL["all_prices"])
        book = PriceBook(tuple((Product(product), amount) for product, amount in rows))
        return dict.fromkeys(keys, book)

    def blank(self, key: str) -> PriceBook:
        """Return a book without prices."""
        del key
        return PriceBook()
