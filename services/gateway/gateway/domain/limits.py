"""Token buckets, as pure functions of the time (DOMAIN §11)."""

from datetime import datetime
from enum import Enum

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """How fast a bucket fills and how much it holds."""

    per_second: float
    burst: int


class Verdict(Enum):
    """What a limit says to one update."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOTICE = "notice"
    """Over the limit, and the player has not been told for a minute."""
    SILENCE = "silence"


TAPS = Rate(per_second=5, burst=10)
COMMANDS = Rate(per_second=10 / 60, burst=10)
NOTICE_SECONDS = 60
TOKEN_ERROR = 1e-9
"""What adding up fractions of tokens may lose."""


def refill(tokens: float, since: datetime | None, now: datetime, rate: Rate) -> float:
    """Return the tokens at `now` of a bucket that held `tokens` at `since`; a clock that went back adds none."""
    if since is None:
        return float(rate.burst)
    elapsed = max(0.0, (now - since).total_seconds())
    return min(float(rate.burst), tokens + elapsed * rate.per_second)
