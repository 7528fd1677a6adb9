"""Gameplay's part in `starquiz find` and `starquiz trace`: `query.gameplay.find`, `query.gameplay.story`."""

from actors.endpoints import Endpoint
from contracts.looking import Findings, FindQuery, Story, StoryQuery, told
from gameplay.handlers import actor
from gameplay.store import looking


@actor.query("find", request=FindQuery, response=Findings)
async def query_find(request: FindQuery, endpoint: Endpoint) -> Findings:
    """Find a player by id."""
    async with endpoint.connection() as connection:
        return Findings(found=tuple(await looking.found(connection, request)))


@actor.query("story", request=StoryQuery, response=Story)
async def query_story(request: StoryQuery, endpoint: Endpoint) -> Story:
    """Tell what a player got and what was taken back, of one purchase or of all."""
    async with endpoint.connection() as connection:
        return told(await looking.story(connection, request))
