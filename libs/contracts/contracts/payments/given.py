"""What is given without a payment, and taken back again: for promo codes, referrals, by hand (DOMAIN §5, §7, §9)."""

from typing import ClassVar
from uuid import UUID

from contracts.message import Command


class GrantPremium(Command, frozen=True, kw_only=True):
    """Give premium days without a payment: by hand, for a promo code or a referral (DOMAIN §7, §9).

    Active premium is extended with its rank unchanged; else new premium begins with this rank.
    """

    subject: ClassVar[str] = "payments.cmd.{player_id}.grant_premium"
    version: ClassVar[int] = 2
    player_id: int
    days: int
    rank: int
    """1 Starter, 2 Month, 3 Season, 4 Year."""
    source: str = "PROMO"
    """The house account that gives: `PROMO` or `REFERRAL`."""
    reason: str
    grant_id: UUID | None = None
    """What the days are given for, such as a redemption: they are given once for it. None: by this command's own id."""


class GrantGoods(Command, frozen=True, kw_only=True):
    """Give goods for the game without a payment, such as a referral's reward (DOMAIN §9), once for each grant id."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.grant_goods"
    player_id: int
    grant_id: UUID
    """What they are given for."""
    paid_energy: int = 0
    mode_hours: int = 0
    """Access to each of the locked modes, in hours."""
    source: str
    """The house account that gives: `PROMO` or `REFERRAL`."""
    reason: str


class RevokeGrant(Command, frozen=True, kw_only=True):
    """Take back what was given without a payment, goods or premium days, as far as it is still there; once."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.revoke_grant"
    player_id: int
    grant_id: UUID
    reason: str
