"""Answering a round (DOMAIN §3): the attempt, what follows from it, and the next round that starts by itself."""

from typing import NamedTuple

from actors.turn import Turn
from contracts.berlin import BerlinDay
from contracts.gameplay import (
    AnswerRefused,
    AnswerRound,
    DailyCompleted,
    Level,
    PlayerPlayed,
    Refusal,
    RoundCompleted,
    RoundRepeated,
    RoundView,
    ShowDailyResult,
    StreakChanged,
)
from gameplay.domain import levels, rounds, streak
from gameplay.domain.bank import Question, QuestionBank
from gameplay.domain.beginning import TWENTIETH, Beginning
from gameplay.domain.leaderboard import DailyMark, Score
from gameplay.domain.player import Player
from gameplay.domain.rounds import Round, RoundStatus
from gameplay.domain.run import DailyRun, Run
from gameplay.handlers import actor, opening
from gameplay.handlers.arrival import arrive


@actor.on(AnswerRound)
def answer_round(command: AnswerRound, player: Player, asked: Round | None, bank: QuestionBank, turn: Turn) -> None:
    """Complete an open round; a completed one gives its first result again, any other is refused."""
    today = arrive(player, turn)
    run = None if asked is None else player.run_with(asked.id)
    if asked is None or asked.player_id != player.id or not 0 <= command.option < rounds.OPTIONS:
        _refuse(command, Refusal.UNKNOWN_ROUND, turn)
    elif asked.status is RoundStatus.COMPLETED:
        answer = rounds.answer_view(asked, bank.question(asked.question_id))
        turn.emit(RoundRepeated(player_id=player.id, answer=answer))
    elif run is None or rounds.is_stale(asked.started_at, turn.now):
        opening.close_stale_round(player, asked, turn)
        _refuse(command, Refusal.ROUND_OVER, turn)
    else:
        _complete(player, run, asked, command.option, bank, turn, today)


def _refuse(command: AnswerRound, reason: Refusal, turn: Turn) -> None:
    turn.emit(AnswerRefused(player_id=command.player_id, round_id=command.round_id, reason=reason))


class _Course(NamedTuple):
    """What an answer led to in its run."""

    run: Run
    raised_streak: bool
    following: RoundView | Refusal | None


def _complete(
    player: Player, run: Run, asked: Round, option: int, bank: QuestionBank, turn: Turn, today: BerlinDay
) -> None:
    question = bank.question(asked.question_id)
    _attempt(asked, question, option, turn, today)
    level_reached = _count(player, asked, bank, turn, today)
    course = _go_on(player, run, asked, bank, turn, today)
    raised, following = course.raised_streak, course.following
    asked.raised_streak = raised
    streak_view = player.streak_view(today.local, raised=raised)
    turn.emit(
        RoundCompleted(
            player_id=player.id,
            answer=rounds.answer_view(asked, question),
            game=course.run.tally,
            streak=streak_view,
            energy=player.energy_view(turn.now, today),
            next_round=following if isinstance(following, RoundView) else None,
            refusal=following if isinstance(following, Refusal) else None,
            level_reached=level_reached,
            at=turn.now,
            berlin_day=today.local,
        )
    )
    if raised:
        turn.emit(StreakChanged(player_id=player.id, streak=streak_view, berlin_day=today.local))
    if course.run.is_finished:
        _finish(player, course.run, turn)


def _attempt(asked: Round, question: Question, option: int, turn: Turn, today: BerlinDay) -> None:
    """Write the attempt onto the round: one round has one attempt by its primary key."""
    asked.status = RoundStatus.COMPLETED
    asked.chosen = option
    asked.is_right = option == rounds.right_option(question, asked.option_order)
    asked.response_ms = rounds.response_ms(asked.started_at, turn.now)
    asked.answered_at = turn.now
    asked.berlin_day = today.local


def _count(player: Player, asked: Round, bank: QuestionBank, turn: Turn, today: BerlinDay) -> Level | None:
    """Add the answer to the figures, the leaderboard and the mode's progress; returns the level it raised to."""
    is_right, response_ms = bool(asked.is_right), asked.response_ms or 0
    is_first = player.tally.day != today.local
    if player.count_answer(today.local, is_right=is_right):
        answered = player.tally.answered
        turn.emit(PlayerPlayed(player_id=player.id, answered=answered, at=turn.now, berlin_day=today.local))
        if is_first or answered == TWENTIETH:
            turn.record(Beginning(player.id, turn.now, is_first, answered == TWENTIETH))
    turn.record(Score(player.id, today.local, int(is_right), 1, response_ms))
    available = bank.levels(asked.mode)
    before = player.progress(asked.mode)
    after = levels.after_answer(before, asked.question_id, available, is_right=is_right)
    player.keep_progress(after)
    return after.level if after.level != levels.level_of(before, available) else None


def _touch(player: Player, today: BerlinDay) -> bool:
    """Count the activity for the streak; returns whether it raised it."""
    before = player.streak
    player.streak = streak.touch(before, today.local)
    return player.streak is not before


def _go_on(player: Player, run: Run, asked: Round, bank: QuestionBank, turn: Turn, today: BerlinDay) -> _Course:
    """Note the answer in the run, and ask what comes next unless that was all."""
    run = run.answer(is_right=bool(asked.is_right), response_ms=asked.response_ms or 0)
    player.play(run)
    raised = run.is_active_day and _touch(player, today)
    following = None if run.is_finished else opening.ask_next(player, run, bank, turn)
    return _Course(run, raised, following)


def _finish(player: Player, run: Run, turn: Turn) -> None:
    """Record a result; of the daily challenge the rank among all players is asked for once it is stored."""
    if isinstance(run, DailyRun):
        turn.record(DailyMark(player.id, run.day, turn.now, is_finished=True, right=run.right, total_ms=run.total_ms))
        turn.emit(DailyCompleted(player_id=player.id, day=run.day, right=run.right, total_ms=run.total_ms))
        turn.emit(ShowDailyResult(player_id=player.id, day=run.day))
