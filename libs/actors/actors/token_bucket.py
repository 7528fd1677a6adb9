"""Token partitions: how fast something may come in the long run, and how much of it at once after a quiet time."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

TOKEN_ERROR = 1e-9
"""What adding up fractions of tokens may lose."""

K = TypeVar("K", bound=Hashable)


class Rate(msgspec.Struct, frozen=True):
    """How fast a partition fills and how much it holds."""

    per_second: float
    burst: int


def refill(tokens: float, since: datetime | None, now: datetime, rate: Rate) -> float:
    """Return the tokens at `now` of a partition that held `tokens` at `since`; a clock that went back adds none.

    A partition that nothing was taken from yet (`since` None) is full.
    """
    if since is None:
        return float(rate.burst)
    elapsed = max(0.0, (now - since).total_seconds())
    return min(float(rate.burst), tokens + elapsed * rate.per_second)


def take(tokens: float, since: datetime | None, now: datetime, rate: Rate) -> tuple[float, float]:
    """Take a token; return (tokens left, 0), or (tokens there, seconds until there is one)."""
    full = refill(tokens, since, now, rate)
    if full >= 1 - TOKEN_ERROR:
        return max(0.0, full - 1), 0.0
    return full, (1 - full) / rate.per_second


class TokenBuckets(Generic[K]):
    """Partitions by key, in the memory of one process."""

    def __init__(self, keys_max: int) -> None:
        """Start with every partition full. Of more than `keys_max`, the one that was away longest is forgotten."""
        self._keys_max = keys_max
        self._partitions: OrderedDict[K, tuple[float, datetime]] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._partitions)

    def take(self, key: K, now: datetime, rate: Rate) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        tokens, since = self._partitions.get(key, (0.0, None))
        tokens, wait_seconds = take(tokens, since, now, rate)
        self._partitions[key] = (tokens, now)
        self._partitions.move_to_end(key)
        if len(self._partitions) > self._keys_max:
            self._partitions.popitem(last=False)
        return wait_seconds
