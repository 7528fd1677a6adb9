"""How long updates wait for each other: not at all while few come, longer the more there are (decision 29)."""

import math
from typing import Final

SECONDS_MAX: Final = 0.05
"""From one publishing to the next when many updates come."""
FEW: Final = 120.0
"""Updates a second up to which none waits: each is worth its own turns when there is time for them."""
MANY: Final = 250.0
"""Updates a second from which they wait for the whole of `SECONDS_MAX`."""
_MEMORY_SECONDS: Final = 0.5


class Gathering:
    """Follows the rate at which updates come."""

    def __init__(self) -> None:
        self._rate = 0.0
        self._at = 0.0

    def arrived(self, now: float) -> None:
        """Count one update at `now`, in seconds of a clock that does not go back."""
        self._rate = self._faded(now) + 1 / _MEMORY_SECONDS
        self._at = now

    def seconds(self, now: float) -> float:
        """Return how long to wait from one publishing to the next, at the rate of the last half second or so."""
        share = (self._faded(now) - FEW) / (MANY - FEW)
        return SECONDS_MAX * min(1.0, max(0.0, share))

    def _faded(self, now: float) -> float:
        return self._rate * math.exp((self._at - now) / _MEMORY_SECONDS)
