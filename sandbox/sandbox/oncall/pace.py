"""How many calls a provider takes: a window that looks back from now."""

import math
from collections import deque

from sandbox.clock import Clock


class Pace:
    """At most `calls` in any `seconds`; what is refused does not count."""

    def __init__(self, clock: Clock, calls: int, seconds: float) -> None:
        self._clock = clock
        self._calls = calls
        self._seconds = seconds
        self._taken: deque[float] = deque()
        self.refused = 0

    def wait(self) -> int:
        """Take a call: 0, or the whole seconds until there is room again."""
        now = self._clock.now()
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        if len(self._taken) < self._calls:
            self._taken.append(now)
            return 0
        self.refused += 1
        return max(1, math.ceil(self._taken[0] + self._seconds - now))
