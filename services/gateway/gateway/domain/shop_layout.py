"""How the shop is laid out: extras on one shelf, premium on the other (DOMAIN §5)."""

from contracts.payments import Product

EXTRAS = (Product.ENERGY_10, Product.MEGA_PACK_15, Product.STREAK_SAVER_20, Product.DUEL_TICKET_5)
PREMIUM = (Product.PREMIUM_STARTER, Product.PREMIUM_MONTH, Product.PREMIUM_SEASON, Product.PREMIUM_YEAR)
"""By rank: the first plan has rank 1."""


def plan_of(rank: int) -> Product | None:
    """Return the plan of a rank; None for none, or for one that nobody knows."""
    return PREMIUM[rank - 1] if 1 <= rank <= len(PREMIUM) else None


def plans_above(rank: int) -> tuple[Product, ...]:
    """Return the plans that may be bought while one of this rank runs."""
    return PREMIUM[max(0, rank) :]
