"""A payout: asked for by a partner, approved by ops, and paid once (DOMAIN §9)."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import STARS_OF_MONTHS
from contracts.referrals import PAYOUT_STARS_MIN, PayoutKind, PayoutRefusal, PayoutState, PayoutView
from referrals.domain.affiliates import ledger
from referrals.domain.affiliates.ledger import Account, Kind, Move, Transaction, named
from referrals.domain.affiliates.partner import Partner, PartnerState

OPEN: Final = frozenset({PayoutState.REQUESTED, PayoutState.APPROVED, PayoutState.SENDING})
"""One of these at a time a partner."""
_SET_APART: Final = frozenset({PayoutState.APPROVED, PayoutState.SENDING})


def refusal(partner: Partner | None, kind: PayoutKind, months: int) -> PayoutRefusal | None:
    """Return why a partner cannot ask for that now; None when they may."""
    if partner is None or partner.state is not PartnerState.APPROVED:
        return PayoutRefusal.NO_PARTNER
    if partner.is_held:
        return PayoutRefusal.ON_HOLD
    if partner.open_payout is not None:
        return PayoutRefusal.ONE_IS_OPEN
    if kind is PayoutKind.PREMIUM_GIFT and months not in STARS_OF_MONTHS:
        return PayoutRefusal.NOT_SOLD
    needed = STARS_OF_MONTHS[months] if kind is PayoutKind.PREMIUM_GIFT else PAYOUT_STARS_MIN
    return PayoutRefusal.TOO_LITTLE if partner.purse.payable < needed else None


class UsedReference(msgspec.Struct, frozen=True):
    """A reference under which an external payout was paid: it settles no other."""

    reference: str
    payout_id: UUID


class Payout(msgspec.Struct, kw_only=True):
    """One payout. Its Stars leave what is payable when it is approved, and come back when nothing comes of it."""

    payout_id: UUID
    player_id: int
    kind: PayoutKind
    stars: int
    months: int
    state: PayoutState
    requested_at: datetime
    changed_at: datetime
    approved_at: datetime | None = None
    reference: str = ""
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided or paid."""
        return self.state in OPEN

    @property
    def may_have_been_paid(self) -> bool:
        """Whether ops may have paid it outside: approved, and not settled yet, though it may be canceled since."""
        is_waiting = self.state in (PayoutState.APPROVED, PayoutState.CANCELED)
        return is_waiting and self.approved_at is not None

    def approve(self, partner: Partner, transaction_id: UUID, now: datetime) -> Transaction | str:
        """Set its Stars apart; or say, naming the remedy, why that cannot be. What the rules ask besides, as a second
        operator's word, belongs before this.
        """
        if self.state is not PayoutState.REQUESTED:
            return f"payout_id: it is {self.state}; only one that is REQUESTED can be approved"
        if partner.is_held:
            return "payout_id: a risk case about the partner is open, or they are banned; close it, or cancel this"
        if partner.purse.payable < self.stars:
            return f"payout_id: {partner.purse.payable} Stars are payable, fewer than its {self.stars}; cancel it"
        self._turn(PayoutState.APPROVED, now)
        self.approved_at = now
        return self._booked(Kind.RESERVED, transaction_id, Account.PAYABLE, Account.IN_PAYOUT, now)

    def begin(self, now: datetime) -> None:
        """Whoever pays it is about to be asked."""
        self._turn(PayoutState.SENDING, now)

    def send(self, transaction_id: UUID, now: datetime) -> Transaction | None:
        """It was paid; of what was given up before, the Stars leave what is payable. None: that is known already."""
        if self.state is PayoutState.SENT:
            return None
        of = Account.IN_PAYOUT if self.state in _SET_APART else Account.PAYABLE
        self._turn(PayoutState.SENT, now)
        return self._booked(Kind.SENT, transaction_id, of, ledger.PAID, now)

    def end(self, state: PayoutState, reason: str, transaction_id: UUID, now: datetime) -> Transaction | None:
        """Nothing comes of it: FAILED or CANCELED. Stars that were set apart are payable again."""
        was_set_apart = self.state in _SET_APART
        self._turn(state, now)
        self.reason = reason
        if not was_set_apart:
            return None
        return self._booked(Kind.RELEASED, transaction_id, Account.IN_PAYOUT, Account.PAYABLE, now)

    def view(self) -> PayoutView:
        """Return it as others see it."""
        return PayoutView(
            payout_id=self.payout_id,
            player_id=self.player_id,
            kind=self.kind,
            stars=self.stars,
            months=self.months,
            state=self.state,
            requested_at=self.requested_at,
            changed_at=self.changed_at,
            reference=self.reference,
            reason=self.reason,
        )

    def _turn(self, state: PayoutState, now: datetime) -> None:
        self.state, self.changed_at = state, now

    def _booked(self, kind: Kind, transaction_id: UUID, of: Account, to: Account | str, now: datetime) -> Transaction:
        move = Move(named(of, self.player_id), named(to, self.player_id), self.stars)
        return ledger.of_payout(
            kind,
            move,
            transaction_id=transaction_id,
            payout_id=self.payout_id,
            partner_id=self.player_id,
            at=now,
        )
