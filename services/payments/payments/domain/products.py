"""What each product gives (DOMAIN §5): the part of the catalogue that is a rule. Prices are data, in a table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from contracts.payments import Product


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """What a product gives; 0 where it gives nothing of a kind."""

    paid_energy: int = 0
    mode_hours: int = 0
    """Access to each of the locked modes, in hours."""
    saver_tokens: int = 0
    duel_tickets: int = 0
    premium_days: int = 0
    premium_rank: int = 0
    """1 Starter, 2 Month, 3 Season, 4 Year; above 0 exactly when there are premium days."""

    @property
    def is_premium(self) -> bool:
        """True for premium, which payments keeps itself; the rest is gameplay's to give."""
        return self.premium_days > 0


GIFTS: Final[Mapping[Product, Gift]] = MappingProxyType(
    {
        Product.ENERGY_10: Gift(paid_energy=10),
        Product.MEGA_PACK_15: Gift(paid_energy=15, mode_hours=24),
        Product.STREAK_SAVER_20: Gift(saver_tokens=1),
        Product.DUEL_TICKET_5: Gift(duel_tickets=1),
        Product.PREMIUM_STARTER: Gift(premium_days=7, premium_rank=1),
        Product.PREMIUM_MONTH: Gift(premium_days=30, premium_rank=2),
        Product.PREMIUM_SEASON: Gift(premium_days=90, premium_rank=3),
        Product.PREMIUM_YEAR: Gift(premium_days=365, premium_rank=4),
    }
)


def gives(product: Product) -> Gift:
    """Return what a product gives."""
    return GIFTS[product]
