"""Offers (DOMAIN §8): what promo is asked where one may be shown, what it says, and what players do with it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.gameplay.vocabulary import Mode
from contracts.ids import from_short, short
from contracts.message import Command, Event
from contracts.payments import DiscountedProduct, Product

_SURFACE = "offer-"


class OfferSurface(StrEnum):
    """Where a player is when an offer may be shown: never between a question and its answer."""

    START = "start"
    """The welcome, or the menu."""
    EMPTY = "empty"
    """No round could start for want of energy."""
    LOCKED = "locked"
    """A locked mode was tapped."""


class OfferTap(StrEnum):
    """What a player does with an offer."""

    BUY = "buy"
    DISMISS = "dismiss"
    MUTE = "mute"
    """Do not show it again."""


class ConsiderOffer(Command, frozen=True, kw_only=True):
    """A player stands where an offer may be shown: answered by `OfferMade`, or by nothing.

    What gameplay said of that moment travels along, for it changes with every round; the rest promo knows itself.
    """

    subject: ClassVar[str] = "promo.cmd.{player_id}.consider_offer"
    player_id: int
    surface: OfferSurface
    tap: str
    """What the player did: the callback's id, or that of the update with their message. One offer at most for each."""
    energy: int
    """Free and paid together."""
    is_premium: bool
    streak_days: int | None = None
    """None where gameplay did not say it; then what promo heard last counts."""
    has_played_today: bool = False
    mode: Mode | None = None
    """The mode that was wanted."""


class NoteOfferTap(Command, frozen=True, kw_only=True):
    """A player tapped a button of an offer. Only their own offers count; the first tap of each kind does."""

    subject: ClassVar[str] = "promo.cmd.{player_id}.note_offer_tap"
    player_id: int
    impression_id: UUID
    tap: OfferTap


class OfferMade(Event, frozen=True, kw_only=True):
    """An impression is written: now the offer is to be shown."""

    subject: ClassVar[str] = "promo.evt.{player_id}.offer_made"
    version: ClassVar[int] = 2
    player_id: int
    impression_id: UUID
    trigger: str
    """The offer's name, such as `ENERGY_ZERO`; there may be new ones any day."""
    surface: OfferSurface
    products: tuple[Product, ...]
    """In the order of the offer; only what the player can buy."""
    is_blocking: bool
    """Whether it may interrupt, with a sound; else it comes silently."""
    mode: Mode | None = None
    """The mode that was wanted when it was made, to go on with."""
    percent: int = 0
    """Of a personal discount, whose redemption has the impression's id; 0: none."""
    until: datetime | None = None
    """When that discount ends."""
    prices: tuple[DiscountedProduct, ...] = ()
    """What it makes of the prices, as far as promo knows them."""


class JudgeOffers(Command, frozen=True, kw_only=True):
    """What became of the offers of 24 hours; sent by promo's own job every 15 minutes."""

    subject: ClassVar[str] = "promo.cmd.{name}.judge_offers"
    name: str
    """Of the alarm: `offers_conversion` or `offers_spam`."""
    impressions: int
    players: int
    conversions: int
    dismissals: int


class _OfferFigures(Event, frozen=True, kw_only=True):
    """Of the last 24 hours, without the holdout."""

    scope: str
    """Always `offers`."""
    impressions: int
    players: int
    conversions: int
    """Impressions that led to a purchase which stands."""
    dismissals: int
    at: datetime


class OffersConversionDropDetected(_OfferFigures, frozen=True, kw_only=True):
    """Fewer than 3 % of the impressions led to a purchase (DOMAIN §10 `offers_conversion_drop_detected`)."""

    subject: ClassVar[str] = "promo.evt.{scope}.offers_conversion_drop_detected"


class OffersConversionDropCleared(_OfferFigures, frozen=True, kw_only=True):
    """Offers lead to purchases again, or there are too few to tell."""

    subject: ClassVar[str] = "promo.evt.{scope}.offers_conversion_drop_cleared"


class OffersSpamAnomalyDetected(_OfferFigures, frozen=True, kw_only=True):
    """Over 60 % were dismissed, or over 4.0 shown a player (DOMAIN §10 `offers_spam_anomaly_detected`)."""

    subject: ClassVar[str] = "promo.evt.{scope}.offers_spam_anomaly_detected"


class OffersSpamAnomalyCleared(_OfferFigures, frozen=True, kw_only=True):
    """Offers annoy nobody any more, or there are too few to tell."""

    subject: ClassVar[str] = "promo.evt.{scope}.offers_spam_anomaly_cleared"


def offer_surface(impression_id: UUID, mode: Mode | None = None) -> str:
    """Return the surface of what is bought by an offer's button: the impression, and the mode to go on with."""
    own = f"{_SURFACE}{short(impression_id)}"
    return own if mode is None else f"{own}-{mode.value}"


def impression_of(surface: str) -> UUID | None:
    """Return the impression that a surface names; None for every other surface."""
    text = surface.removeprefix(_SURFACE)
    if text == surface or text[22:23] not in ("", "-"):
        return None
    try:
        return from_short(text[:22])
    except ValueError:
        return None


def mode_of_offer(surface: str) -> Mode | None:
    """Return the mode in an offer's surface; None when there is none."""
    if impression_of(surface) is None:
        return None
    return Mode.__members__.get(surface[len(_SURFACE) + 23 :])
