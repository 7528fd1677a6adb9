"""Opening and closing rounds: shared by starting a game and by the round that follows an answer by itself."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from actors.turn import Turn
from contracts.gameplay import Mode, Refusal, RoundAbandoned, RoundView
from gameplay.domain import daily, rounds, selection
from gameplay.domain.access import Access
from gameplay.domain.bank import QuestionBank
from gameplay.domain.daily import DailyRun
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.player import Game, Player
from gameplay.domain.rounds import Abandoned, Round, RoundStatus

OPEN_ENDED: Final = 0


def open_round(player: Player, game: Game, bank: QuestionBank, turn: Turn) -> RoundView | Refusal:
    """Open the next round of a game, if the player may play its mode and can pay for it (DOMAIN §2, §3).

    The game becomes the player's running one; when refused, the player is as before.
    """
    if player.access(game.mode, turn.now) is Access.LOCKED:
        return Refusal.MODE_LOCKED
    round_id = turn.new_id()
    question_id = selection.choose(round_id, player.progress(game.mode), bank)
    if question_id is None:
        return Refusal.NO_QUESTIONS
    paid = player.pay_round(turn.now)
    if paid.energy is None:
        return Refusal.NO_ENERGY
    if paid.paid_spent:
        turn.record(Entry(turn.message.id, Asset.PAID_ENERGY, player.id, -paid.paid_spent, "round", turn.now))
    opened = Round(
        id=round_id,
        player_id=player.id,
        mode=game.mode,
        question_id=question_id,
        option_order=selection.option_order(round_id),
        number=game.answered + 1,
        status=RoundStatus.STARTED,
        started_at=turn.now,
    )
    turn.create(opened)
    player.game = Game(game.mode, round_id, game.answered, game.right)
    return rounds.question_view(opened, bank.question(question_id), OPEN_ENDED)


def open_daily_round(player: Player, run: DailyRun, bank: QuestionBank, turn: Turn) -> RoundView | Refusal:
    """Open the next question of a daily run, free of charge; the run becomes what the player plays."""
    questions = bank.daily_set(run.day)
    if run.answered >= len(questions):
        return Refusal.NO_QUESTIONS
    opened = _daily_round(player.id, run, questions[run.answered], turn.new_id(), turn.now)
    turn.create(opened)
    player.daily = msgspec.structs.replace(run, round_id=opened.id, asked_at=turn.now, is_current=True)
    return rounds.question_view(opened, bank.question(opened.question_id), daily.QUESTIONS)


def resume_daily_round(player: Player, run: DailyRun, bank: QuestionBank, turn: Turn) -> RoundView | Refusal:
    """Show the open question of a daily run again, just as it was; ask it anew when it waited too long."""
    if run.round_id is None or run.asked_at is None:
        return open_daily_round(player, run, bank, turn)
    if rounds.is_stale(run.asked_at, turn.now):
        abandon_daily_round(player, run, turn)
        return open_daily_round(player, timed_out(run), bank, turn)
    asked = _daily_round(player.id, run, bank.daily_set(run.day)[run.answered], run.round_id, run.asked_at)
    player.daily = msgspec.structs.replace(run, is_current=True)
    return rounds.question_view(asked, bank.question(asked.question_id), daily.QUESTIONS)


def _daily_round(player_id: int, run: DailyRun, question_id: str, round_id: UUID, started_at: datetime) -> Round:
    return Round(
        id=round_id,
        player_id=player_id,
        mode=Mode.DAILY_CHALLENGE,
        question_id=question_id,
        option_order=selection.option_order(round_id),
        number=run.answered + 1,
        status=RoundStatus.STARTED,
        started_at=started_at,
        daily_day=run.day,
    )


def timed_out(run: DailyRun) -> DailyRun:
    """Return a daily run whose open question was closed after 30 minutes, which count as time taken.

    So nobody gains time by letting a question lie and asking for it again.
    """
    return msgspec.structs.replace(run, round_id=None, asked_at=None, total_ms=run.total_ms + rounds.ANSWER_WITHIN_MS)


def abandon_game(player: Player, game: Game | None, turn: Turn) -> None:
    """Close the open round of a game that is over, if it has one."""
    if game is not None and game.round_id is not None:
        _abandon(player.id, game.round_id, game.mode, turn)


def abandon_daily_round(player: Player, run: DailyRun | None, turn: Turn) -> None:
    """Close the open round of a daily run that is asked anew or whose day is over."""
    if run is not None and run.round_id is not None:
        _abandon(player.id, run.round_id, Mode.DAILY_CHALLENGE, turn)


def _abandon(player_id: int, round_id: UUID, mode: Mode, turn: Turn) -> None:
    turn.record(Abandoned(round_id))
    turn.emit(RoundAbandoned(player_id=player_id, round_id=round_id, mode=mode))


def close_stale_round(player: Player, asked: Round, turn: Turn) -> None:
    """Close a loaded round that nobody may answer any more; what it belonged to comes to a halt."""
    if asked.status is not RoundStatus.STARTED:
        return
    asked.status = RoundStatus.ABANDONED
    if not player.has_open(asked.id):
        return
    if player.daily is not None and player.daily.round_id == asked.id:
        player.daily = timed_out(player.daily)
    else:
        player.game = None
    turn.emit(RoundAbandoned(player_id=player.id, round_id=asked.id, mode=asked.mode))


def park_daily(player: Player) -> None:
    """Let a daily run rest: it stays as it is and is resumed later."""
    if player.daily is not None and player.daily.is_current:
        player.daily = msgspec.structs.replace(player.daily, is_current=False)
