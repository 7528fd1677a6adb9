"""What operators ask about offers: `query.offers.dashboard` (DOMAIN §8)."""

from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.message import Query
from contracts.promo.queries import Hours, Instant


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A figure and its 95 % interval; None where nothing was seen that it could be made of."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class TriggerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one offer's impressions in the window."""

    trigger: str
    impressions: int
    clicks: int
    """Impressions whose buy button was tapped at all; likewise the next two."""
    dismissals: int
    conversions: int
    """That led to a purchase which stands: what was refunded is none."""
    click_rate: float
    conversion_rate: float
    dismissal_rate: float


class GroupFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Players to whom an offer was made in the window, or would have been, and what they bought after it."""

    players: int
    buyers: int
    """Of these, who bought anything in the window after it; refunded purchases do not count."""
    stars: int
    conversion: Estimate
    """Buyers of players (Wilson)."""
    stars_per_player: Estimate
    """Mean (normal approximation)."""


class OffersDashboard(msgspec.Struct, frozen=True, kw_only=True):
    """Offers in a window `since <= instant < until`; every figure is exact."""

    since: datetime
    until: datetime
    impressions: int
    players: int
    clicks: int
    dismissals: int
    conversions: int
    click_rate: float
    conversion_rate: float
    dismissal_rate: float
    impressions_per_player: float
    triggers: tuple[TriggerFigures, ...]
    """By name; those that were shown in the window."""
    offered: GroupFigures
    """All but the holdout."""
    holdout: GroupFigures
    """The 5 % who never see an offer."""
    conversion_lift: Estimate
    """Offered less holdout (Newcombe)."""
    stars_lift: Estimate
    """Offered less holdout, Stars per player (Welch)."""


class OffersDashboardQuery(Query[OffersDashboard], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for the figures of the last hours."""

    subject: ClassVar[str] = "query.offers.dashboard"
    hours: Hours = 24
    until: Instant | None = None
    """The end of the window; None, or what is to come: now."""
