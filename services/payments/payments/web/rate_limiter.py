"""How often one address may come, and which address a request comes from."""

import ipaddress
import math
from typing import Final

from actors.clock import Clock
from actors.token_bucket import Rate, TokenBuckets

ADDRESSES_MAX: Final = 10_000
"""The bucket of one that was away longest is likely full again."""
_IPV6_NEIGHBOURS: Final = 64
"""Bits of an IPv6 address that a household shares."""


class RateLimiter:
    """Buckets of tries by address; a household's IPv6 addresses share one."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        """Allow as many tries as the rate does."""
        self._rate = rate
        self._clock = clock
        self._buckets = TokenBuckets[str](ADDRESSES_MAX)

    def wait(self, address: str) -> int:
        """Count a try; returns 0, or the seconds after which the next one is let in."""
        return math.ceil(self._buckets.take(_household(address), self._clock.now(), self._rate))


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
