"""Promo's part in `starquiz find` and `starquiz trace`, and codes by their fingerprints for the gateway's."""

from actors.endpoints import Endpoint
from contracts.looking import Findings, FindQuery, Story, StoryQuery, told
from contracts.promo import CodesAnswer, CodesQuery
from promo.handlers.table import actor
from promo.store import looking


@actor.query("codes", request=CodesQuery, response=CodesAnswer)
async def query_codes(request: CodesQuery, endpoint: Endpoint) -> CodesAnswer:
    """Show how a code stands, by the fingerprints it may be stored under."""
    async with endpoint.connection() as connection:
        return CodesAnswer(codes=await looking.codes_standing(connection, request.fingerprints))


@actor.query("find", request=FindQuery, response=Findings)
async def query_find(request: FindQuery, endpoint: Endpoint) -> Findings:
    """Find campaigns by name; codes, batches and redemptions by id."""
    async with endpoint.connection() as connection:
        return Findings(found=tuple(await looking.found(connection, request)))


@actor.query("story", request=StoryQuery, response=Story)
async def query_story(request: StoryQuery, endpoint: Endpoint) -> Story:
    """Tell what a player redeemed, or the discount of one purchase."""
    async with endpoint.connection() as connection:
        return told(await looking.story(connection, request))
