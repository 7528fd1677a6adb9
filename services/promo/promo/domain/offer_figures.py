"""What became of offers in a window, and when that is cause for alarm (DOMAIN §8)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from contracts.promo import GroupFigures, OffersDashboard, TriggerFigures
from promo.domain import intervals
from promo.domain.intervals import Sample

CONVERSION_ALARM: Final = "offers_conversion"
SPAM_ALARM: Final = "offers_spam"
IMPRESSIONS_MIN: Final = 50
"""Fewer say nothing."""
CONVERSION_MIN: Final = 0.03
DISMISSALS_MAX: Final = 0.60
PER_PLAYER_MAX: Final = 4.0


class Counts(msgspec.Struct, frozen=True):
    """Impressions that were shown, and how many of them were clicked, dismissed, and led to a purchase."""

    impressions: int = 0
    clicks: int = 0
    dismissals: int = 0
    conversions: int = 0


class OfferWindow(msgspec.Struct, frozen=True):
    """What there is to say of `since <= instant < until`."""

    since: datetime
    until: datetime
    by_trigger: Sequence[tuple[str, Counts]]
    offered: Sample
    holdout: Sample

    def total(self) -> Counts:
        """Return the counts of all offers together."""
        rows = [msgspec.structs.astuple(counts) for _, counts in self.by_trigger]
        return Counts(*map(sum, zip(*rows, strict=True))) if rows else Counts()

    def dashboard(self) -> OffersDashboard:
        """Return it as operators see it."""
        total, players = self.total(), self.offered.players
        return OffersDashboard(
            since=self.since,
            until=self.until,
            impressions=total.impressions,
            players=players,
            clicks=total.clicks,
            dismissals=total.dismissals,
            conversions=total.conversions,
            click_rate=_rate(total.clicks, total.impressions),
            conversion_rate=_rate(total.conversions, total.impressions),
            dismissal_rate=_rate(total.dismissals, total.impressions),
            impressions_per_player=_rate(total.impressions, players),
            triggers=tuple(_trigger(name, counts) for name, counts in self.by_trigger),
            offered=_group(self.offered),
            holdout=_group(self.holdout),
            conversion_lift=intervals.share_difference(self.offered, self.holdout),
            stars_lift=intervals.mean_difference(self.offered, self.holdout),
        )


def is_dropped(impressions: int, conversions: int) -> bool:
    """Whether too few of them lead to a purchase."""
    return impressions >= IMPRESSIONS_MIN and conversions / impressions < CONVERSION_MIN


def is_spam(impressions: int, dismissals: int, players: int) -> bool:
    """Whether too many are dismissed, or a player sees too many."""
    if impressions < IMPRESSIONS_MIN:
        return False
    return dismissals / impressions > DISMISSALS_MAX or impressions > PER_PLAYER_MAX * players


def _trigger(name: str, counts: Counts) -> TriggerFigures:
    return TriggerFigures(
        trigger=name,
        impressions=counts.impressions,
        clicks=counts.clicks,
        dismissals=counts.dismissals,
        conversions=counts.conversions,
        click_rate=_rate(counts.clicks, counts.impressions),
        conversion_rate=_rate(counts.conversions, counts.impressions),
        dismissal_rate=_rate(counts.dismissals, counts.impressions),
    )


def _group(sample: Sample) -> GroupFigures:
    return GroupFigures(
        players=sample.players,
        buyers=sample.buyers,
        stars=sample.stars,
        conversion=intervals.share(sample.buyers, sample.players),
        stars_per_player=intervals.mean(sample),
    )


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
