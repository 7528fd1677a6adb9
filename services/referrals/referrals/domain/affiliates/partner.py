"""A partner: since when they earn, at which rates, and what they have (DOMAIN §9)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.referrals import FIRST_PER_MILLE, LATER_PER_MILLE, PartnerState, PartnerView
from referrals.domain.affiliates.ledger import Purse

FIRST_DAYS: Final = timedelta(days=30)
PER_MILLE: Final = 1_000


class Terms(msgspec.Struct, frozen=True):
    """What a partner earns from an instant on; nothing where both rates are 0."""

    since: datetime
    first_per_mille: int
    later_per_mille: int


class Partner(msgspec.Struct, kw_only=True):
    """One player who applied, or whom ops enrolled. Its lock makes decisions about their Stars follow one another."""

    player_id: int
    state: PartnerState
    applied_at: datetime
    changed_at: datetime
    revision: int = 0
    """Counts ops' decisions, from 1."""
    note: str = ""
    terms: tuple[Terms, ...] = ()
    """Oldest first: a purchase earns what stood when it was credited, however late it is heard of."""
    held_since: datetime | None = None
    """Since when a risk case is open; None: none is."""
    open_payout: UUID | None = None
    purse: Purse = Purse()

    @property
    def is_held(self) -> bool:
        """Whether nothing becomes payable, and nothing is paid."""
        return self.held_since is not None or self.state is PartnerState.BANNED

    @property
    def rates(self) -> tuple[int, int]:
        """The rates of now, in per mille: of the first 30 days, and after."""
        last = self.terms[-1] if self.terms else Terms(self.applied_at, 0, 0)
        return last.first_per_mille, last.later_per_mille

    def rate_at(self, at: datetime, started_at: datetime) -> int:
        """Return what a purchase of that instant earns, in per mille, by a player who started then."""
        standing = [terms for terms in self.terms if terms.since <= at]
        if not standing:
            return 0
        return standing[-1].first_per_mille if at < started_at + FIRST_DAYS else standing[-1].later_per_mille

    def decide(self, state: PartnerState, note: str, now: datetime) -> None:
        """Make them what ops say, from now on."""
        self.state, self.note, self.changed_at, self.revision = state, note, now, self.revision + 1
        earns = state is PartnerState.APPROVED
        self.set_rates(*((FIRST_PER_MILLE, LATER_PER_MILLE) if earns else (0, 0)), now)

    def set_rates(self, first_per_mille: int, later_per_mille: int, now: datetime) -> None:
        """Have purchases from now on earn this."""
        if (first_per_mille, later_per_mille) != self.rates:
            self.terms = (*self.terms, Terms(now, first_per_mille, later_per_mille))

    def view(self) -> PartnerView:
        """Return them as ops see them."""
        first, later = self.rates
        return PartnerView(
            player_id=self.player_id,
            state=self.state,
            first_per_mille=first,
            later_per_mille=later,
            applied_at=self.applied_at,
            changed_at=self.changed_at,
            held_since=self.held_since,
            note=self.note,
            pending=self.purse.pending,
            payable=self.purse.payable,
            in_payout=self.purse.in_payout,
            paid=self.purse.paid,
        )


def commission(stars: int, per_mille: int) -> int:
    """Return floor(Stars received × rate), exactly (DOMAIN §9); ValueError for what is no amount or no rate."""
    if stars < 0 or not 0 <= per_mille <= PER_MILLE:
        raise ValueError(f"{stars} Stars at {per_mille} per mille: expected Stars from 0 and a rate of 0 to 1000")
    return stars * per_mille // PER_MILLE
