"""Showing players what they ask for (DOMAIN §2–§4), and making them known on first contact."""

from typing import Final

from actors.turn import Turn
from contracts.berlin import BerlinDay
from contracts.gameplay import (
    DailyResultShown,
    LeaderboardShown,
    Mode,
    PlayerShown,
    ShowDailyResult,
    ShowLeaderboard,
    ShowPlayer,
    View,
    WelcomePlayer,
)
from gameplay.domain import daily
from gameplay.domain.leaderboard import Board, DailyStanding
from gameplay.domain.player import Player, clean_name, right_today
from gameplay.handlers import actor
from gameplay.handlers.arrival import arrive

LANGUAGE_LENGTH_MAX: Final = 16


@actor.on(WelcomePlayer)
def welcome_player(command: WelcomePlayer, player: Player, turn: Turn) -> None:
    """Know the player by the name they go by now, and greet them."""
    today = arrive(player, turn)
    player.name = clean_name(command.name)
    player.language = command.language[:LANGUAGE_LENGTH_MAX]
    _show(player, View.WELCOME, turn, today)


@actor.on(ShowPlayer)
def show_player(command: ShowPlayer, player: Player, turn: Turn) -> None:
    """Show the player's own figures of the moment."""
    today = arrive(player, turn)
    _show(player, command.view, turn, today)


def _show(player: Player, view: View, turn: Turn, today: BerlinDay) -> None:
    turn.emit(
        PlayerShown(
            player_id=player.id,
            view=view,
            energy=player.energy_view(turn.now, today),
            streak=player.streak_view(today.local),
            modes=tuple(player.mode_view(mode, turn.now) for mode in Mode),
            settings=player.settings_view(),
            answered=player.tally.answered,
            right=player.tally.right,
            right_today=right_today(player, today.local),
            daily_done_today=player.daily_done(today.local),
            premium_until=player.premium.until(turn.now),
            saver_tokens=player.saver_tokens,
            duel_tickets=player.duel_tickets,
        )
    )


@actor.on(ShowLeaderboard)
def show_leaderboard(command: ShowLeaderboard, player: Player, board: Board, turn: Turn) -> None:
    """Show the top ten of a period and the player's own place."""
    arrive(player, turn)
    turn.emit(
        LeaderboardShown(
            player_id=player.id, period=command.period, top=board.top, own=board.own, players=board.players
        )
    )


@actor.on(ShowDailyResult)
def show_daily_result(command: ShowDailyResult, player: Player, standing: DailyStanding | None, turn: Turn) -> None:
    """Show a finished daily challenge with its rank so far; the menu when the player has not finished that day's."""
    today = arrive(player, turn)
    if standing is None:
        _show(player, View.MENU, turn, today)
        return
    turn.emit(
        DailyResultShown(
            player_id=player.id,
            day=command.day,
            right=standing.right,
            of=daily.QUESTIONS,
            total_ms=standing.total_ms,
            rank=standing.rank,
            players=standing.players,
            streak=player.streak_view(today.local),
        )
    )
