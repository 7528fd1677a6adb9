"""A round: one question and its answer (DOMAIN §3). The attempt lives on the round's row: one round, one attempt."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from contracts.gameplay import AnswerView, Mode, RoundView
from gameplay.domain import selection
from gameplay.domain.bank import Question

ANSWER_WITHIN: Final = timedelta(minutes=30)
ANSWER_WITHIN_MS: Final = 30 * 60 * 1000
OPTIONS: Final = 4

_MILLISECOND: Final = timedelta(milliseconds=1)


class RoundStatus(StrEnum):
    """How far a round has come; only what is STARTED changes again."""

    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    ABANDONED = "ABANDONED"


class Round(msgspec.Struct, gc=False):
    """One round of one player; the answer's fields are None until it is completed."""

    id: UUID
    player_id: int
    mode: Mode
    question_id: str
    option_order: int
    """Place in `selection.ORDERS`, so that the round looks the same whatever becomes of the shuffling."""
    number: int
    """1 for the first round of its game."""
    status: RoundStatus
    started_at: datetime
    daily_day: date | None = None
    """The day of the challenge that the round belongs to, if it does."""
    chosen: int | None = None
    """Index into the options as shown."""
    is_right: bool | None = None
    response_ms: int | None = None
    answered_at: datetime | None = None
    berlin_day: date | None = None
    """The Berlin day of the answer."""
    raised_streak: bool | None = None


class Abandoned(msgspec.Struct, frozen=True):
    """A round to be closed without an answer; it was not loaded."""

    round_id: UUID


def is_stale(started_at: datetime, now: datetime) -> bool:
    """Return whether a round has gone without an answer for too long."""
    return now - started_at >= ANSWER_WITHIN


def response_ms(started_at: datetime, now: datetime) -> int:
    """Return the time from question to answer in milliseconds, 0 when clocks disagree."""
    return max(0, (now - started_at) // _MILLISECOND)


def right_option(question: Question, order: int) -> int:
    """Return the index of the right option as shown."""
    return selection.ORDERS[order].index(question.options.index(question.answer))


def question_view(asked: Round, question: Question, of: int) -> RoundView:
    """Return the round as put to the player; `of` is the number of rounds in its game, 0 when open-ended."""
    return RoundView(
        round_id=asked.id,
        mode=asked.mode,
        question_id=question.id,
        level=question.level,
        category=question.category,
        text=question.text,
        options=selection.shuffled(question.options, asked.option_order),
        number=asked.number,
        of=of,
        started_at=asked.started_at,
    )


def answer_view(answered: Round, question: Question) -> AnswerView:
    """Return the result of a completed round. Raises ValueError when it has none."""
    if answered.chosen is None or answered.response_ms is None:
        raise ValueError(f"round {answered.id} is {answered.status}: it has no answer")
    return AnswerView(
        round_id=answered.id,
        mode=answered.mode,
        text=question.text,
        options=selection.shuffled(question.options, answered.option_order),
        chosen=answered.chosen,
        right=right_option(question, answered.option_order),
        explanation=question.explanation,
        explanation_en=question.explanation_en,
        response_ms=answered.response_ms,
    )
