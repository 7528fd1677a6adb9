"""The books of uses: what a redemption's end does to the counters of its campaign and code (DOMAIN §7).

used = APPLIED + APPLIED_LATE + REVOKED, reserved = RESERVED; the used total never falls. A budget is booked when a use
is taken or held: of Stars the most that the discount can take off, once it is paid what it did take off. What expires
gives its share back while that period lasts; what is refunded does not, as its use stays used.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.promo import BudgetUnit, RedemptionState
from promo.domain.budget import Budget
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.redemption import Redemption


class Booking(msgspec.Struct, frozen=True):
    """A redemption with the two that count it; an offer's personal discount (DOMAIN §8) has neither."""

    redemption: Redemption
    campaign: Campaign | None
    code: Code | None

    @property
    def overrun(self) -> int:
        """Of the campaign; 0 where there is none."""
        return 0 if self.campaign is None else self.campaign.overrun

    def grant(self, share: int, now: datetime) -> None:
        """Count a use that is taken at once, and what it takes of the budget."""
        self._count(used=1)
        self._charge(share, now)

    def reserve(self, share: int, now: datetime) -> None:
        """Count a new reservation: it holds a use, and what it may take of the budget."""
        self._count(reserved=1)
        self._charge(share, now)

    def invoice(self, purchase_id: UUID, stars_off: int) -> None:
        """Hear how many Stars the invoice of its purchase takes off, before it is paid or after."""
        if self.redemption.purchase_id == purchase_id:
            self.redemption.stars_off = stars_off
            self._settle()

    def expire(self, now: datetime) -> None:
        """Let a reservation go; its use is free again, and so is its share of a budget whose period lasts."""
        self._count(reserved=-1)
        self._end(RedemptionState.EXPIRED, now)
        redemption, budget = self.redemption, self._budget
        if budget is not None:
            self._book(budget.correct(-redemption.budget_share, redemption.budget_begins))
            redemption.budget_begins = None

    def apply(self, purchase_id: UUID, now: datetime) -> bool:
        """Use it for a purchase that was credited; returns whether that came after it had expired.

        Without effect when it was used before. What comes late is honoured all the same and counts as overrun.
        """
        if self.redemption.state is RedemptionState.RESERVED:
            self._count(reserved=-1)
            self._use(RedemptionState.APPLIED, purchase_id, now)
            return False
        if self.redemption.state is not RedemptionState.EXPIRED:
            return False
        if self.campaign is not None:
            self.campaign.overrun += 1
        self._charge(self.redemption.budget_share, now)
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

    @property
    def _budget(self) -> Budget | None:
        return None if self.campaign is None else self.campaign.budget

    def _count(self, *, used: int = 0, reserved: int = 0) -> None:
        for counter in (self.campaign, self.code):
            if counter is not None:
                counter.used += used
                counter.reserved += reserved

    def _use(self, state: RedemptionState, purchase_id: UUID, now: datetime) -> None:
        self._count(used=1)
        if self.redemption.purchase_id != purchase_id:
            self.redemption.stars_off = None  # that was another invoice's
        self.redemption.purchase_id = purchase_id
        self._end(state, now)
        self._settle()

    def _charge(self, share: int, now: datetime) -> None:
        budget = self._budget
        if budget is not None:
            spent = budget.spend(share, now)
            self._book(spent)
            self.redemption.budget_share, self.redemption.budget_begins = share, spent.period_begins

    def _settle(self) -> None:
        """Book what a used discount did take off in place of the most that it could."""
        budget, redemption = self._budget, self.redemption
        if budget is None or budget.unit is not BudgetUnit.STARS or redemption.stars_off is None:
            return
        if redemption.is_used:
            self._book(budget.correct(redemption.stars_off - redemption.budget_share, redemption.budget_begins))
            redemption.budget_share = redemption.stars_off

    def _book(self, budget: Budget) -> None:
        if self.campaign is not None:
            self.campaign.budget = budget

    def _end(self, state: RedemptionState, now: datetime) -> None:
        self.redemption.state, self.redemption.changed_at = state, now
        self.redemption.reserved_until = None
