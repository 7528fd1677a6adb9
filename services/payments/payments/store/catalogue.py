"""The catalogue as rows: shelf, prices, regions and rates; and what is made of them, quotes and discounts."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Store, Writer
from actors.table import Table
from contracts.payments import Currency, Product
from payments.domain.catalogue import SHIPPED, Article, Catalogue, Price, PriceSet
from payments.domain.discount import Discount
from payments.domain.quote import Quote
from payments.domain.rates import CURRENCIES, RatesFetched

SQL: Final = load("payments.store", "catalogue.sql")
QUOTES: Final = Table(Quote, "quotes", key="id", row_type="quote_row")

# A row that a newer build brought along means nothing to this one: only what is known here is asked for.
_PRODUCTS: Final = list(Product)
_CURRENCIES: Final = list(Currency)
_RATES: Final = list(CURRENCIES)

_catalogues: Final = msgspec.json.Decoder(Catalogue)


class Catalogues(ReadModel[str, Catalogue]):
    """The one catalogue, for every message of a turn."""

    state = Catalogue
    key_field = ""

    def key(self, message: Any, field: str | None = None) -> str:
        """Return the same for all."""
        del message, field
        return "catalogue"

    async def load(self, connection: Connection, keys: Sequence[str]) -> dict[str, Catalogue]:
        """Read it in one query."""
        return dict.fromkeys(keys, await read_catalogue(connection))


class ArticleStore(Store[str, Article]):
    """The switch of a product; its prices are read along, and written by `PriceHistory`."""

    state = Article
    key_field = "product"

    async def load(self, connection: Connection, keys: Sequence[str]) -> dict[str, Article]:
        """Load and lock products that ship or were sold, then read their prices."""
        found = {row[0]: row[1] for row in await connection.fetch(SQL["lock_articles"], keys)}
        # Apart from the lock: a statement that waited for it would still see the prices as before the wait.
        rows = await connection.fetch(SQL["newest_prices"], list(found), _CURRENCIES) if found else []
        prices = [_price_of(row) for row in rows]
        return {
            product: Article(Product(product), enabled, tuple(price for price in prices if price.product == product))
            for product, enabled in found.items()
        }

    async def save(self, connection: Writer, states: Sequence[Article]) -> None:
        """Write whether products are on sale; prices have a journal."""
        columns = zip(*((article.product, article.enabled) for article in states), strict=True)
        await connection.execute(SQL["save_articles"], *columns)


class PriceHistory(Journal[PriceSet]):
    """Every price that ever was; the database refuses update and delete."""

    row = PriceSet

    async def append(self, connection: Writer, rows: Sequence[PriceSet]) -> None:
        """Add prices as new versions."""
        values = ((*msgspec.structs.astuple(row.price), row.set_by, row.valid_from) for row in rows)
        await connection.execute(SQL["append_prices"], *zip(*values, strict=True))


class QuoteStore(Store[UUID, Quote]):
    """One row a quote. It never changes, so nobody locks it."""

    state = Quote
    key_field = "quote_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Quote]:
        """Read without a lock."""
        rows = await connection.fetch(f"{QUOTES.select} where id = any($1)", keys)
        return {row[0]: QUOTES.state_of(row) for row in rows}

    async def save(self, connection: Writer, states: Sequence[Quote]) -> None:
        """Insert new quotes."""
        await connection.execute(QUOTES.insert_sql, list(map(QUOTES.row_of, states)))

    def key_of(self, state: Quote) -> UUID:
        """Return the quote's id."""
        return state.id


class DiscountStore(Store[UUID, Discount]):
    """One row a redemption that promo spoke of."""

    state = Discount
    key_field = "redemption_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Discount]:
        """Load and lock discounts in the order of their ids."""
        return {row[0]: _discount_of(row) for row in await connection.fetch(SQL["load_discounts"], keys)}

    async def save(self, connection: Writer, states: Sequence[Discount]) -> None:
        """Write discounts, new and changed."""
        await connection.execute(SQL["save_discounts"], list(map(msgspec.structs.astuple, states)))


class RateTable(Journal[RatesFetched]):
    """The reference rates of each day; a day that is fetched again is corrected."""

    row = RatesFetched

    async def append(self, connection: Writer, rows: Sequence[RatesFetched]) -> None:
        """Write the rates; of two answers for a day in one turn, the later one."""
        newest = {
            (rate.currency, rate.day): (rate.currency, rate.day, rate.rate_micro, row.at)
            for row in rows
            for rate in row.rates
        }
        if newest:
            await connection.execute(SQL["save_rates"], *zip(*newest.values(), strict=True))


async def read_catalogue(connection: Connection) -> Catalogue:
    """Return the catalogue of this moment."""
    return _catalogues.decode(await connection.fetchval(SQL["load_catalogue"], _PRODUCTS, _CURRENCIES, _RATES))


async def read_prices(connection: Connection) -> list[PriceSet]:
    """Return the newest prices, each with who set it."""
    rows = await connection.fetch(SQL["newest_prices"], _PRODUCTS, _CURRENCIES)
    return [PriceSet(_price_of(row), row[4], row[5]) for row in rows]


async def has_rates(connection: Connection, day: date) -> bool:
    """Whether all rates that payments keeps are here for a day."""
    return await connection.fetchval(SQL["has_rates"], day, _RATES)


async def ship(connection: Connection) -> str:
    """Bring along the products and prices that are not there yet; returns in words what was missing.

    What ops have set or switched stays as it is. Several may do this at once.
    """
    prices = [(one.product, Currency.XTR, one.stars) for one in SHIPPED]
    prices += [(one.product, Currency.EUR, one.cents) for one in SHIPPED]
    async with connection.transaction():
        shelf = [(one.product, place, one.enabled) for place, one in enumerate(SHIPPED, start=1)]
        await connection.execute(SQL["ship_products"], *zip(*shelf, strict=True))
        outcome = await connection.execute(SQL["ship_prices"], *zip(*prices, strict=True))
    added = int(outcome.rpartition(" ")[2])
    return f"{added} prices added" if added else "nothing new"


def _price_of(row: Record) -> Price:
    return Price(Product(row[0]), Currency(row[1]), row[2], row[3])


def _discount_of(row: Record) -> Discount:
    redemption_id, player_id, percent, products, *rest = row
    return Discount(redemption_id, player_id, percent, tuple(map(Product, products)), *rest)
