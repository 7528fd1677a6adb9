"""Starting, answering and stopping games (DOMAIN §3)."""

from actors.turn import Turn
from contracts.berlin import BerlinDay
from contracts.gameplay import (
    AbandonRound,
    GameRefused,
    GameStarted,
    GameStopped,
    Mode,
    Refusal,
    RoundView,
    StartGame,
    StopGame,
)
from gameplay.domain import rounds
from gameplay.domain.bank import QuestionBank
from gameplay.domain.leaderboard import DailyMark
from gameplay.domain.player import Player
from gameplay.domain.rounds import Round
from gameplay.domain.run import DailyRun, Game
from gameplay.handlers import actor, opening
from gameplay.handlers.arrival import arrive


@actor.on(StartGame)
def start_game(command: StartGame, player: Player, bank: QuestionBank, turn: Turn) -> None:
    """Open the first round of a game; the game before it is over, a daily challenge before it only rests."""
    today = arrive(player, turn)
    before = player.game
    if command.mode is Mode.DAILY_CHALLENGE:
        opened = _start_daily(player, today, bank, turn)
    else:
        opened = opening.ask_next(player, Game(command.mode, None), bank, turn)
    energy = player.energy_view(turn.now, today)
    if isinstance(opened, Refusal):
        turn.emit(GameRefused(player_id=player.id, mode=command.mode, reason=opened, energy=energy))
        return
    opening.abandon(player, before, turn)
    if command.mode is Mode.DAILY_CHALLENGE:
        player.game = None
    turn.emit(GameStarted(player_id=player.id, round=opened, energy=energy))


def _start_daily(player: Player, today: BerlinDay, bank: QuestionBank, turn: Turn) -> RoundView | Refusal:
    """Begin today's run, or go on with it; a run of another day that was never finished lapses."""
    run = player.daily
    if run is not None and run.day == today.local:
        return Refusal.DAILY_DONE if run.is_finished else opening.resume_daily(player, run, bank, turn)
    opened = opening.ask_next(player, DailyRun(today.local), bank, turn)
    if not isinstance(opened, Refusal):
        opening.abandon(player, run, turn)
        turn.record(DailyMark(player.id, today.local, turn.now, is_finished=False))
    return opened


@actor.on(StopGame)
def stop_game(command: StopGame, player: Player, turn: Turn) -> None:
    """End the running game with its tally; a daily challenge only rests until it is resumed."""
    del command
    today = arrive(player, turn)
    tally = player.game_view()
    opening.abandon(player, player.game, turn)
    player.game = None
    player.daily = None if player.daily is None else player.daily.rest()
    turn.emit(
        GameStopped(
            player_id=player.id,
            game=tally,
            streak=player.streak_view(today.local),
            energy=player.energy_view(turn.now, today),
        )
    )


@actor.on(AbandonRound)
def abandon_round(command: AbandonRound, player: Player | None, asked: Round | None, turn: Turn) -> None:
    """Close a round that was not answered for 30 minutes; one that was answered or closed since stays as it is."""
    del command
    if player is None or asked is None or asked.player_id != player.id:
        return
    if rounds.is_stale(asked.started_at, turn.now):
        opening.close_stale_round(player, asked, turn)
