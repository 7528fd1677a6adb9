"""What has arrived: numbered, with its time, the newest kept."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock

KEPT_MAX = 20_000


@dataclass(slots=True, frozen=True)
class Arrival:
    """One body that was taken. `n` rises by one within its kind, `at` is unix seconds."""

    n: int
    at: float
    place: str
    """Which of several hooks, as its address names it."""
    body: dict[str, Any]

    def view(self) -> dict[str, Any]:
        """As JSON."""
        return {"n": self.n, "at": self.at, "place": self.place, "body": self.body}


class Arrivals:
    """What one stand-in took, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.count = 0
        self.kept: deque[Arrival] = deque(maxlen=KEPT_MAX)

    def take(self, place: str, body: dict[str, Any]) -> Arrival:
        """Keep a body."""
        self.count += 1
        arrival = Arrival(self.count, self._clock.now(), place, body)
        self.kept.append(arrival)
        return arrival

    def after(self, n: int) -> list[Arrival]:
        """Everything kept with a higher number."""
        return [arrival for arrival in self.kept if arrival.n > n]

    def clear(self) -> None:
        """Forget what arrived; numbers go on."""
        self.kept.clear()


@dataclass(slots=True)
class Heartbeat:
    """One heartbeat: how often it came, and when last, unix seconds."""

    count: int
    first_at: float
    last_at: float

    def view(self) -> dict[str, Any]:
        """As JSON."""
        return {"count": self.count, "first_at": self.first_at, "last_at": self.last_at}
