"""Premium as payments sells it (DOMAIN §5): grants of days, and the terms that follow from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import PremiumTerm

TERMS_KEPT: Final = 8


class PremiumGrant(msgspec.Struct, frozen=True):
    """Days of one rank, given at one time; named by the purchase, or by whatever else gave them."""

    id: UUID
    rank: int
    days: int
    at: datetime
    extends: bool = False
    """True for days that were given: they leave the rank of running premium alone, and count with their own else."""


class BookedGrant(msgspec.Struct, frozen=True):
    """A grant that the ledger has already."""

    id: UUID


class Premium(msgspec.Struct, frozen=True):
    """The grants that the running premium is made of, and the terms as they came to be."""

    grants: tuple[PremiumGrant, ...] = ()
    terms: tuple[PremiumTerm, ...] = ()
    """Oldest first, not overlapping; only the last may lie in the present."""

    def active(self, now: datetime) -> PremiumTerm | None:
        """Return the term that is running."""
        last = self.terms[-1] if self.terms else None
        return last if last is not None and last.begins <= now < last.ends else None

    def has(self, grant_id: UUID) -> bool:
        """Whether the running premium has days of this grant."""
        return any(grant.id == grant_id for grant in self.grants)

    def granted(self, grant: PremiumGrant) -> "Premium":
        """Return premium with one more grant, which takes effect at its own time."""
        # By the terms, not by the clock: another replica's clock may be a little behind.
        running = self.grants if self.terms and grant.at < self.terms[-1].ends else ()
        return Premium((*running, grant), extended(self.terms, grant)[-TERMS_KEPT:])

    def revoked(self, grant_id: UUID, now: datetime) -> "Premium":
        """Return premium as the other grants alone would have it from `now` on; what is past stays as it was."""
        others = tuple(grant for grant in self.grants if grant.id != grant_id)
        if len(others) == len(self.grants):
            return self
        fold: tuple[PremiumTerm, ...] = ()
        for grant in others:
            fold = extended(fold, grant)
        past = [_clipped(term, ends=now) for term in self.terms if term.begins < now]
        future = [_clipped(term, begins=now) for term in fold if term.ends > now]
        return Premium(others, tuple(_joined([*past, *future]))[-TERMS_KEPT:])


def extended(terms: tuple[PremiumTerm, ...], grant: PremiumGrant) -> tuple[PremiumTerm, ...]:
    """Return the terms with a grant's days added.

    A higher rank starts at once and its days are added to the old end; the same or a lower one adds its days to the
    running term, whose rank stays (DOMAIN §5, §7); without a running term a new one begins.
    """
    more = timedelta(days=grant.days)
    last = terms[-1] if terms else None
    if last is None or last.ends <= grant.at:
        return (*terms, PremiumTerm(begins=grant.at, ends=grant.at + more, rank=grant.rank))
    # Grants may be told out of order: one from before the running term extends it all the same.
    begins = max(grant.at, last.begins)
    if grant.extends or grant.rank <= last.rank:
        return (*terms[:-1], PremiumTerm(begins=last.begins, ends=last.ends + more, rank=last.rank))
    past = (PremiumTerm(begins=last.begins, ends=begins, rank=last.rank),) if last.begins < begins else ()
    return (*terms[:-1], *past, PremiumTerm(begins=begins, ends=last.ends + more, rank=grant.rank))


def _clipped(term: PremiumTerm, *, begins: datetime | None = None, ends: datetime | None = None) -> PremiumTerm:
    return PremiumTerm(
        begins=term.begins if begins is None else max(term.begins, begins),
        ends=term.ends if ends is None else min(term.ends, ends),
        rank=term.rank,
    )


def _joined(terms: Sequence[PremiumTerm]) -> list[PremiumTerm]:
    """Return the terms with neighbours of one rank made one."""
    joined: list[PremiumTerm] = []
    for term in terms:
        if joined and joined[-1].ends == term.begins and joined[-1].rank == term.rank:
            joined[-1] = PremiumTerm(begins=joined[-1].begins, ends=term.ends, rank=term.rank)
        else:
            joined.append(term)
    return joined
