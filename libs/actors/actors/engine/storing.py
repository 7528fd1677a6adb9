"""Whether JetStream stores: asked by storing something, and seen in what came of publishing to each stream.

A server whose disk was full is connected, and so are its clients; it may take nothing, or one stream of it may.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import asyncpg
import structlog

from actors import metrics
from actors.clock import Clock
from actors.engine.publisher import Publisher
from actors.engine.rows import OutboxRow
from actors.engine.tables import leave
from actors.engine.turns import new_batch
from actors.turn import Emitted
from contracts.envelope import first_envelope
from contracts.ground import StorageCleared, StorageFailed
from contracts.message import subject_of
from contracts.subjects import ready_stream, ready_subject

GOOD_FOR_SECONDS: Final = 5.0
_INTERVAL_SECONDS: Final = 10.0
_ERROR_LENGTH_MAX: Final = 300

log = structlog.get_logger()


class Storing:
    """Stores a message in a stream of the service's own that keeps one, and remembers for a moment what came of it.

    What begins and ends is told by events, through the outbox: they arrive when there is a way.
    """

    def __init__(
        self,
        service: str,
        publisher: Publisher,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Store through `publisher`; `timer` counts seconds."""
        self._service = service
        self._subject = ready_subject(service)
        self._publisher = publisher
        self._pool = pool
        self._clock = clock
        self._timer = timer
        self._good_until = 0.0
        self._broken: dict[str, str] = {}
        self._told: set[str] = set()
        metrics.JETSTREAM_STORES.set(1)

    async def run(self) -> None:
        """Look again and again, until cancelled, so that metric and events are true when nobody asks."""
        while True:
            await self.obstacle()
            try:
                await self._tell()
            except Exception as error:
                log.warning("storage_not_told", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def obstacle(self) -> str:
        """Return which streams take nothing, and why; empty when all do. An answer is good for GOOD_FOR_SECONDS."""
        if self._timer() >= self._good_until:
            self._good_until = self._timer() + GOOD_FOR_SECONDS
            await self._look()
        return "; ".join(f"JetStream stores nothing in {stream}: {error}" for stream, error in self._broken.items())

    async def _look(self) -> None:
        (error,) = await self._publisher.publish([(self._subject, {}, b"")])
        broken = {} if error is None else {ready_stream(self._service): str(error)}
        broken |= {one.stream: one.error for one in self._publisher.troubles.standing()}
        for stream in broken.keys() - self._broken.keys():
            log.critical("jetstream_stores_nothing", stream=stream, error=broken[stream])
        for stream in self._broken.keys() - broken.keys():
            log.warning("jetstream_stores_again", stream=stream)
        metrics.JETSTREAM_STORES.set(0 if broken else 1)
        self._broken = broken

    async def _tell(self) -> None:
        """Leave an event in the outbox for each stream that broke or works again since the last time."""
        now = self._clock.now()
        events = [
            *(self._failed(stream) for stream in sorted(self._broken.keys() - self._told)),
            *(
                StorageCleared(service=self._service, stream=stream, at=now)
                for stream in sorted(self._told - self._broken.keys())
            ),
        ]
        if not events:
            return
        batch = new_batch(now)
        rows: list[OutboxRow] = []
        for place, event in enumerate(events):
            envelope = first_envelope(event, identifier=f"storage:{batch}/{place}", time=now, source=self._service)
            rows.append(OutboxRow.of_message(batch, place, Emitted(subject_of(event), envelope, event)))
        async with self._pool.acquire() as connection:
            await leave(connection, rows)
        self._told = set(self._broken)

    def _failed(self, stream: str) -> StorageFailed:
        error = self._broken[stream][:_ERROR_LENGTH_MAX]
        return StorageFailed(service=self._service, stream=stream, error=error, at=self._clock.now())
