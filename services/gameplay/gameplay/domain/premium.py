"""Premium: a fixed term of a plan (DOMAIN §5), and the recent terms that the streak and the energy look back on."""

from datetime import datetime
from typing import Final

import msgspec

from contracts.berlin import BerlinDay

TERMS_KEPT: Final = 8


class Term(msgspec.Struct, frozen=True):
    """A time of one plan: `begins <= instant < ends` (UTC). Rank 1 Starter, 2 Month, 3 Season, 4 Year."""

    begins: datetime
    ends: datetime
    rank: int


class Premium(msgspec.Struct, frozen=True):
    """The player's terms, oldest first; only the last may lie in the present."""

    terms: tuple[Term, ...] = ()
    version: int = 0
    """Of the last `PremiumChanged` that counted; 0 before the first."""

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


def latest(known: Premium, version: int, terms: tuple[Term, ...], at: datetime) -> Premium:
    """Return premium after payments, which owns it, said at `at` how it stands: the highest version is the truth.

    A version that is known, or older than the known one, changes nothing. A later one replaces the terms; what lies
    before the first of them stays, for the streak and the energy look back on it (DOMAIN §2, §4).
    """
    if version <= known.version:
        return known
    since = terms[0].begins if terms else at
    past = (Term(term.begins, min(term.ends, since), term.rank) for term in known.terms if term.begins < since)
    return Premium((*past, *terms)[-TERMS_KEPT:], version)
