"""What referrals tells itself about sales and payouts: what a comparison with payments found (DOMAIN §9)."""

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Command

SALES: Final = "sales"
"""The name of the comparison of sales."""
OVERLAP: Final = timedelta(minutes=15)
"""What a comparison looks at begins so long before the last one did: some of that was being written then."""


class HearSale(Command, frozen=True, kw_only=True):
    """How a sale stands with payments, who was asked: an event of it was lost, or is not here yet."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.hear_sale"
    player_id: int
    purchase_id: UUID
    stars: int
    credited_at: datetime
    refunded_at: datetime | None = None
    affiliate: bool = False


class MatureCommission(Command, frozen=True, kw_only=True):
    """A commission is 30 days old, and payments has just said that its purchase stands."""

    subject: ClassVar[str] = "referrals.cmd.{partner_id}.mature_commission"
    partner_id: int
    player_id: int
    purchase_id: UUID


class HearGift(Command, frozen=True, kw_only=True):
    """How a payout's gift stands with payments, who was asked."""

    subject: ClassVar[str] = "referrals.cmd.{payout_id}.hear_gift"
    payout_id: UUID
    given: bool | None = None
    """None: payments was never asked for it."""
    reason: str = ""


class NoteSalesCompared(Command, frozen=True, kw_only=True):
    """Sales have been compared up to an instant."""

    subject: ClassVar[str] = "referrals.cmd.{name}.note_sales_compared"
    name: str
    until: datetime


class SaleComparison(msgspec.Struct):
    """How far sales have been compared."""

    name: str
    until: datetime | None = None
    """What changed before then was looked at; None: nothing was yet."""
