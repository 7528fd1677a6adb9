"""Reference rates: what a euro is worth in the currencies that have no price of their own (DOMAIN §5)."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import ClassVar, Final

import msgspec

from contracts.berlin import ONE_DAY, day_of
from contracts.message import Command
from contracts.payments import Currency

MICRO: Final = 1_000_000
AGE_DAYS_MAX: Final = 7
"""A rate older than this is refused."""
CURRENCIES: Final = (Currency.USD, Currency.GBP)
"""The currencies whose rates are kept."""
PER_EURO_MAX: Final = 1_000_000
"""More units for one euro than this are taken for a fault of the source."""


class ReferenceRate(msgspec.Struct, frozen=True):
    """What one euro was worth on a day."""

    currency: Currency
    day: date
    """The day the source dates it; a local date in Europe/Berlin."""
    rate_micro: int
    """Millionths of a unit for one euro: 1,084,200 for 1.0842."""

    def is_too_old(self, now: datetime) -> bool:
        """Whether nothing may be priced with it any more: dated more than 7 days before today."""
        return (today(now) - self.day).days > AGE_DAYS_MAX

    def factor(self) -> Fraction:
        """Return units for one euro, exactly."""
        return Fraction(self.rate_micro, MICRO)

    def written(self) -> str:
        """Return the rate as a person writes it: `1.0842`."""
        whole, millionths = divmod(self.rate_micro, MICRO)
        return f"{whole}.{millionths:06d}".rstrip("0").rstrip(".")


class RatesFetched(msgspec.Struct, frozen=True):
    """Rates to be written down, and when they were fetched."""

    rates: tuple[ReferenceRate, ...]
    at: datetime


class RecordRates(Command, frozen=True, kw_only=True):
    """What the source said. Never leaves the service."""

    subject: ClassVar[str] = "payments.cmd.{day}.record_rates"
    day: date
    rates: tuple[ReferenceRate, ...]


def today(now: datetime) -> date:
    """Return the day that a rate of this instant would have."""
    return day_of(now).local


def believable(day: date, per_euro: Mapping[str, Fraction], now: datetime) -> tuple[ReferenceRate, ...]:
    """Return the rates that payments keeps, out of all that a source has for a day.

    A day that has not come yet, or a rate out of any proportion, is a fault of the source: it would stand above all
    later ones, or price a year of premium at a cent. Such rates are left out.
    """
    if day > today(now) + ONE_DAY:
        return ()
    found = ((currency, per_euro[currency]) for currency in CURRENCIES if currency in per_euro)
    rates = (ReferenceRate(currency, day, round(rate * MICRO)) for currency, rate in found)
    return tuple(rate for rate in rates if 0 < rate.rate_micro <= PER_EURO_MAX * MICRO)
