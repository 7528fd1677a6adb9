"""What promo hears of players to know what to offer them: premium and streaks (DOMAIN §8).

Live events and what owners tell again are merged alike: premium by its revision, the streak by its day (decision 23).
"""

from datetime import timedelta
from typing import Annotated

import msgspec

from actors.endpoints import Endpoint, EndpointError
from actors.turn import Turn
from contracts.gameplay import PlayerRestated, StreakChanged, StreakState
from contracts.payments import PremiumChanged, PremiumRestated
from promo.domain.impression import is_held_out
from promo.domain.prospect import Prospect
from promo.handlers.table import actor
from promo.store.offers import read_prospect


@actor.on(PremiumChanged)
def premium_changed(event: PremiumChanged, prospect: Prospect, turn: Turn) -> None:
    """Know premium as it now stands."""
    del turn
    prospect.hear_premium(event.revision, event.terms, event.changed_at)


@actor.on(PremiumRestated)
def premium_restated(event: PremiumRestated, prospect: Prospect, turn: Turn) -> None:
    """Know premium of before promo was here."""
    del turn
    prospect.hear_premium(event.revision, event.terms, event.changed_at)


@actor.on(StreakChanged)
def streak_changed(event: StreakChanged, prospect: Prospect, turn: Turn) -> None:
    """Know the streak as it now stands, and that they played."""
    del turn
    is_played = event.streak.state is StreakState.ACTIVE_TODAY
    prospect.hear_streak(event.streak.days, event.berlin_day, is_played=is_played)


def hear_restated(event: PlayerRestated, prospect: Prospect) -> None:
    """Know the streak of somebody who was here before promo."""
    if event.active_on is not None:
        prospect.hear_active(event.active_on)
    settled = event.streak_settled_on
    if settled is None:
        return
    if settled == event.active_on:
        prospect.hear_streak(event.streak_days, settled, is_played=True)
    else:  # what was settled is known on the day after
        prospect.hear_streak(event.streak_days, settled + timedelta(days=1), is_played=False)


class PlayerQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names the player to show."""

    player_id: Annotated[int, msgspec.Meta(gt=0, le=2**53)]


class PlayerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What promo knows of a player for its offers: to be compared with what gameplay and payments say themselves."""

    prospect: Prospect
    is_held_out: bool


@actor.query("player", request=PlayerQuery, response=PlayerAnswer)
async def query_player(request: PlayerQuery, endpoint: Endpoint) -> PlayerAnswer:
    """Show one player; 404 for one of whom nothing was heard."""
    async with endpoint.connection() as connection:
        prospect = await read_prospect(connection, request.player_id)
    if prospect is None:
        raise EndpointError(404, f"player_id: promo has heard nothing of player {request.player_id}")
    return PlayerAnswer(prospect=prospect, is_held_out=is_held_out(request.player_id, endpoint.now))
