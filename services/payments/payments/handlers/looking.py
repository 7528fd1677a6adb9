"""Payments' part in `starquiz find` and `starquiz trace`: `query.payments.find`, `query.payments.story`."""

from actors.endpoints import Endpoint
from contracts.looking import Findings, FindQuery, Story, StoryQuery, told
from payments.handlers.table import actor
from payments.store import looking


@actor.query("find", request=FindQuery, response=Findings)
async def query_find(request: FindQuery, endpoint: Endpoint) -> Findings:
    """Find charges, purchases, rows of a provider's list, and customers."""
    async with endpoint.connection() as connection:
        return Findings(found=tuple(await looking.found(connection, request)))


@actor.query("story", request=StoryQuery, response=Story)
async def query_story(request: StoryQuery, endpoint: Endpoint) -> Story:
    """Tell one payment's story, or a player's, as purchases, charges and the ledger have it."""
    async with endpoint.connection() as connection:
        return told(await looking.story(connection, request))
