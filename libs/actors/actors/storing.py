"""Whether JetStream stores: asked by storing something. A server whose disk is full is connected, and takes nothing."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from actors import metrics
from actors.publisher import Publisher
from contracts.subjects import ready_stream, ready_subject

GOOD_FOR_SECONDS: Final = 5.0
_INTERVAL_SECONDS: Final = 10.0

log = structlog.get_logger()


class Storing:
    """Stores a message in a stream of the service's own that keeps one, and remembers for a moment what came of it."""

    def __init__(self, service: str, publisher: Publisher, *, timer: Callable[[], float] = time.monotonic) -> None:
        """Store through `publisher`."""
        self._subject = ready_subject(service)
        self._stream = ready_stream(service)
        self._publisher = publisher
        self._timer = timer
        self._good_until = 0.0
        self._obstacle = ""
        metrics.JETSTREAM_STORES.set(1)

    async def run(self) -> None:
        """Look again and again, until cancelled, so that the metric is true when nobody asks."""
        while True:
            await self.obstacle()
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def obstacle(self) -> str:
        """Return why JetStream does not store; empty when it does. An answer is good for GOOD_FOR_SECONDS."""
        if self._timer() < self._good_until:
            return self._obstacle
        self._good_until = self._timer() + GOOD_FOR_SECONDS
        (error,) = await self._publisher.publish([(self._subject, {}, b"")])
        obstacle = "" if error is None else f"JetStream stores nothing in {self._stream}: {error}"
        if obstacle and not self._obstacle:
            log.critical("jetstream_stores_nothing", stream=self._stream, error=str(error))
        elif self._obstacle and not obstacle:
            log.warning("jetstream_stores_again", stream=self._stream)
        metrics.JETSTREAM_STORES.set(0 if obstacle else 1)
        self._obstacle = obstacle
        return obstacle
