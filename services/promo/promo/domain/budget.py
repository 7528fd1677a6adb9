"""The budget of a campaign: so much per Berlin day, week or month (DOMAIN §7)."""

from datetime import date, datetime, timedelta

import msgspec

from contracts.berlin import day, day_of, monday_of
from contracts.promo import BudgetPeriod, BudgetUnit


def begins_on(period: BudgetPeriod, instant: datetime) -> date:
    """Return the local date on which the period begins in which an instant lies; weeks begin on Monday."""
    local = day_of(instant).local
    if period is BudgetPeriod.WEEK:
        return monday_of(local)
    return local.replace(day=1) if period is BudgetPeriod.MONTH else local


def opens_again(period: BudgetPeriod, instant: datetime) -> datetime:
    """Return the instant (UTC) at which the next period begins: 00:00 in Berlin, whatever the clock did meanwhile."""
    begin = begins_on(period, instant)
    if period is BudgetPeriod.MONTH:
        following = (begin + timedelta(days=31)).replace(day=1)
    else:
        following = begin + timedelta(days=7 if period is BudgetPeriod.WEEK else 1)
    return day(following).begins


class Budget(msgspec.Struct, frozen=True):
    """How much may go per period, and how much has gone in the one that was touched last."""

    limit: int
    unit: BudgetUnit = BudgetUnit.USES
    period: BudgetPeriod = BudgetPeriod.DAY
    period_begins: date | None = None
    """Of what `spent` counts; None before the first use."""
    spent: int = 0

    def spent_at(self, now: datetime) -> int:
        """Return what has gone in the period in which `now` lies."""
        return self.spent if self.period_begins == self._begins(now) else 0

    def has_room(self, amount: int, now: datetime) -> bool:
        """Whether so many uses or Stars are left before the next period."""
        return self.spent_at(now) + amount <= self.limit

    def spend(self, amount: int, now: datetime) -> "Budget":
        """Return the budget with so many uses or Stars gone."""
        return msgspec.structs.replace(self, spent=self.spent_at(now) + amount, period_begins=self._begins(now))

    def correct(self, amount: int, begins: date | None) -> "Budget":
        """Return the budget with so much more gone, or less, of the period that began then: what is past stays past."""
        if begins is None or self.period_begins != begins:
            return self
        return msgspec.structs.replace(self, spent=self.spent + amount)

    def opens_again(self, now: datetime) -> datetime:
        """Return when the next period begins."""
        return opens_again(self.period, now)

    def _begins(self, now: datetime) -> date:
        """Return when the period of `now` began; a clock that is behind at midnight opens no past one again."""
        begins = begins_on(self.period, now)
        return begins if self.period_begins is None else max(begins, self.period_begins)
