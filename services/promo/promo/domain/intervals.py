"""95 % intervals (DOMAIN §8): of a share, of a mean, and of what two groups differ by."""

from math import sqrt
from typing import Final

import msgspec

from contracts.promo import Estimate

_Z: Final = 1.959963984540054
"""The normal distribution has 95 % within so many standard deviations."""


class Sample(msgspec.Struct, frozen=True):
    """Players of a group and what they bought: how many of them anything, Stars in all, and the sum of the squares."""

    players: int = 0
    buyers: int = 0
    stars: int = 0
    stars_squared: int = 0

    @property
    def mean(self) -> float:
        """Stars a player."""
        return self.stars / self.players if self.players else 0.0

    @property
    def mean_variance(self) -> float:
        """The variance of that mean; 0 for fewer than two players."""
        if self.players < 2:
            return 0.0
        spread = max(0.0, self.stars_squared - self.stars * self.stars / self.players)
        return spread / (self.players - 1) / self.players


def share(part: int, whole: int) -> Estimate:
    """Return a share with Wilson's interval, which holds for small numbers too; nothing of nothing."""
    if not whole:
        return Estimate()
    p, z2 = part / whole, _Z * _Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z / (1 + z2 / whole) * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    return Estimate(value=p, low=max(0.0, middle - half), high=min(1.0, middle + half))


def mean(sample: Sample) -> Estimate:
    """Return Stars a player, by the normal approximation; nothing for fewer than two players."""
    return _around(sample.mean, sample.mean_variance) if sample.players > 1 else Estimate()


def share_difference(one: Sample, other: Sample) -> Estimate:
    """Return by how much the share of buyers differs, by Newcombe's method: from Wilson's intervals of both."""
    a, b = share(one.buyers, one.players), share(other.buyers, other.players)
    if a.value is None or a.low is None or a.high is None or b.value is None or b.low is None or b.high is None:
        return Estimate()
    difference = a.value - b.value
    return Estimate(
        value=difference,
        low=difference - sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2),
        high=difference + sqrt((a.high - a.value) ** 2 + (b.value - b.low) ** 2),
    )


def mean_difference(one: Sample, other: Sample) -> Estimate:
    """Return by how many Stars a player the groups differ (Welch); nothing for fewer than two players in one."""
    if min(one.players, other.players) < 2:
        return Estimate()
    return _around(one.mean - other.mean, one.mean_variance + other.mean_variance)


def _around(value: float, variance: float) -> Estimate:
    half = _Z * sqrt(variance)
    return Estimate(value=value, low=value - half, high=value + half)
