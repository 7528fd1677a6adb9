"""Premium: a fixed term of a plan (DOMAIN §5), and the recent terms that the streak and the energy look back on."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from gameplay.domain.berlin import BerlinDay

TERMS_KEPT: Final = 8


class Term(msgspec.Struct, frozen=True):
    """A time of one plan: `begins <= instant < ends` (UTC). Rank 1 Starter, 2 Month, 3 Season, 4 Year."""

    begins: datetime
    ends: datetime
    rank: int


class Premium(msgspec.Struct, frozen=True):
    """The player's terms, oldest first; only the last may lie in the present."""

    terms: tuple[Term, ...] = ()

    def until(self, now: datetime) -> datetime | None:
        """Return when the active term ends; None when none is active."""
        if not self.terms:
            return None
        last = self.terms[-1]
        return last.ends if last.begins <= now < last.ends else None

    def rank_on(self, day: BerlinDay) -> int:
        """Return the highest rank that was in force at any moment of a Berlin day; 0 when there was none."""
        return max((term.rank for term in self.terms if term.begins < day.ends and day.begins < term.ends), default=0)


NONE: Final = Premium()


def extend(premium: Premium, now: datetime, *, days: int, rank: int) -> Premium:
    """Return premium with `days` more.

    A higher rank starts at once and its days are added to the old end (DOMAIN §5); the same or a lower one adds its
    days to the active term, whose rank stays (as DOMAIN §7 has it for grants); without an active term a new one begins.
    """
    more = timedelta(days=days)
    end = premium.until(now)
    if end is None:
        return _with_terms((*premium.terms, Term(now, now + more, rank)))
    last = premium.terms[-1]
    if rank > last.rank:
        return _with_terms((*premium.terms[:-1], Term(last.begins, now, last.rank), Term(now, end + more, rank)))
    return _with_terms((*premium.terms[:-1], Term(last.begins, end + more, last.rank)))


def _with_terms(terms: tuple[Term, ...]) -> Premium:
    return Premium(terms[-TERMS_KEPT:])
