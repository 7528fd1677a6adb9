"""What promo says (DOMAIN §7)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Event
from contracts.promo.vocabulary import RedeemRefusal


class PremiumRedeemed(Event, frozen=True, kw_only=True):
    """A code gave premium: the days are on their way to payments, which adds them under the redemption's id."""

    subject: ClassVar[str] = "promo.evt.{player_id}.premium_redeemed"
    player_id: int
    redemption_id: UUID
    campaign: str
    days: int
    rank: int
    """Of new premium; premium that is running keeps its own."""


class CodeRefused(Event, frozen=True, kw_only=True):
    """A code was not taken."""

    subject: ClassVar[str] = "promo.evt.{player_id}.code_refused"
    player_id: int
    reason: RedeemRefusal
    until: datetime | None = None
    """When it may be tried again, where that is known."""
    tries_left: int | None = None
    """How many more failures are forgiven before a pause; None where this was no failure."""
