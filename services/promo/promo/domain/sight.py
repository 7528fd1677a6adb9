"""All that a trigger may look at: the player as promo knows them, and the moment they are in (DOMAIN §8)."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from contracts.berlin import ZONE, day_of
from contracts.payments import Product
from contracts.promo import ConsiderOffer
from promo.domain.prospect import Prospect

SAVER_EVERY: Final = timedelta(days=7)
"""Payments sells one streak saver in so long (DOMAIN §5)."""
PLANS: Final = (Product.PREMIUM_STARTER, Product.PREMIUM_MONTH, Product.PREMIUM_SEASON, Product.PREMIUM_YEAR)
"""By rank: the first has rank 1."""
_IDLE_WITH_PREMIUM: Final = frozenset({Product.ENERGY_10, Product.MEGA_PACK_15})
"""What gives nothing to whoever has energy without end and every mode."""


class Sight(msgspec.Struct, frozen=True):
    """One player at one moment."""

    prospect: Prospect
    moment: ConsiderOffer
    now: datetime

    # -- the moment ------------------------------------------------------------------------------

    @property
    def energy(self) -> int:
        """Free and paid energy together."""
        return self.moment.energy

    @property
    def local(self) -> datetime:
        """The time in Berlin."""
        return self.now.astimezone(ZONE)

    # -- premium ---------------------------------------------------------------------------------

    @property
    def rank(self) -> int:
        """The plan that is running: 1 Starter to 4 Year; 0 for none."""
        premium = self.prospect.premium
        return premium.rank if premium.ends is not None and self.now < premium.ends else 0

    @property
    def has_premium(self) -> bool:
        """Whether premium is running, as promo or as gameplay knows it: one of them may not have heard yet."""
        return self.rank > 0 or self.moment.is_premium

    @property
    def is_rank_known(self) -> bool:
        """Whether promo knows which plan is running: gameplay may know of one that promo has not heard of yet."""
        return self.rank > 0 or not self.moment.is_premium

    def ends_within(self, rank: int, span: timedelta) -> bool:
        """Whether the running plan is of this rank and ends within the span."""
        ends = self.prospect.premium.ends
        return self.rank == rank and ends is not None and ends - self.now <= span

    def ended_within(self, rank: int, span: timedelta) -> bool:
        """Whether the last plan was of this rank and ended within the span."""
        premium = self.prospect.premium
        return premium.rank == rank and premium.ends is not None and timedelta() <= self.now - premium.ends <= span

    # -- the streak ------------------------------------------------------------------------------

    @property
    def streak(self) -> int:
        """Days in a row: what gameplay says now, else what promo heard last."""
        said = self.moment.streak_days
        return self.prospect.streak.days if said is None else said

    @property
    def has_played_today(self) -> bool:
        """Whether this Berlin day is an active one already."""
        return self.moment.has_played_today or self.days_away == 0

    @property
    def days_away(self) -> int | None:
        """How many Berlin days ago they last played; None: never, as far as is known."""
        last = self.prospect.streak.active_on
        return None if last is None else max(0, (day_of(self.now).local - last).days)

    # -- purchases -------------------------------------------------------------------------------

    def bought(self, product: Product, within: timedelta) -> int:
        """How many of a product they bought of late (14 days at most), without what was given back."""
        recent = (one for one in self.prospect.purchases if one.product is product)
        return sum(one.at > self.now - within for one in recent)

    def can_use(self, product: Product) -> bool:
        """Whether payments would sell it to them now, and it would be of use."""
        if product in PLANS:
            return self.is_rank_known and PLANS.index(product) + 1 > self.rank
        if product is Product.STREAK_SAVER_20:
            return not self.bought(product, SAVER_EVERY)
        return not (self.has_premium and product in _IDLE_WITH_PREMIUM)
