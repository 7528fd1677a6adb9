"""What promo asks: what became of purchases with a discount, and what products cost in Stars (DOMAIN §5, §7)."""

from actors.endpoints import Endpoint
from contracts.payments import (
    Currency,
    DiscountedPurchasesAnswer,
    DiscountedPurchasesQuery,
    PriceInStars,
    StarPricesAnswer,
    StarPricesQuery,
)
from payments.handlers.table import actor
from payments.store.catalogue import read_prices
from payments.store.discounted import read_discounted


@actor.query("discounted_purchases", request=DiscountedPurchasesQuery, response=DiscountedPurchasesAnswer)
async def query_discounted_purchases(
    request: DiscountedPurchasesQuery, endpoint: Endpoint
) -> DiscountedPurchasesAnswer:
    """Tell how purchases stand that have a discount and changed lately."""
    async with endpoint.connection() as connection:
        return DiscountedPurchasesAnswer(purchases=await read_discounted(connection, request))


@actor.query("star_prices", request=StarPricesQuery, response=StarPricesAnswer)
async def query_star_prices(request: StarPricesQuery, endpoint: Endpoint) -> StarPricesAnswer:
    """Tell what products cost in Stars, and since when."""
    del request
    async with endpoint.connection() as connection:
        lines = await read_prices(connection)
    return StarPricesAnswer(
        prices=tuple(
            PriceInStars(product=line.price.product, amount=line.price.amount, valid_from=line.valid_from)
            for line in lines
            if line.price.currency is Currency.XTR
        )
    )
