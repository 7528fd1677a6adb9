"""The offers there are (DOMAIN §8). To add one: a declaration here, and its text in the gateway's catalogues."""

from datetime import timedelta
from typing import Final

from contracts.payments import Product
from contracts.promo import OfferSurface
from promo.domain.sight import Sight
from promo.domain.trigger import PersonalDiscount, declared, trigger

__all__ = ["declared"]

STARTER, MONTH = 1, 2
"""Ranks of premium."""
FRIDAY, SATURDAY = 4, 5
WELCOME_BACK: Final = PersonalDiscount(percent=20, lasts=timedelta(hours=48))


@trigger("ENERGY_ZERO", 100, Product.ENERGY_10, Product.MEGA_PACK_15, Product.PREMIUM_MONTH)
def energy_zero(sight: Sight) -> bool:
    """There is nothing left to play with."""
    return sight.energy == 0 and not sight.has_premium


@trigger("STREAK_RISK_22", 95, Product.STREAK_SAVER_20)
def streak_risk_22(sight: Sight) -> bool:
    """A long streak ends in less than two hours."""
    return sight.streak > 14 and sight.local.hour >= 22 and not sight.has_played_today


@trigger("STARTER_EXPIRED", 92, Product.PREMIUM_MONTH)
def starter_expired(sight: Sight) -> bool:
    """The small plan is over."""
    return sight.ended_within(STARTER, timedelta(hours=48)) and not sight.has_premium


@trigger("LOCKED_MODE_CLICK", 90, Product.MEGA_PACK_15)
def locked_mode_click(sight: Sight) -> bool:
    """They wanted to play what is locked."""
    return sight.moment.surface is OfferSurface.LOCKED and not sight.has_premium


@trigger("MEGA_THIRD_BUY", 88, Product.PREMIUM_STARTER)
def mega_third_buy(sight: Sight) -> bool:
    """For what they spend on mega packs there is premium."""
    return sight.bought(Product.MEGA_PACK_15, timedelta(days=14)) >= 3


@trigger("COMEBACK_3D", 85, Product.MEGA_PACK_15, discount=WELCOME_BACK)
def comeback_3d(sight: Sight) -> bool:
    """They were away: the last day they played is three Berlin days ago or more."""
    return sight.days_away is not None and sight.days_away >= 3


@trigger("ENERGY10_SECOND_BUY", 80, Product.MEGA_PACK_15)
def energy10_second_buy(sight: Sight) -> bool:
    """For a little more there are the locked modes too."""
    return sight.bought(Product.ENERGY_10, timedelta(days=7)) >= 2


@trigger("MONTH_EXPIRING", 70, Product.PREMIUM_SEASON, Product.PREMIUM_YEAR)
def month_expiring(sight: Sight) -> bool:
    """A bigger plan takes the days that are left along."""
    return sight.ends_within(MONTH, timedelta(hours=72))


@trigger("ENERGY_LOW", 60, Product.ENERGY_10, is_blocking=False)
def energy_low(sight: Sight) -> bool:
    """A few rounds are left."""
    return 1 <= sight.energy <= 3 and not sight.has_premium


@trigger("STREAK_MILESTONE_30", 55, Product.STREAK_SAVER_20, Product.PREMIUM_MONTH)
def streak_milestone_30(sight: Sight) -> bool:
    """A streak that is worth protecting."""
    return sight.streak >= 30


@trigger("STREAK_GT7", 50, Product.MEGA_PACK_15)
def streak_gt7(sight: Sight) -> bool:
    """Somebody who is here every day."""
    return sight.streak > 7


@trigger("WEEKEND_FLASH", 40, Product.MEGA_PACK_15, is_blocking=False)
def weekend_flash(sight: Sight) -> bool:
    """From Friday 18:00 to the end of Sunday in Berlin."""
    local = sight.local
    return local.weekday() >= SATURDAY or (local.weekday() == FRIDAY and local.hour >= 18)
