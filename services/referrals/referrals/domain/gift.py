"""What referrals gave (DOMAIN §9): written down with what it was for, and given by payments under its id."""

from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from contracts.payments import GrantGoods, GrantPremium, RevokeGrant
from contracts.referrals import RewardChoice

SOURCE: Final = "REFERRAL"
NOT_EARNED: Final = "referral reward: not earned any more"
BONUS_ENERGY: Final = 10
MEGA_PACK_ENERGY: Final = 15
MEGA_PACK_HOURS: Final = 24
STARTER_DAYS: Final = 7
STARTER_RANK: Final = 1


class Gift(msgspec.Struct, kw_only=True):
    """One grant. The database has one that stands for each slot, and one bonus for each player."""

    id: UUID
    """Of the grant at payments: told again, it is given once."""
    player_id: int
    number: int | None = None
    """Of the slot; None: an invited player's bonus."""
    choice: RewardChoice | None = None
    """What the slot was had as; None: a bonus."""
    given_at: datetime
    changed_at: datetime
    taken_back_at: datetime | None = None

    def word(self) -> GrantGoods | GrantPremium | RevokeGrant:
        """Return what payments must have heard: that it is given, or taken back."""
        if self.taken_back_at is not None:
            return RevokeGrant(player_id=self.player_id, grant_id=self.id, reason=NOT_EARNED)
        return self.giving()

    def giving(self) -> GrantGoods | GrantPremium:
        """Return the word that gives it."""
        if self.choice is RewardChoice.PREMIUM_STARTER:
            return GrantPremium(
                player_id=self.player_id,
                days=STARTER_DAYS,
                rank=STARTER_RANK,
                source=SOURCE,
                reason="referral reward",
                grant_id=self.id,
            )
        is_bonus = self.choice is None
        return GrantGoods(
            player_id=self.player_id,
            grant_id=self.id,
            paid_energy=BONUS_ENERGY if is_bonus else MEGA_PACK_ENERGY,
            mode_hours=0 if is_bonus else MEGA_PACK_HOURS,
            source=SOURCE,
            reason="referral bonus" if is_bonus else "referral reward",
        )


def bonus_id(player_id: int) -> UUID:
    """Return the id of an invited player's bonus: one a Telegram id, whatever becomes of the referral."""
    return uuid5(NAMESPACE_URL, f"referral_bonus:{player_id}")
