"""Referrals' part in `starquiz find` and `starquiz trace`: `query.referrals.find`, `query.referrals.story`."""

from actors.endpoints import Endpoint
from contracts.looking import Findings, FindQuery, Story, StoryQuery, told
from referrals.handlers.table import actor
from referrals.store import looking


@actor.query("find", request=FindQuery, response=Findings)
async def query_find(request: FindQuery, endpoint: Endpoint) -> Findings:
    """Find whose link it is, a campaign's link, a referral, a payout."""
    async with endpoint.connection() as connection:
        return Findings(found=tuple(await looking.found(connection, request)))


@actor.query("story", request=StoryQuery, response=Story)
async def query_story(request: StoryQuery, endpoint: Endpoint) -> Story:
    """Tell what partners earned by a purchase, or how a player came and what they were paid."""
    async with endpoint.connection() as connection:
        return told(await looking.story(connection, request))
