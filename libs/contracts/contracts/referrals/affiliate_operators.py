"""What operators ask of referrals about affiliates and payouts (DOMAIN §9, §13); each has an admin endpoint."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.message import Answered
from contracts.referrals.affiliates import PartnerState, PayoutState, PayoutView


class PartnerView(msgspec.Struct, frozen=True, kw_only=True):
    """A partner as ops see them; amounts in Stars."""

    player_id: int
    state: PartnerState
    first_per_mille: int
    later_per_mille: int
    applied_at: datetime
    changed_at: datetime
    held_since: datetime | None = None
    """Since when a risk case is open."""
    note: str = ""
    pending: int = 0
    payable: int = 0
    in_payout: int = 0
    paid: int = 0


class PartnerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it was done, why not, and how the partner stands."""

    done: bool
    reason: str = ""
    partner: PartnerView | None = None


class PartnerList(msgspec.Struct, frozen=True, kw_only=True):
    """Partners, who changed last first."""

    partners: tuple[PartnerView, ...] = ()


class ListPartners(Answered[PartnerList], frozen=True, kw_only=True):
    """Ask for partners and for who applied."""

    subject: ClassVar[str] = "referrals.cmd.{queue}.list_partners"
    queue: str = "affiliates"
    """Always `affiliates`."""
    state: PartnerState | None = None
    limit: int = 50


class DecidePartner(Answered[PartnerAnswer], frozen=True, kw_only=True):
    """Approve or reject somebody who applied, enrol somebody who did not, or ban a partner (DOMAIN §9)."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.decide_partner"
    player_id: int
    state: PartnerState
    """What they are to be: `APPROVED`, `REJECTED` or `BANNED`."""
    enrol: bool = False
    """True: whether they applied or not."""
    note: str
    expected: PartnerState | None = None
    """Refused when they stand otherwise; None: however they stand."""


class SetPartnerRates(Answered[PartnerAnswer], frozen=True, kw_only=True):
    """Give a partner rates of their own, for purchases from now on."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.set_partner_rates"
    player_id: int
    first_per_mille: int
    """Within 30 days of the start of who buys; 300 is 30 %."""
    later_per_mille: int
    note: str


class HoldPartner(Answered[PartnerAnswer], frozen=True, kw_only=True):
    """Open or close a risk case about a partner: while it is open nothing becomes payable, and nothing is paid."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.hold_partner"
    player_id: int
    hold: bool
    note: str


class PayoutAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it was done, why not, and how the payout stands."""

    done: bool
    reason: str = ""
    payout: PayoutView | None = None


class PayoutList(msgspec.Struct, frozen=True, kw_only=True):
    """Payouts, the oldest first."""

    payouts: tuple[PayoutView, ...] = ()


class ListPayouts(Answered[PayoutList], frozen=True, kw_only=True):
    """Ask for payouts: those that are open, or of one state."""

    subject: ClassVar[str] = "referrals.cmd.{queue}.list_payouts"
    queue: str = "payouts"
    """Always `payouts`."""
    state: PayoutState | None = None
    """None: those that are open."""
    limit: int = 50


class ApprovePayout(Answered[PayoutAnswer], frozen=True, kw_only=True):
    """Approve a payout: its Stars are set apart, and a gift is asked for at once."""

    subject: ClassVar[str] = "referrals.cmd.{payout_id}.approve_payout"
    payout_id: UUID
    note: str
    expected: PayoutState | None = None


class SettlePayout(Answered[PayoutAnswer], frozen=True, kw_only=True):
    """Say that an external payout was paid, under ops' own reference."""

    subject: ClassVar[str] = "referrals.cmd.{payout_id}.settle_payout"
    payout_id: UUID
    reference: str
    note: str
    expected: PayoutState | None = None


class CancelPayout(Answered[PayoutAnswer], frozen=True, kw_only=True):
    """Cancel a payout that nobody has begun to pay; its Stars are payable again."""

    subject: ClassVar[str] = "referrals.cmd.{payout_id}.cancel_payout"
    payout_id: UUID
    note: str
    expected: PayoutState | None = None
