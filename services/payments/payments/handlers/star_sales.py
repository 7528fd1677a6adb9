"""What referrals asks: how purchases in Stars stand (DOMAIN §9). An event may be lost, and be paid for."""

from actors.endpoints import Endpoint
from contracts.payments import NamedStarSalesQuery, StarSalesAnswer, StarSalesQuery
from payments.handlers.table import actor
from payments.store.star_sales import read_named_star_sales, read_star_sales


@actor.query("star_sales", request=StarSalesQuery, response=StarSalesAnswer)
async def query_star_sales(request: StarSalesQuery, endpoint: Endpoint) -> StarSalesAnswer:
    """Tell how purchases in Stars stand that changed lately."""
    async with endpoint.connection() as connection:
        return StarSalesAnswer(sales=await read_star_sales(connection, request))


@actor.query("named_star_sales", request=NamedStarSalesQuery, response=StarSalesAnswer)
async def query_named_star_sales(request: NamedStarSalesQuery, endpoint: Endpoint) -> StarSalesAnswer:
    """Tell how some purchases in Stars stand."""
    async with endpoint.connection() as connection:
        return StarSalesAnswer(sales=await read_named_star_sales(connection, request))
