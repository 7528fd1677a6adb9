"""Affiliates (DOMAIN §9): players whom ops made partners, what they earn, and how it is paid out to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Command, Event

PAYOUT_STARS_MIN: Final = 1_000
"""From so many payable Stars on a partner may ask for them."""


FIRST_PER_MILLE: Final = 300
"""What a partner earns, unless ops say otherwise: 30 % of what is bought within 30 days of the buyer's start."""
LATER_PER_MILLE: Final = 150
"""15 % of what is bought after that."""


class AffiliatePage(StrEnum):
    """Which page of a partner's is asked for; echoed."""

    PAGE = "page"
    PAYOUT = "payout"
    CHART = "chart"
    """A picture of the last weeks."""


class PartnerState(StrEnum):
    """How somebody stands who would earn."""

    APPLIED = "APPLIED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    BANNED = "BANNED"
    """Earns nothing from then on, and is paid nothing."""


class CommissionState(StrEnum):
    """How the commission of one purchase stands."""

    NONE = "NONE"
    """There is none: nobody's, or Telegram's own programme paid."""
    PENDING = "PENDING"
    PAYABLE = "PAYABLE"
    TAKEN_BACK = "TAKEN_BACK"


class PayoutKind(StrEnum):
    """How Stars are paid out. The Bot API can send them to nobody."""

    PREMIUM_GIFT = "PREMIUM_GIFT"
    """Telegram Premium, 3, 6 or 12 months."""
    EXTERNAL = "EXTERNAL"
    """By ops, outside of Telegram, under a reference of their own."""


class PayoutState(StrEnum):
    """How far a payout is."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    SENDING = "SENDING"
    """Telegram was asked, and it is not certain yet what came of it."""
    SENT = "SENT"
    FAILED = "FAILED"
    """Nothing was paid; the Stars are payable again."""
    CANCELED = "CANCELED"


class PayoutRefusal(StrEnum):
    """Why a partner cannot be paid now."""

    NO_PARTNER = "no_partner"
    ON_HOLD = "on_hold"
    """Ops look at something first."""
    TOO_LITTLE = "too_little"
    ONE_IS_OPEN = "one_is_open"
    NOT_SOLD = "not_sold"
    """Telegram Premium of so many months does not exist."""


class PayoutView(msgspec.Struct, frozen=True, kw_only=True):
    """A payout as it stands."""

    payout_id: UUID
    player_id: int
    kind: PayoutKind
    stars: int
    months: int = 0
    """Of a gift; 0 otherwise."""
    state: PayoutState
    requested_at: datetime
    changed_at: datetime
    reference: str = ""
    """Of an external one, by ops."""
    reason: str = ""


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the players whom somebody brought; each counts once."""

    starts: int = 0
    answered_20: int = 0
    payers: int = 0


class WeekEarned(msgspec.Struct, frozen=True, kw_only=True):
    """Commission of purchases of one week that stand, in Stars."""

    begins: date
    """Its Monday, in Berlin."""
    stars: int


class ApplyAsAffiliate(Command, frozen=True, kw_only=True):
    """A player would like to be a partner; answered by `AffiliateShown`."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.apply_as_affiliate"
    player_id: int


class ShowAffiliate(Command, frozen=True, kw_only=True):
    """Ask for a player's page as a partner; answered by `AffiliateShown`."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.show_affiliate"
    player_id: int
    view: AffiliatePage = AffiliatePage.PAGE


class RequestPayout(Command, frozen=True, kw_only=True):
    """A partner wants to be paid; answered by `AffiliateShown`, which has a refusal where the rules say no."""

    subject: ClassVar[str] = "referrals.cmd.{player_id}.request_payout"
    player_id: int
    kind: PayoutKind
    months: int = 0
    """Of a gift: 3, 6 or 12."""


class SettleCommission(Command, frozen=True, kw_only=True):
    """Referrals to itself: have a commission stand as its purchase does, now that it is known whose it is."""

    subject: ClassVar[str] = "referrals.cmd.{partner_id}.settle_commission"
    partner_id: int
    player_id: int
    """Who bought."""
    purchase_id: UUID


class AffiliateShown(Event, frozen=True, kw_only=True):
    """Somebody's page as a partner, or as somebody who may apply."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.affiliate_shown"
    player_id: int
    state: PartnerState | None = None
    """None: never applied."""
    revision: int = 0
    """As of `PartnerChanged`."""
    code: str = ""
    """Of the link `ref_<code>`; empty for who is no partner."""
    first_per_mille: int = 0
    """Of a purchase within 30 days of the start of who buys."""
    later_per_mille: int = 0
    funnel: Funnel = Funnel()
    pending: int = 0
    """Stars of the last 30 days."""
    payable: int = 0
    """Below 0 where refunds took more than was left after a payout."""
    in_payout: int = 0
    """Stars of a payout that is approved or under way."""
    paid: int = 0
    on_hold: bool = False
    """Whether nothing becomes payable or is paid, for ops look at something first."""
    payouts: tuple[PayoutView, ...] = ()
    """The last ones, newest first."""
    weeks: tuple[WeekEarned, ...] = ()
    """The last twelve, oldest first."""
    view: AffiliatePage = AffiliatePage.PAGE
    refusal: PayoutRefusal | None = None
    """Of a payout that was asked for."""
    asked: UUID | None = None
    """The payout that was asked for."""


class PartnerChanged(Event, frozen=True, kw_only=True):
    """Ops decided about somebody as a partner. The highest `revision` is the truth, whatever the order of arrival."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.partner_changed"
    player_id: int
    state: PartnerState
    revision: int
    first_per_mille: int
    later_per_mille: int
    code: str = ""
    at: datetime


class PayoutChanged(Event, frozen=True, kw_only=True):
    """A payout was asked for, decided or settled."""

    subject: ClassVar[str] = "referrals.evt.{player_id}.payout_changed"
    player_id: int
    payout: PayoutView
