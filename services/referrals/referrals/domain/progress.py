"""What a bound player has played, as far as it decides anything (DOMAIN §9).

Told are the first answer of each Berlin day, the 5th and the 20th. Each says the how-manieth of its player's it is, so
what is known only grows: words may come late, twice, in any order, or not at all, and the next one says what a lost
one would have.
"""

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

BONUS_ANSWERS: Final = 5
"""The invited player's energy comes with this answer."""
QUALIFYING_ANSWERS: Final = 20
QUALIFYING_DAYS: Final = 2
QUALIFYING_WITHIN: Final = timedelta(days=14)
"""From the start on; whatever is later does not count."""
LATE_WORDS: Final = timedelta(minutes=15)
"""So long after that answers may still be on their way."""


class ActiveDay(msgspec.Struct, frozen=True):
    """A Berlin day with an answer, and the instant of the earliest one known."""

    on: date
    at: datetime


class Answer(msgspec.Struct, frozen=True):
    """What is known of an answer."""

    ordinal: int
    """The how-manieth of the player's it is."""
    at: datetime
    on: date
    """The Berlin day."""


class Progress(msgspec.Struct, frozen=True):
    """What of a player's answers decides."""

    answered: int = 0
    """The most that any word told of."""
    twentieth_at: datetime | None = None
    """The earliest answer that is the 20th or a later one; None: not so many are known of."""
    days: tuple[ActiveDay, ...] = ()
    """The two earliest Berlin days with an answer."""

    @property
    def qualified_at(self) -> datetime | None:
        """The answer with which there were enough, on days enough; None: there are not."""
        if self.twentieth_at is None or len(self.days) < QUALIFYING_DAYS:
            return None
        return max(self.twentieth_at, self.days[-1].at)

    def heard(self, answer: Answer) -> "Progress":
        """Return what is known with one more answer."""
        twentieth_at = answer.at if answer.ordinal >= QUALIFYING_ANSWERS else None
        return self.merged(Progress(answer.ordinal, twentieth_at, (ActiveDay(answer.on, answer.at),)))

    def merged(self, other: "Progress") -> "Progress":
        """Return what is known by both: the most answers, the earliest instants."""
        twentieth = [at for at in (self.twentieth_at, other.twentieth_at) if at is not None]
        return Progress(
            max(self.answered, other.answered), min(twentieth, default=None), _earliest(self.days + other.days)
        )


NOTHING: Final = Progress()
"""Of somebody who has not answered yet."""


def _earliest(days: tuple[ActiveDay, ...]) -> tuple[ActiveDay, ...]:
    """Return the two earliest days, each with its earliest answer."""
    first = dict[date, datetime]()
    for day in days:
        first[day.on] = min(day.at, first.get(day.on, day.at))
    return tuple(ActiveDay(on, first[on]) for on in sorted(first)[:QUALIFYING_DAYS])


class Returned(msgspec.Struct, frozen=True):
    """Whether the player answered on the Berlin day so many days after the one of the start."""

    day_1: bool = False
    day_7: bool = False
    day_30: bool = False

    def heard(self, days_after: int) -> "Returned":
        """Return what is known with an answer so many days after the start."""
        return Returned(self.day_1 or days_after == 1, self.day_7 or days_after == 7, self.day_30 or days_after == 30)
