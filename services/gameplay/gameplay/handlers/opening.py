"""Opening and closing the rounds of runs: to start with, and after an answer by itself."""

from datetime import datetime
from uuid import UUID

from actors.turn import Turn
from contracts.gameplay import Refusal, RoundAbandoned, RoundView
from gameplay.domain import rounds, selection
from gameplay.domain.access import Access
from gameplay.domain.bank import QuestionBank
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.player import Player
from gameplay.domain.rounds import Abandoned, Round, RoundStatus
from gameplay.domain.run import DailyRun, Game, Run


def ask_next(player: Player, run: Run, bank: QuestionBank, turn: Turn) -> RoundView | Refusal:
    """Ask the next question of a run, if the player may have it; the run becomes what they play.

    When refused, the player is as before.
    """
    round_id = turn.new_id()
    if isinstance(run, DailyRun):
        question_id = _next_of_daily(run, bank)
    else:
        question_id = _next_of_game(player, run, round_id, bank, turn)
    if isinstance(question_id, Refusal):
        return question_id
    opened = _round(player.id, run, question_id, round_id, turn.now)
    turn.create(opened)
    player.play(run.ask(round_id, turn.now))
    return rounds.question_view(opened, bank.question(question_id), run.of)


def _next_of_game(player: Player, game: Game, round_id: UUID, bank: QuestionBank, turn: Turn) -> str | Refusal:
    """Choose and pay, if the player may play the mode and can pay for it (DOMAIN §2, §3)."""
    if player.access(game.mode, turn.now) is Access.LOCKED:
        return Refusal.MODE_LOCKED
    question_id = selection.choose(round_id, player.progress(game.mode), bank)
    if question_id is None:
        return Refusal.NO_QUESTIONS
    paid = player.pay_round(turn.now)
    if paid.energy is None:
        return Refusal.NO_ENERGY
    if paid.paid_spent:
        turn.record(Entry(turn.message.id, Asset.PAID_ENERGY, player.id, -paid.paid_spent, "round", turn.now))
    return question_id


def _next_of_daily(run: DailyRun, bank: QuestionBank) -> str | Refusal:
    """Return the next of the day's seven, free of charge."""
    questions = bank.daily_set(run.day)
    return questions[run.answered] if run.answered < len(questions) else Refusal.NO_QUESTIONS


def resume_daily(player: Player, run: DailyRun, bank: QuestionBank, turn: Turn) -> RoundView | Refusal:
    """Show the open question of a daily run again, just as it was; ask it anew when it waited too long."""
    if run.round_id is None or run.asked_at is None:
        return ask_next(player, run, bank, turn)
    if rounds.is_stale(run.asked_at, turn.now):
        abandon(player, run, turn)
        return ask_next(player, run.time_out(), bank, turn)
    asked = _round(player.id, run, bank.daily_set(run.day)[run.answered], run.round_id, run.asked_at)
    player.play(run.ask(run.round_id, run.asked_at))
    return rounds.question_view(asked, bank.question(asked.question_id), run.of)


def _round(player_id: int, run: Run, question_id: str, round_id: UUID, started_at: datetime) -> Round:
    return Round(
        id=round_id,
        player_id=player_id,
        mode=run.mode,
        question_id=question_id,
        option_order=selection.option_order(round_id),
        number=run.answered + 1,
        status=RoundStatus.STARTED,
        started_at=started_at,
        daily_day=run.day if isinstance(run, DailyRun) else None,
    )


def abandon(player: Player, run: Run | None, turn: Turn) -> None:
    """Close the open round of a run that is over or asks anew, if it has one."""
    if run is not None and run.round_id is not None:
        turn.record(Abandoned(run.round_id))
        turn.emit(RoundAbandoned(player_id=player.id, round_id=run.round_id, mode=run.mode))


def close_stale_round(player: Player, asked: Round, turn: Turn) -> None:
    """Close a loaded round that nobody may answer any more; what it belonged to comes to a halt."""
    if asked.status is not RoundStatus.STARTED:
        return
    asked.status = RoundStatus.ABANDONED
    run = player.run_with(asked.id)
    if run is None:
        return
    player.time_out(run)
    turn.emit(RoundAbandoned(player_id=player.id, round_id=asked.id, mode=asked.mode))
