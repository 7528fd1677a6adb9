"""The books of uses: what a redemption's end does to the counters of its campaign and code (DOMAIN §7).

used = APPLIED + APPLIED_LATE + REVOKED, reserved = RESERVED; the used total never falls.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.promo import RedemptionState
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.redemption import Redemption


class Booking(msgspec.Struct, frozen=True):
    """A redemption with the two that count it."""

    redemption: Redemption
    campaign: Campaign
    code: Code

    def reserve(self) -> None:
        """Count a new reservation: it holds a use."""
        self.campaign.reserved += 1
        self.code.reserved += 1

    def expire(self, now: datetime) -> None:
        """Let a reservation go; its use is free again."""
        self._release()
        self._end(RedemptionState.EXPIRED, now)

    def apply(self, purchase_id: UUID, now: datetime) -> bool:
        """Use it for a purchase that was credited; returns whether that came after it had expired.

        Without effect when it was used before. What comes late is honoured all the same and counts as overrun.
        """
        if self.redemption.state is RedemptionState.RESERVED:
            self._release()
            self._use(RedemptionState.APPLIED, purchase_id, now)
            return False
        if self.redemption.state is not RedemptionState.EXPIRED:
            return False
        self.campaign.overrun += 1
        self._use(RedemptionState.APPLIED_LATE, purchase_id, now)
        return True

    def revoke(self, purchase_id: UUID, now: datetime) -> bool:
        """Take it back with the money of the purchase it was used for; returns whether that is news. The use stays."""
        redemption = self.redemption
        is_used = redemption.state in (RedemptionState.APPLIED, RedemptionState.APPLIED_LATE)
        if redemption.purchase_id != purchase_id or not is_used:
            return False
        self._end(RedemptionState.REVOKED, now)
        return True

    def _release(self) -> None:
        self.campaign.reserved -= 1
        self.code.reserved -= 1

    def _use(self, state: RedemptionState, purchase_id: UUID, now: datetime) -> None:
        self.campaign.count_use(now)
        self.code.used += 1
        self.redemption.purchase_id = purchase_id
        self._end(state, now)

    def _end(self, state: RedemptionState, now: datetime) -> None:
        self.redemption.state, self.redemption.changed_at = state, now
        self.redemption.reserved_until = None
