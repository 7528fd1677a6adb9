"""Read-only endpoints for operators: `query.gameplay.player` and `query.gameplay.leaderboard`."""

from datetime import date, datetime
from typing import Annotated

import msgspec

from actors.endpoints import Endpoint, EndpointError
from contracts.berlin import day_of
from contracts.gameplay import EnergyView, Mode, ModeView, Period, RankedPlayer, SettingsView, StreakView
from gameplay.domain.player import Player
from gameplay.handlers import actor
from gameplay.store.players import read_player
from gameplay.store.scores import read_shared

PlayerId = Annotated[int, msgspec.Meta(gt=0, le=2**53)]


class PlayerQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names the player to show."""

    player_id: PlayerId


class PlayerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A player as they stand at this moment; nothing is changed by looking."""

    player_id: int
    name: str
    language: str
    joined_at: datetime | None
    energy: EnergyView
    streak: StreakView
    premium_until: datetime | None
    saver_tokens: int
    duel_tickets: int
    answered: int
    right: int
    playing: Mode | None
    daily_day: date | None
    daily_answered: int
    settings: SettingsView
    modes: tuple[ModeView, ...]


@actor.query("player", request=PlayerQuery, response=PlayerAnswer)
async def query_player(request: PlayerQuery, endpoint: Endpoint) -> PlayerAnswer:
    """Show one player; 404 when nobody of that id has opened the chat."""
    async with endpoint.connection() as connection:
        player = await read_player(connection, request.player_id)
    if player is None:
        raise EndpointError(
            404, f"player_id: there is no player {request.player_id}; they exist once they open the chat"
        )
    return _answer(player, endpoint.now)


def _answer(player: Player, now: datetime) -> PlayerAnswer:
    today = day_of(now)
    player.settle(now, today)
    playing = player.game_view()
    return PlayerAnswer(
        player_id=player.id,
        name=player.name,
        language=player.language,
        joined_at=player.joined_at,
        energy=player.energy_view(now, today),
        streak=player.streak_view(today.local),
        premium_until=player.premium.until(now),
        saver_tokens=player.saver_tokens,
        duel_tickets=player.duel_tickets,
        answered=player.tally.answered,
        right=player.tally.right,
        playing=playing.mode if playing is not None else None,
        daily_day=player.daily.day if player.daily is not None else None,
        daily_answered=player.daily.answered if player.daily is not None else 0,
        settings=player.settings_view(),
        modes=tuple(player.mode_view(mode, now) for mode in Mode),
    )


class LeaderboardQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names the period to show."""

    period: Period = Period.DAY


class LeaderboardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The first ten of a period, the best first, and how many players it has."""

    period: Period
    top: tuple[RankedPlayer, ...]
    players: int


@actor.query("leaderboard", request=LeaderboardQuery, response=LeaderboardAnswer)
async def query_leaderboard(request: LeaderboardQuery, endpoint: Endpoint) -> LeaderboardAnswer:
    """Show the top ten of a period, read anew."""
    async with endpoint.connection() as connection:
        shared = await read_shared(connection, request.period, day_of(endpoint.now).local)
    return LeaderboardAnswer(period=request.period, top=shared.top, players=shared.players)
