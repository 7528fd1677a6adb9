"""The catalogue in the hands of ops: prices, the shelf, and a look at all of it (DOMAIN §5)."""

from datetime import date, datetime
from typing import Final

import msgspec

from actors.endpoints import Endpoint
from actors.turn import Turn
from contracts.payments import Currency, PriceChanged, Product, SetPrice, SwitchProduct
from payments.domain.catalogue import Article, PriceSet
from payments.handlers import four_eyes
from payments.handlers.table import actor
from payments.store.catalogue import read_catalogue, read_prices

AMOUNT_MAX: Final = 1_000_000
"""Of a price, in Stars or minor units: more is taken for a slip of the pen."""


# -- what ops change --------------------------------------------------------------------------------


class ArticleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the product stands now; `found` is False, with the remedy, when the table has no such product."""

    product: Product
    found: bool
    changed: bool = False
    """False when it stood so already."""
    enabled: bool = False
    prices: dict[str, int] = {}
    """Currency → Stars, or minor units."""
    reason: str = ""
    """Why nothing was done."""


def _no_price(command: SetPrice) -> str:
    return _fault(command.amount)


@actor.admin("catalogue", "set_price", answer=ArticleAnswer, check=_no_price, second=four_eyes.PRICE)
@actor.on(SetPrice)
def set_price(command: SetPrice, article: Article | None, turn: Turn) -> None:
    """Make a new version of a price; quotes and purchases that were made keep theirs."""
    if article is None:
        turn.reply(_not_found(command.product))
        return
    fault = _fault(command.amount)
    if fault:
        turn.reply(_answer(article, changed=False, reason=fault))
        return
    price = article.set_price(command.currency, command.amount)
    if price is not None:
        turn.record(PriceSet(price, turn.operator, turn.now))
        turn.emit(_changed(article, turn, currency=price.currency, amount=price.amount))
    turn.reply(_answer(article, changed=price is not None))


@actor.admin("catalogue", "enable", answer=ArticleAnswer, fixed={"enabled": True})
@actor.admin("catalogue", "disable", answer=ArticleAnswer, fixed={"enabled": False})
@actor.on(SwitchProduct)
def switch_product(command: SwitchProduct, article: Article | None, turn: Turn) -> None:
    """Put a product on the shelf or take it off; invoices that are open are refused at the pre-checkout."""
    if article is None:
        turn.reply(_not_found(command.product))
        return
    changed = article.enabled is not command.enabled
    article.enabled = command.enabled
    if changed:
        turn.emit(_changed(article, turn))
    turn.reply(_answer(article, changed=changed))


def _changed(article: Article, turn: Turn, *, currency: Currency | None = None, amount: int = 0) -> PriceChanged:
    return PriceChanged(
        product=article.product,
        currency=currency,
        amount=amount,
        enabled=article.enabled,
        operator=turn.operator,
        at=turn.now,
    )


def _answer(article: Article, *, changed: bool, reason: str = "") -> ArticleAnswer:
    return ArticleAnswer(
        product=article.product,
        found=True,
        changed=changed,
        enabled=article.enabled,
        prices={price.currency: price.amount for price in article.prices},
        reason=reason,
    )


def _not_found(product: Product) -> ArticleAnswer:
    reason = f"product: the catalogue has no {product} yet; run `python -m payments migrate`, which brings it along"
    return ArticleAnswer(product=product, found=False, reason=reason)


def _fault(amount: int) -> str:
    """Return what is wrong with an amount, naming field and remedy; empty when nothing is."""
    if 1 <= amount <= AMOUNT_MAX:
        return ""
    return f"amount: {amount} is no price; use 1–{AMOUNT_MAX} Stars or minor units (cents, pence)"


# -- what ops see -----------------------------------------------------------------------------------


class CatalogueQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for every product; it has no fields."""


class PriceView(msgspec.Struct, frozen=True, kw_only=True):
    """The price in one currency."""

    currency: Currency
    amount: int
    """Stars, or minor units."""
    version: int
    set_by: str
    valid_from: datetime


class ArticleView(msgspec.Struct, frozen=True, kw_only=True):
    """A product with its prices, one a currency."""

    product: Product
    enabled: bool
    prices: tuple[PriceView, ...]


class RateView(msgspec.Struct, frozen=True, kw_only=True):
    """A reference rate: units for one euro."""

    currency: Currency
    rate: str
    day: date
    too_old: bool
    """True when nothing is priced with it any more."""


class CatalogueAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue as it stands."""

    products: tuple[ArticleView, ...]
    """In the order of the shelf."""
    regions: dict[str, int]
    """Region → percent of the price."""
    rates: tuple[RateView, ...]


@actor.query("catalogue", request=CatalogueQuery, response=CatalogueAnswer)
async def query_catalogue(request: CatalogueQuery, endpoint: Endpoint) -> CatalogueAnswer:
    """Show products with their prices, regional factors, and the newest reference rates."""
    del request
    async with endpoint.connection() as connection:
        catalogue, prices = await read_catalogue(connection), await read_prices(connection)
    rates = (
        RateView(currency=rate.currency, rate=rate.written(), day=rate.day, too_old=rate.is_too_old(endpoint.now))
        for rate in catalogue.rates
    )
    return CatalogueAnswer(
        products=tuple(
            ArticleView(product=item.product, enabled=item.enabled, prices=_price_views(item.product, prices))
            for item in catalogue.items
        ),
        regions={one.region: one.percent for one in catalogue.regions},
        rates=tuple(rates),
    )


def _price_views(product: Product, prices: list[PriceSet]) -> tuple[PriceView, ...]:
    return tuple(
        PriceView(
            currency=line.price.currency,
            amount=line.price.amount,
            version=line.price.version,
            set_by=line.set_by,
            valid_from=line.valid_from,
        )
        for line in prices
        if line.price.product is product
    )
