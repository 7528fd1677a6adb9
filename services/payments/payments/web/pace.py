"""How often one address may come: a bucket of tries that fills up again."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

ADDRESSES_MAX: Final = 10_000
"""Then the one that was away longest is forgotten; its bucket is likely full again."""
_IPV6_NEIGHBOURS: Final = 64
"""Bits of an IPv6 address that a household shares."""


class Pace:
    """Buckets by address, in the memory of one process."""

    def __init__(self, *, at_once: int, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        """Allow `at_once` tries after a quiet time and `per_second` in the long run."""
        self._at_once = at_once
        self._per_second = per_second
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Count a try; returns 0, or the seconds after which the next one is let in."""
        now, key = self._now(), _household(address)
        left, since = self._buckets.get(key, (float(self._at_once), now))
        left = min(self._at_once, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > ADDRESSES_MAX:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self._per_second))


def address_of(remote: str | None, forwarded: str, proxies: int) -> str:
    """Return where a request came from: what our own outermost proxy saw, as each adds one entry at the end."""
    entries = [entry.strip() for entry in forwarded.split(",")] if forwarded else []
    return entries[-proxies] if 0 < proxies <= len(entries) else remote or ""


def _household(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _IPV6_NEIGHBOURS), strict=False))
    return str(found)
