"""What promo hears of players, and what its jobs say to it (DOMAIN §7)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.message import Answered, Command
from contracts.payments import Product
from contracts.promo.vocabulary import CampaignType, RedeemRefusal


class RedeemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a code, for who waits for it: a person at a chat hears of it by events."""

    accepted: bool
    reason: RedeemRefusal | None = None
    """Why it was not."""
    until: datetime | None = None
    """When it may be tried again, where that is known."""
    tries_left: int | None = None
    """How many more failures are forgiven before a pause; None where this was no failure."""
    redemption_id: UUID | None = None
    campaign: str | None = None
    type: CampaignType | None = None
    premium_days: int = 0
    """Of a grant: they are on their way to payments."""
    percent: int = 0
    """Of a discount: it is reserved until `reserved_until`, for one of these products."""
    products: tuple[Product, ...] = ()
    reserved_until: datetime | None = None


class RedeemCode(Answered[RedeemAnswer], frozen=True, kw_only=True):
    """A player has typed a code; told by `PremiumRedeemed`, `DiscountReserved` or `CodeRefused`.

    The code itself never travels: only what it may be stored under (`contracts.promo.codes`).
    """

    subject: ClassVar[str] = "promo.cmd.{player_id}.redeem_code"
    player_id: int
    fingerprints: tuple[str, ...]
    """One a pepper, the newest first, each 64 hexadecimal digits; none for what was no code at all."""


class GuardCampaign(Command, frozen=True, kw_only=True):
    """Many guess on a code of this campaign; sent by promo's own guard."""

    subject: ClassVar[str] = "promo.cmd.{name}.guard_campaign"
    name: str
    failures: int
    """Within ten minutes, on the code that is guessed on most."""
    players: int


class GuardThrottle(Command, frozen=True, kw_only=True):
    """How much guessing there is at all; sent by promo's own guard every minute."""

    subject: ClassVar[str] = "promo.cmd.{name}.guard_throttle"
    name: str
    """Always `overall`: there is one throttle."""
    failures: int
    """Within ten minutes."""
    players: int


class RollCampaign(Command, frozen=True, kw_only=True):
    """A campaign's time is over or its uses are gone: end it."""

    subject: ClassVar[str] = "promo.cmd.{name}.roll_campaign"
    name: str


class SettleRedemption(Command, frozen=True, kw_only=True):
    """How the purchase of a discount stands at payments; sent by promo's own comparison, for an event may be lost.

    Says no more than the events that it stands for: `PurchaseCredited`, `PurchaseRefunded`, `PurchaseFailed`.
    """

    subject: ClassVar[str] = "promo.cmd.{player_id}.settle_redemption"
    player_id: int
    redemption_id: UUID
    purchase_id: UUID
    credited_at: datetime | None = None
    refunded_at: datetime | None = None
    failed_at: datetime | None = None
    """When it came to nothing; None: it did not."""


class ExpireReservation(Command, frozen=True, kw_only=True):
    """A reservation's time is over: let it go, unless it was prolonged or paid for meanwhile."""

    subject: ClassVar[str] = "promo.cmd.{player_id}.expire_reservation"
    player_id: int
    redemption_id: UUID
