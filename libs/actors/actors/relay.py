"""The relay: publishes outbox rows that a crash or an unconfirmed publish left behind.

Rows are claimed and deleted, never paged by id: a transaction that committed late would be skipped for ever.
"""

import asyncio

import asyncpg
import msgspec
import structlog

from actors import metrics
from actors.clock import Clock
from actors.ground import SQL, OutboxRow
from actors.outage import is_outage
from actors.publisher import MailboxFullError, Publisher

_PATIENCE_SECONDS = 5.0
_INTERVAL_SECONDS = 1.0
_ROWS_MAX = 500

log = structlog.get_logger()
_headers = msgspec.json.Decoder(dict[str, str])


class Relay:
    """Looks every second for rows older than five; any number of replicas may do so at once."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", publisher: Publisher, clock: Clock) -> None:
        """Relay this pool's outbox."""
        self._pool = pool
        self._publisher = publisher
        self._clock = clock

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                while await self.sweep(patience_seconds=_PATIENCE_SECONDS) == _ROWS_MAX:
                    pass
            except Exception as error:
                log.warning("relay_waits", outage=is_outage(error), error=str(error))
            await asyncio.sleep(_INTERVAL_SECONDS)

    async def sweep(self, *, patience_seconds: float) -> int:
        """Publish and delete rows older than `patience_seconds`; returns how many were found.

        A row that a full mailbox refuses is given up and counted; the next ones go on. Rows whose outcome is unknown
        stay and are published again with the same ids.
        """
        before = int((self._clock.now().timestamp() - patience_seconds) * 1000) << 20
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetch(SQL["claim_outbox_leftovers"], before, _ROWS_MAX)
            metrics.OUTBOX_LEFTOVERS.set(len(found))
            if not found:
                return 0
            rows = [OutboxRow(r[0], r[1], r[2], _headers.decode(r[3]), r[4]) for r in found]
            outcomes = await self._publisher.publish([(row.subject, row.headers, row.body) for row in rows])
            gone = [r for r, e in zip(rows, outcomes, strict=True) if e is None or isinstance(e, MailboxFullError)]
            if gone:
                await connection.execute(
                    SQL["delete_outbox_rows"], [row.batch for row in gone], [row.position for row in gone]
                )
        log.info("relayed", found=len(rows), gone=len(gone))
        return len(rows)
