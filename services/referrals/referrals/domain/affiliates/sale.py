"""A purchase as commissions see it: what payments says of it, in any order, and what it earns (DOMAIN §9)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.referrals import CommissionState
from referrals.domain.affiliates import ledger
from referrals.domain.affiliates.ledger import Account, Kind, Move, Transaction, named
from referrals.domain.affiliates.partner import Partner, commission

PENDING_FOR: Final = timedelta(days=30)
"""From the credit on; then a commission is payable."""

S = CommissionState


class UnclaimedSales(msgspec.Struct, frozen=True):
    """A player's sales that earn nobody anything yet."""

    purchase_ids: tuple[UUID, ...] = ()


class Sale(msgspec.Struct, kw_only=True):
    """One purchase. Facts only grow; the commission follows from them."""

    purchase_id: UUID
    player_id: int
    """Who bought."""
    stars: int = 0
    """What was received; 0 for what was not paid in Stars, or not heard of yet."""
    credited_at: datetime | None = None
    refunded_at: datetime | None = None
    is_telegrams: bool = False
    """Whether Telegram's own affiliate programme took its part: then it earns none of ours."""
    state: CommissionState = CommissionState.NONE
    partner_id: int | None = None
    """Whose commission it is or was."""
    per_mille: int = 0
    commission: int = 0
    """In Stars."""

    def hear_credit(self, stars: int, at: datetime) -> None:
        """It was credited: the first word of it counts."""
        if self.credited_at is None:
            self.stars, self.credited_at = stars, at

    def hear_refund(self, at: datetime) -> None:
        """The money went back."""
        if self.refunded_at is None:
            self.refunded_at = at

    @property
    def earns(self) -> bool:
        """Whether a commission of it would stand, by what is known of the purchase alone."""
        return self.stars > 0 and self.credited_at is not None and self.refunded_at is None and not self.is_telegrams

    @property
    def wants_settling(self) -> bool:
        """Whether its commission may not stand as its purchase does, but for time that passes."""
        return self.earns if self.state is S.NONE else self.state in (S.PENDING, S.PAYABLE) and not self.earns

    # -- its commission ---------------------------------------------------------------------------

    def settle(
        self, partner: Partner, started_at: datetime, transaction_id: UUID, now: datetime, *, may_mature: bool = False
    ) -> Transaction | None:
        """Go on by one step, which is booked; None when there is nothing to book.

        With `may_mature` one that is old enough becomes payable, unless the partner is held.
        """
        if self.state is S.NONE:
            return self._earn(partner, started_at, transaction_id, now)
        if not self.earns:
            return self._take_back(transaction_id, now)
        if may_mature and self.is_mature(now) and not partner.is_held:
            self.state = S.PAYABLE
            return self._booked(Kind.MATURED, transaction_id, Account.PENDING, Account.PAYABLE, now)
        return None

    def is_mature(self, now: datetime) -> bool:
        """Whether it is pending, and has been for 30 days."""
        return self.state is S.PENDING and self.credited_at is not None and self.credited_at + PENDING_FOR <= now

    def _earn(self, partner: Partner, started_at: datetime, transaction_id: UUID, now: datetime) -> Transaction | None:
        if not self.earns or self.credited_at is None or partner.player_id == self.player_id:
            return None
        per_mille = partner.rate_at(self.credited_at, started_at)
        if per_mille == 0:
            return None
        self.partner_id, self.per_mille = partner.player_id, per_mille
        self.commission, self.state = commission(self.stars, per_mille), S.PENDING
        return self._booked(Kind.EARNED, transaction_id, ledger.COMMISSION, Account.PENDING, now)

    def _take_back(self, transaction_id: UUID, now: datetime) -> Transaction | None:
        if self.state is S.TAKEN_BACK:
            return None
        of = Account.PAYABLE if self.state is S.PAYABLE else Account.PENDING
        self.state = S.TAKEN_BACK
        return self._booked(Kind.TAKEN_BACK, transaction_id, of, ledger.COMMISSION, now)

    def _booked(
        self, kind: Kind, transaction_id: UUID, of: Account | str, to: Account | str, now: datetime
    ) -> Transaction | None:
        """A commission that is floored to nothing moves nothing."""
        if self.commission == 0 or self.partner_id is None:
            return None
        move = Move(named(of, self.partner_id), named(to, self.partner_id), self.commission)
        return ledger.of_purchase(
            kind,
            move,
            transaction_id=transaction_id,
            purchase_id=self.purchase_id,
            partner_id=self.partner_id,
            at=now,
        )
