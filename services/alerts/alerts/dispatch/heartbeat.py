"""What an outside watcher and Prometheus see of alerts itself (DOMAIN §10).

The heartbeat is sent only while alerts does its work: nothing has waited 120 s to be told, and its own clock, which
goes through NATS and Postgres, has struck within them. When it stays away, somebody else tells people.
"""

import asyncio
from datetime import datetime
from typing import Final

import aiohttp
import asyncpg
import structlog

from actors.clock import Clock
from alerts import metrics
from alerts.store.deliveries import DeliveryQueue
from alerts.store.figures import clock_struck_at, count_open
from contracts.alerts import AlertState, ChannelName, Severity

QUEUE_AGE_MAX_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 5.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)

log = structlog.get_logger()


class Heartbeat:
    """Looks at the queue every few seconds, and calls the watcher."""

    def __init__(
        self, session: aiohttp.ClientSession, queue: DeliveryQueue, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock
    ) -> None:
        """Call by `session`."""
        self._session = session
        self._queue = queue
        self._pool = pool
        self._clock = clock

    async def watch(self) -> None:
        """Keep the gauges true until cancelled."""
        while True:
            await self.measure()
            await asyncio.sleep(_LOOK_SECONDS)

    async def measure(self) -> float:
        """Set the gauges; returns the age in seconds of the oldest notice that waits."""
        now = self._clock.now()
        waiting = await self._queue.waiting()
        ages = {channel: _age(oldest, now) for channel, (_, oldest) in waiting.items()}
        for channel in ChannelName:
            metrics.QUEUE_WAITING.labels(channel).set(waiting[channel][0] if channel in waiting else 0)
            metrics.QUEUE_AGE.labels(channel).set(ages.get(channel, 0.0))
        standing = await count_open(self._pool)
        for severity in Severity:
            for state in (AlertState.OPEN, AlertState.ACKED):
                metrics.OPEN.labels(severity, state).set(standing.get((severity, state), 0))
        return max(ages.values(), default=0.0)

    async def beat(self, url: str, seconds: float) -> None:
        """Call the watcher every so many seconds, until cancelled, while there is nothing to be ashamed of."""
        while True:
            await asyncio.sleep(seconds)
            await self.beat_once(url)

    async def beat_once(self, url: str) -> bool:
        """Call the watcher unless alerts is late itself; returns whether it has heard."""
        late = await self._late()
        if late:
            log.error("heartbeat_withheld", reason=late)
            metrics.HEARTBEATS.labels("withheld").inc()
            return False
        try:
            async with self._session.get(url, timeout=_TIMEOUT) as answer:
                is_heard = answer.status < 400
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("heartbeat_failed", error=type(error).__name__)
            is_heard = False
        metrics.HEARTBEATS.labels("sent" if is_heard else "failed").inc()
        return is_heard

    async def _late(self) -> str:
        """Return in what alerts is late; empty when it is not. When Postgres cannot say, it is."""
        try:
            age = await self.measure()
            struck_at = await clock_struck_at(self._pool)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return f"Postgres: {type(error).__name__}"
        if age >= QUEUE_AGE_MAX_SECONDS:
            return f"a notice has waited {age:.0f} s"
        if struck_at is None or _age(struck_at, self._clock.now()) >= QUEUE_AGE_MAX_SECONDS:
            return "its clock has not struck for 120 s"
        return ""


def _age(moment: datetime, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0)
