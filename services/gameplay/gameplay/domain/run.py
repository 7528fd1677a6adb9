"""A run: questions that a player answers one after the other, each a round (DOMAIN §3).

Games, daily challenges, and duels when they come, differ in which question is next and what it costs
(`handlers/opening.py`), in when they are over, and in what their end comes to (`handlers/answers.py`). All else is the
same, and every kind has it under the same names:

    mode, round_id, answered, right    what is played, its open round, and how it goes
    of                                 how many questions there are; 0: as many as the player likes
    ask, answer, time_out              it with a question open, answered, or closed unanswered (None: that ends it)
    is_finished, is_active_day         whether it is over; whether it counts for the streak as it stands
    tally                              what it has come to, as events carry it

A new kind is a struct with these, a part of `Run`, and what the type checker then asks for.
"""

from datetime import date, datetime
from typing import ClassVar, TypeAlias
from uuid import UUID

import msgspec

from contracts.gameplay import GameView, Mode
from gameplay.domain import daily
from gameplay.domain.rounds import ANSWER_WITHIN_MS


class Game(msgspec.Struct, frozen=True, gc=False):
    """The game that is running in any mode but the daily challenge."""

    mode: Mode
    round_id: UUID | None
    """The open round; None when the game came to a halt (no energy, for example)."""
    answered: int = 0
    right: int = 0

    of: ClassVar[int] = 0
    is_finished: ClassVar[bool] = False
    is_active_day: ClassVar[bool] = True

    @property
    def tally(self) -> GameView:
        """What it has come to."""
        return GameView(mode=self.mode, answered=self.answered, right=self.right)

    def ask(self, round_id: UUID, at: datetime) -> "Game":
        """Return it with a question open."""
        del at
        return Game(self.mode, round_id, self.answered, self.right)

    def answer(self, *, is_right: bool, response_ms: int) -> "Game":
        """Return it with the open question answered."""
        del response_ms
        return Game(self.mode, None, self.answered + 1, self.right + is_right)

    def time_out(self) -> None:
        """Return what is left when the open question was not answered in time: nothing, it is over."""


class DailyRun(msgspec.Struct, frozen=True, gc=False):
    """A player's run of one Berlin day's challenge. It survives any other game in between."""

    day: date
    answered: int = 0
    right: int = 0
    total_ms: int = 0
    round_id: UUID | None = None
    """The open round; None when the next question waits to be asked again."""
    asked_at: datetime | None = None
    """When the open round was started."""
    is_current: bool = True
    """Whether this is what the player plays at the moment, not some other game."""

    mode: ClassVar[Mode] = Mode.DAILY_CHALLENGE
    of: ClassVar[int] = daily.QUESTIONS

    @property
    def is_finished(self) -> bool:
        """Whether all seven questions are answered."""
        return self.answered >= self.of

    @property
    def is_active_day(self) -> bool:
        """Whether it counts for the streak: once it is complete."""
        return self.is_finished

    @property
    def tally(self) -> GameView:
        """What it has come to."""
        return GameView(mode=self.mode, answered=self.answered, right=self.right)

    def ask(self, round_id: UUID, at: datetime) -> "DailyRun":
        """Return it with a question open."""
        return msgspec.structs.replace(self, round_id=round_id, asked_at=at, is_current=True)

    def answer(self, *, is_right: bool, response_ms: int) -> "DailyRun":
        """Return it with the open question answered."""
        return DailyRun(self.day, self.answered + 1, self.right + is_right, self.total_ms + response_ms)

    def time_out(self) -> "DailyRun":
        """Return it with the open question closed after 30 minutes, which count as time taken.

        It is asked again; so nobody gains time by letting a question lie.
        """
        return msgspec.structs.replace(self, round_id=None, asked_at=None, total_ms=self.total_ms + ANSWER_WITHIN_MS)

    def rest(self) -> "DailyRun":
        """Return it as it is while something else is played."""
        return msgspec.structs.replace(self, is_current=False) if self.is_current else self


Run: TypeAlias = Game | DailyRun
