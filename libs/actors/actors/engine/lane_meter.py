"""What one lane's turns are measured by: its metrics are looked up once, not at every turn."""

from collections.abc import Sequence
from datetime import datetime

from actors import metrics
from actors.clock import Clock
from actors.engine.delivery import Delivery
from actors.engine.turn_result import TurnResult


class LaneMeter:
    """Counts the turns of one lane."""

    def __init__(self, lane: str, clock: Clock) -> None:
        """Count under the lane's name."""
        self._clock = clock
        self._turns = metrics.TURNS.labels(lane)
        self._seconds = metrics.TURN_SECONDS.labels(lane)
        self._messages = metrics.TURN_MESSAGES.labels(lane)
        self._redeliveries = metrics.REDELIVERIES.labels(lane)
        self._waited = metrics.WAITED_SECONDS.labels(lane)

    def over(self, lasted: Sequence[tuple[str, datetime]]) -> None:
        """Measure what a committed turn brought to its end."""
        for what, since in lasted:
            metrics.took_seconds(what).observe(max(0.0, (self._clock.now() - since).total_seconds()))

    def taken(self, batch: Sequence[Delivery], seconds: float, taken: TurnResult) -> None:
        """Count a turn that was taken for `batch` in `seconds`."""
        self._turns.inc()
        self._seconds.observe(seconds)
        if not batch:
            return
        self._messages.observe(len(batch))
        oldest = min(delivery.envelope.time for delivery in batch)
        self._waited.observe(max(0.0, (self._clock.now() - oldest).total_seconds()))
        if taken.duplicates:
            self._redeliveries.inc(taken.duplicates)
