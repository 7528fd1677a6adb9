"""What promo says (DOMAIN §7)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Event
from contracts.payments import Product
from contracts.promo.vocabulary import CampaignStatus, RedeemRefusal


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


class CampaignAutoPaused(Event, frozen=True, kw_only=True):
    """The guard paused a campaign, for many guess on one of its codes (DOMAIN §10 `promo_campaign_auto_paused`)."""

    subject: ClassVar[str] = "promo.evt.{campaign}.campaign_auto_paused"
    version: ClassVar[int] = 2
    campaign: str
    failures: int
    """Within the window, on the code that is guessed on most."""
    players: int
    at: datetime
    failures_max: int = 0
    """More than so many pause a campaign, from"""
    players_min: int = 0
    """so many players at least."""
    window_seconds: int = 0


class BruteForceSuspected(Event, frozen=True, kw_only=True):
    """Somebody guesses codes (DOMAIN §10 `promo_bruteforce_suspected`)."""

    subject: ClassVar[str] = "promo.evt.{scope}.brute_force_suspected"
    version: ClassVar[int] = 2
    scope: str
    """A public campaign, which is not paused; or `overall`: then the throttle is tightened."""
    failures: int
    """Within the window."""
    players: int
    at: datetime
    failures_max: int = 0
    """More than so many are too many."""
    window_seconds: int = 0
    failures_allowed: int = 0
    """So many failures block a player from now on."""


class BruteForceCleared(Event, frozen=True, kw_only=True):
    """Guessing has calmed down: the throttle is as it was (ends DOMAIN §10 `promo_bruteforce_suspected`)."""

    subject: ClassVar[str] = "promo.evt.{scope}.brute_force_cleared"
    version: ClassVar[int] = 2
    scope: str
    failures: int
    at: datetime
    failures_max: int = 0
    """So many are not too many."""
    since: datetime | None = None
    """When it was suspected."""


class CampaignEnded(Event, frozen=True, kw_only=True):
    """A campaign is over for good."""

    subject: ClassVar[str] = "promo.evt.{campaign}.campaign_ended"
    campaign: str
    status: CampaignStatus
    """EXPIRED or DEPLETED."""
    used: int
    at: datetime


class DiscountReserved(Event, frozen=True, kw_only=True):
    """A code gave a discount: it holds a use for 15 minutes, and payments takes it off a price."""

    subject: ClassVar[str] = "promo.evt.{player_id}.discount_reserved"
    player_id: int
    redemption_id: UUID
    campaign: str
    percent: int
    """1–90."""
    products: tuple[Product, ...]
    """It fits these."""
    reserved_until: datetime
    again: bool = False
    """True for a code that was typed again while its discount is reserved."""


class DiscountExpired(Event, frozen=True, kw_only=True):
    """A discount was not used in time: its use is free again."""

    subject: ClassVar[str] = "promo.evt.{player_id}.discount_expired"
    player_id: int
    redemption_id: UUID
    campaign: str


class DiscountAppliedLate(Event, frozen=True, kw_only=True):
    """Money came for a discount that had expired, and was honoured; the campaign may have given a use too many.

    Of DOMAIN §10 it is "any other" alert: `promo_discount_applied_late`.
    """

    subject: ClassVar[str] = "promo.evt.{player_id}.discount_applied_late"
    version: ClassVar[int] = 2
    player_id: int
    redemption_id: UUID
    purchase_id: UUID
    campaign: str
    overrun: int
    """Of the campaign, with this one."""
    used: int = 0
    """Of the campaign, all told, with this one."""
    uses_max: int | None = None
    """None: the campaign has no bound, and nobody lacks a use."""


class DiscountRevoked(Event, frozen=True, kw_only=True):
    """The money went back, and the discount with it; its use stays used."""

    subject: ClassVar[str] = "promo.evt.{player_id}.discount_revoked"
    player_id: int
    redemption_id: UUID
    campaign: str
