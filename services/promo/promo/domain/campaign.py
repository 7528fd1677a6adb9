"""A campaign: what its codes give, to whom, when, and how often (DOMAIN §7)."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import msgspec

from contracts.payments import Product
from contracts.promo import BudgetUnit, CampaignScope, CampaignStatus, CampaignType, CampaignView
from promo.domain.budget import Budget
from promo.domain.prices import PriceBook

RANK_OF_DAYS: Final[Mapping[int, int]] = MappingProxyType({7: 1, 30: 2, 90: 3})
"""The days a grant may have, and the rank of premium that begins with it: Starter, Month, Season."""
PREMIUM: Final = tuple(product for product in Product if product.startswith("PREMIUM_"))
MICRO: Final = tuple(product for product in Product if product not in PREMIUM)


class Campaign(msgspec.Struct, kw_only=True):
    """One campaign with its counters. Locking it makes the uses of all its codes follow one another."""

    name: str
    type: CampaignType
    scope: CampaignScope = CampaignScope.ANY
    premium_days: int = 0
    percent: int = 0
    valid_from: datetime
    valid_until: datetime | None = None
    """The first instant at which it is not valid any more."""
    uses_max: int | None = None
    uses_per_code_max: int | None = 1
    new_players_only: bool = False
    first_purchase_only: bool = False
    is_public: bool = False
    """Meant to be shared: the guard never pauses it, and "not applicable" is no failure."""
    budget: Budget | None = None
    status: CampaignStatus = CampaignStatus.ACTIVE
    used: int = 0
    """APPLIED, APPLIED_LATE and REVOKED redemptions; never taken back."""
    reserved: int = 0
    overrun: int = 0
    created_at: datetime
    resumed_at: datetime | None = None
    """When an operator let it go on: what the guard had found before is done with."""

    @property
    def premium_rank(self) -> int:
        """The rank of premium that begins with a grant; 0 for a discount."""
        return RANK_OF_DAYS.get(self.premium_days, 0)

    def is_depleted(self) -> bool:
        """Whether no use is left; a reservation holds one."""
        return self.uses_max is not None and self.used + self.reserved >= self.uses_max

    def has_begun(self, now: datetime) -> bool:
        """Whether its first instant is past."""
        return now >= self.valid_from

    def is_over(self, now: datetime) -> bool:
        """Whether its last instant is past."""
        return self.status is CampaignStatus.EXPIRED or (self.valid_until is not None and now >= self.valid_until)

    def share(self, prices: PriceBook) -> int:
        """Return what a use takes of the budget before it is bought with: one, or the most Stars it can take off."""
        if self.budget is None:
            return 0
        if self.budget.unit is BudgetUnit.USES:
            return 1
        return prices.most_taken_off(products_of(self.scope), self.percent)

    def roll(self, now: datetime) -> bool:
        """End it when its time is over or its uses are gone for good; returns whether it ended just now."""
        if self.status not in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED):
            return False
        if self.is_over(now):
            self.status = CampaignStatus.EXPIRED
        elif self.is_depleted() and not self.reserved:
            self.status = CampaignStatus.DEPLETED
        else:
            return False
        return True

    def switch(self, status: CampaignStatus, expected: CampaignStatus | None, now: datetime) -> str:
        """Pause it or let it go on; returns what forbids that, empty when it is done."""
        switchable = (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
        if status not in switchable:
            return "status: only ACTIVE and PAUSED can be set; the others follow from time and uses"
        if expected is not None and self.status is not expected:
            return f"expected: the campaign is {self.status}, not {expected}; look at it again, then decide"
        if self.status not in switchable:
            return f"status: the campaign is {self.status}, which is its end; make another one"
        if (self.status, status) == (CampaignStatus.PAUSED, CampaignStatus.ACTIVE):
            self.resumed_at = now
        self.status = status
        return ""

    def view(self) -> CampaignView:
        """Return it as operators see it."""
        budget = self.budget or Budget(0)
        return CampaignView(
            name=self.name,
            type=self.type,
            scope=self.scope,
            premium_days=self.premium_days,
            percent=self.percent,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            uses_max=self.uses_max,
            uses_per_code_max=self.uses_per_code_max,
            new_players_only=self.new_players_only,
            first_purchase_only=self.first_purchase_only,
            is_public=self.is_public,
            budget=None if self.budget is None else self.budget.limit,
            budget_unit=budget.unit,
            budget_period=budget.period,
            budget_spent=budget.spent,
            budget_begins=budget.period_begins,
            status=self.status,
            used=self.used,
            reserved=self.reserved,
            overrun=self.overrun,
            created_at=self.created_at,
        )


def products_of(scope: CampaignScope) -> tuple[Product, ...]:
    """Return the products that a discount of this scope fits."""
    families = {
        CampaignScope.ANY: tuple(Product),
        CampaignScope.MICRO_ANY: MICRO,
        CampaignScope.PREMIUM_ANY: PREMIUM,
    }
    return families.get(scope) or (Product(scope.value),)
