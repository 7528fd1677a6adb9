"""A budget's periods by Berlin's calendar (DOMAIN §7)."""

from datetime import UTC, date, datetime

import pytest

from contracts.promo import BudgetPeriod
from promo.domain.budget import Budget


@pytest.mark.parametrize(
    ("period", "now", "opens"),
    [
        (BudgetPeriod.DAY, datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # 23 h
        (BudgetPeriod.DAY, datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # 25 h
        (BudgetPeriod.WEEK, datetime(2026, 3, 29, 21, 59, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (BudgetPeriod.MONTH, datetime(2026, 1, 31, 22, 59, tzinfo=UTC), datetime(2026, 1, 31, 23, tzinfo=UTC)),
    ],
)
def test_it_opens_at_midnight_in_berlin(period: BudgetPeriod, now: datetime, opens: datetime) -> None:
    budget = Budget(1, period=period).spend(1, now)
    assert not budget.has_room(1, now)
    assert budget.opens_again(now) == opens
    assert budget.has_room(1, opens)


def test_a_clock_that_is_behind_at_midnight_opens_no_past_budget() -> None:
    midnight = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
    before = datetime(2026, 3, 4, 22, 59, 59, tzinfo=UTC)
    budget = Budget(2).spend(1, before).spend(1, midnight).spend(1, before)
    assert (budget.period_begins, budget.spent) == (date(2026, 3, 5), 2)
