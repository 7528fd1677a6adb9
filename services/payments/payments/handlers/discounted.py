"""What became of purchases with a discount, for promo to compare with its own books (DOMAIN §7)."""

from actors.endpoints import Endpoint
from contracts.payments import DiscountedPurchasesAnswer, DiscountedPurchasesQuery
from payments.handlers.table import actor
from payments.store.discounted import read_discounted


@actor.query("discounted_purchases", request=DiscountedPurchasesQuery, response=DiscountedPurchasesAnswer)
async def query_discounted_purchases(
    request: DiscountedPurchasesQuery, endpoint: Endpoint
) -> DiscountedPurchasesAnswer:
    """Tell how purchases stand that have a discount and changed lately."""
    async with endpoint.connection() as connection:
        return DiscountedPurchasesAnswer(purchases=await read_discounted(connection, request))
