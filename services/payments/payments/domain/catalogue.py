"""The catalogue (DOMAIN §5): what is on the shelf, and what it costs in which currency. Data that ops change."""

from datetime import datetime
from typing import Final

import msgspec

from contracts.payments import Currency, Product
from payments.domain.rates import ReferenceRate


class Price(msgspec.Struct, frozen=True):
    """What a product costs in one currency; the newest version counts."""

    product: Product
    currency: Currency
    version: int
    """1 for the first price of that product in that currency."""
    amount: int
    """Stars, or minor units; at least 1."""


class Item(msgspec.Struct, frozen=True):
    """One product on the shelf."""

    product: Product
    enabled: bool


class Region(msgspec.Struct, frozen=True):
    """By how much prices differ in a region."""

    region: str
    percent: int
    """Of the price: 1–1000; 80 is a fifth less."""


class Catalogue(msgspec.Struct, frozen=True):
    """The catalogue at one moment: to look at, never to change."""

    items: tuple[Item, ...] = ()
    """In the order of the shelf."""
    prices: tuple[Price, ...] = ()
    """The newest of each product and currency."""
    regions: tuple[Region, ...] = ()
    rates: tuple[ReferenceRate, ...] = ()
    """The newest of each currency, however old."""

    def on_sale(self) -> tuple[Product, ...]:
        """Return the products that are on sale, in the order of the shelf."""
        return tuple(item.product for item in self.items if item.enabled)

    def is_on_sale(self, product: Product) -> bool:
        """Whether a product stands on the shelf and is not switched off."""
        return any(item.enabled for item in self.items if item.product is product)

    def price(self, product: Product, currency: Currency) -> Price | None:
        """Return the price as set in that very currency; None when none is set."""
        return _find(self.prices, product, currency)

    def factor(self, region: str) -> int | None:
        """Return a region's percentage of the price; None for no region, and for one without a factor of its own."""
        return next((one.percent for one in self.regions if one.region == region), None)

    def rate(self, currency: Currency) -> ReferenceRate | None:
        """Return the newest reference rate of a currency, however old."""
        return next((rate for rate in self.rates if rate.currency is currency), None)


class Article(msgspec.Struct):
    """One product as ops change it: its switch, and the newest price of each currency."""

    product: Product
    enabled: bool
    prices: tuple[Price, ...] = ()

    def price(self, currency: Currency) -> Price | None:
        """Return the newest price in a currency."""
        return _find(self.prices, self.product, currency)

    def set_price(self, currency: Currency, amount: int) -> Price | None:
        """Set the price from now on and return it; None when it is the price already."""
        old = self.price(currency)
        if old is not None and old.amount == amount:
            return None
        new = Price(self.product, currency, 1 if old is None else old.version + 1, amount)
        self.prices = (*(price for price in self.prices if price is not old), new)
        return new


class PriceSet(msgspec.Struct, frozen=True):
    """A line of the price history: who set what, and since when it holds."""

    price: Price
    set_by: str
    valid_from: datetime


class Shipped(msgspec.Struct, frozen=True):
    """A product as it comes with the service."""

    product: Product
    stars: int
    cents: int
    """EUR cents, for the web checkout: about 2 to 3 cents a Star, never below what a card payment takes at least."""
    enabled: bool = True
    """Whether it is on sale from the start; ops may switch it at any time."""


SHIPPED: Final = (
    Shipped(Product.ENERGY_10, 10, 69),
    Shipped(Product.MEGA_PACK_15, 15, 79),
    Shipped(Product.STREAK_SAVER_20, 20, 99),
    # There are no duels yet (DOMAIN §3): until they come, a ticket would be Stars for nothing.
    Shipped(Product.DUEL_TICKET_5, 5, 59, enabled=False),
    Shipped(Product.PREMIUM_STARTER, 29, 129),
    Shipped(Product.PREMIUM_MONTH, 99, 299),
    Shipped(Product.PREMIUM_SEASON, 249, 699),
    Shipped(Product.PREMIUM_YEAR, 499, 1_299),
)
"""The catalogue that ships, in the order of the shelf. Only what is not there yet is taken from it."""


def _find(prices: tuple[Price, ...], product: Product, currency: Currency) -> Price | None:
    return next((price for price in prices if price.product is product and price.currency is currency), None)
