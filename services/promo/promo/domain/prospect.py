"""A player as offers see them (DOMAIN §8): promo's own projection of what gameplay and payments say.

Words may come twice, late, in any order, and told again by their owners: each part says by what it is merged.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.berlin import day_of
from contracts.payments import PremiumTerm, Product

PURCHASES_KEPT: Final = timedelta(days=14)
"""No trigger looks further back."""
IMPRESSIONS_KEPT: Final = timedelta(hours=26)
"""Longer than a cap lasts, and than the longest Berlin day."""
BLOCKING_EVERY: Final = timedelta(hours=6)
SAME_EVERY: Final = timedelta(hours=24)
PER_DAY_MAX: Final = 3
MUTED_FOR: Final = timedelta(hours=72)


class PremiumSeen(msgspec.Struct, frozen=True):
    """The last term of premium; the highest revision is the truth."""

    revision: int = 0
    rank: int = 0
    """0: there never was any, or it was taken back."""
    ends: datetime | None = None


class StreakSeen(msgspec.Struct, frozen=True):
    """The streak as it was last heard of: the later day is the truth, and on one day that the player has played."""

    days: int = 0
    on: date | None = None
    """The Berlin day that `days` is of; None: never heard of."""
    is_played: bool = False
    """Whether the player had played that day."""
    active_on: date | None = None
    """The last day on which they played; never falls."""


class RecentPurchase(msgspec.Struct, frozen=True):
    """A purchase of the last days that stands."""

    purchase_id: UUID
    product: Product
    at: datetime


class Shown(msgspec.Struct, frozen=True):
    """An impression of late, one that was withheld too: caps hold for the holdout like for all."""

    trigger: str
    tap: str
    at: datetime
    is_blocking: bool


class Mute(msgspec.Struct, frozen=True):
    """An offer that the player does not want to see."""

    trigger: str
    until: datetime


_NO_PREMIUM, _NO_STREAK = PremiumSeen(), StreakSeen()


class Prospect(msgspec.Struct):
    """One player. Locking it makes decisions about what they are offered follow one another."""

    player_id: int
    premium: PremiumSeen = _NO_PREMIUM
    streak: StreakSeen = _NO_STREAK
    purchases: tuple[RecentPurchase, ...] = ()
    impressions: tuple[Shown, ...] = ()
    mutes: tuple[Mute, ...] = ()
    offered_at: datetime | None = None
    """When the last impression was."""

    # -- what gameplay and payments say ----------------------------------------------------------

    def hear_premium(self, revision: int, terms: tuple[PremiumTerm, ...], changed_at: datetime | None = None) -> None:
        """Keep the last term of the highest revision, unless it was over when that was said: then its money went back.

        `changed_at` is when it became so; None where that is not told.
        """
        if revision > self.premium.revision:
            last = terms[-1] if terms else None
            if last is None or (changed_at is not None and last.ends <= changed_at):
                self.premium = PremiumSeen(revision)
            else:
                self.premium = PremiumSeen(revision, last.rank, last.ends)

    def hear_streak(self, days: int, on: date, *, is_played: bool) -> None:
        """Keep the streak of the latest day; having played comes last on a day."""
        known = self.streak
        active_on = max(filter(None, (known.active_on, on if is_played else None)), default=None)
        if known.on is None or (on, is_played) >= (known.on, known.is_played):
            known = StreakSeen(days, on, is_played)
        self.streak = msgspec.structs.replace(known, active_on=active_on)

    def hear_active(self, on: date) -> None:
        """Note a day on which they played."""
        active_on = on if self.streak.active_on is None else max(on, self.streak.active_on)
        self.streak = msgspec.structs.replace(self.streak, active_on=active_on)

    def note_purchase(self, purchase: RecentPurchase, now: datetime) -> None:
        """Count a purchase that stands, once."""
        others = self._without(purchase.purchase_id)
        if purchase.at > now - PURCHASES_KEPT:
            others = (*others, purchase)
        self.purchases = tuple(sorted((one for one in others if one.at > now - PURCHASES_KEPT), key=_at))

    def forget_purchase(self, purchase_id: UUID) -> None:
        """A purchase whose money went back counts no more."""
        self.purchases = tuple(self._without(purchase_id))

    def _without(self, purchase_id: UUID) -> Iterable[RecentPurchase]:
        return (one for one in self.purchases if one.purchase_id != purchase_id)

    # -- what they were offered ------------------------------------------------------------------

    def instant(self, now: datetime) -> datetime:
        """Return the instant of a decision: never before their last impression, whichever replica's clock that had."""
        return now if self.offered_at is None else max(now, self.offered_at)

    def has_offer_of(self, tap: str) -> bool:
        """Whether this very tap has brought an offer already."""
        return any(one.tap == tap for one in self.impressions)

    def may_see(self, trigger: str, now: datetime, *, is_blocking: bool) -> bool:
        """Whether the caps let this offer pass: per Berlin day, blocking ones, the same again, muted."""
        today = day_of(now)
        if sum(today.begins <= one.at < today.ends for one in self.impressions) >= PER_DAY_MAX:
            return False
        if is_blocking and any(one.is_blocking and one.at > now - BLOCKING_EVERY for one in self.impressions):
            return False
        if any(one.trigger == trigger and one.at > now - SAME_EVERY for one in self.impressions):
            return False
        return not any(one.trigger == trigger and now < one.until for one in self.mutes)

    def note_shown(self, shown: Shown) -> None:
        """Remember an impression for the caps."""
        kept = tuple(one for one in self.impressions if one.at > shown.at - IMPRESSIONS_KEPT)
        self.impressions = (*kept, shown)
        self.offered_at = shown.at

    def last_offer_before(self, instant: datetime) -> datetime | None:
        """Return when the last impression was at that instant; None when there was none, or it is too long ago."""
        known = [*(one.at for one in self.impressions), *filter(None, (self.offered_at,))]
        return max((at for at in known if at <= instant), default=None)

    def mute(self, trigger: str, now: datetime) -> None:
        """Show this offer no more for 72 hours."""
        others = tuple(one for one in self.mutes if one.trigger != trigger and now < one.until)
        self.mutes = (*others, Mute(trigger, now + MUTED_FOR))


def _at(purchase: RecentPurchase) -> tuple[datetime, UUID]:
    return purchase.at, purchase.purchase_id
