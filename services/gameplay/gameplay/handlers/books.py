"""What gameplay holds of what payments granted, for payments to compare with its own books (DOMAIN §6)."""

from actors.endpoints import Endpoint
from contracts.gameplay import GrantsAnswer, GrantsQuery, PremiumAnswer, PremiumQuery
from gameplay.handlers import actor
from gameplay.store.grants import held_grants, held_premium


@actor.query("grants", request=GrantsQuery, response=GrantsAnswer)
async def query_grants(request: GrantsQuery, endpoint: Endpoint) -> GrantsAnswer:
    """Tell what was given and taken back, grant by grant."""
    async with endpoint.connection() as connection:
        return GrantsAnswer(grants=await held_grants(connection, request))


@actor.query("premium", request=PremiumQuery, response=PremiumAnswer)
async def query_premium(request: PremiumQuery, endpoint: Endpoint) -> PremiumAnswer:
    """Tell which premium of which revision is known, player by player."""
    async with endpoint.connection() as connection:
        return PremiumAnswer(players=await held_premium(connection, request))
