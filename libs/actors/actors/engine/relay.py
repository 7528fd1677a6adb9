"""The relay: publishes outbox rows that a crash or an unconfirmed publish left behind.

No connection is held while it publishes, so two replicas may publish the same row, under the same ids as ever.
Every sweep begins at the first row: who remembers how far they were would miss one that was committed late.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec
import structlog

from actors import metrics
from actors.clock import Clock
from actors.engine.outage import is_outage
from actors.engine.publisher import MailboxFullError, Publisher, PublishError, UnknownOutcomeError, UnsendableError
from actors.engine.rows import OutboxRow, PendingDeletes
from actors.engine.statement_batch import StatementBatch
from actors.engine.tables import SQL, batch_at, seconds_of, tidy

_PATIENCE_SECONDS: Final = 5.0
_CLOCKS_APART_SECONDS: Final = 60.0
"""Another replica's clock may be ahead by so much. A row of a later time was written before a clock was set back."""
_INTERVAL_SECONDS: Final = 1.0
_ROWS_MAX: Final = 500
_PUT_OFF_SECONDS: Final = (5.0, 60.0)
_BATCH_MAX: Final = 2**63 - 1

log = structlog.get_logger()
_headers = msgspec.json.Decoder(dict[str, str])


class _PutOff(msgspec.Struct):
    """Subjects whose stream refuses: until when they are let be (`time.monotonic`), and for how long the last time."""

    until: float = 0.0
    seconds: float = _PUT_OFF_SECONDS[0] / 2


class Relay:
    """Looks every second for rows older than five; any number of replicas may do so at once."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", publisher: Publisher, clock: Clock, *, keep_sent: bool = False
    ) -> None:
        """Relay this pool's outbox; with `keep_sent`, what was published is kept (`ServiceSpec.keeps_sent`)."""
        self._keep_sent = keep_sent
        self._pool = pool
        self._publisher = publisher
        self._clock = clock
        self._put_off: dict[str, _PutOff] = {}

    async def run(self) -> None:
        """Sweep until cancelled, half of the time at most."""
        while True:
            started = time.monotonic()
            try:
                await self.sweep(patience_seconds=_PATIENCE_SECONDS)
            except Exception as error:
                metrics.OUTBOX_AGE_SECONDS.set(math.nan)
                log.warning("relay_waits", outage=is_outage(error), error=str(error))
            await asyncio.sleep(max(_INTERVAL_SECONDS, time.monotonic() - started))

    async def sweep(self, *, patience_seconds: float) -> int:
        """Publish and delete rows older than `patience_seconds`, or of a time to come; returns how many were found.

        A row that a full mailbox refuses is given up and counted. What another refusal meets stays, and its stream is
        put off for a growing while; what got no answer stays (JetStream is away, or denies the subject), and its stream
        is put off for a short one. The others go on.
        """
        now = self._clock.now().timestamp()
        before, ahead = batch_at(now - patience_seconds), batch_at(now + _CLOCKS_APART_SECONDS)
        found = 0
        for begin, end in ((0, before), (ahead, _BATCH_MAX)):
            after = (begin, -1)
            while rows := await self._page(after, end):
                found += len(rows)
                after = (rows[-1].batch, rows[-1].position)
                await self._relay(rows)
        await self._measure(now, found)
        return found

    async def _page(self, after: tuple[int, int], end: int) -> list[OutboxRow]:
        now = time.monotonic()
        put_off = [f"{subjects}.%" for subjects, pause in self._put_off.items() if pause.until > now]
        rows = await self._pool.fetch(SQL["outbox_leftovers"], *after, end, put_off, _ROWS_MAX)
        return [OutboxRow(r[0], r[1], r[2], _headers.decode(r[3]), r[4]) for r in rows]

    async def _relay(self, rows: Sequence[OutboxRow]) -> None:
        """Publish a page; put off the streams that do not take what is theirs."""
        outcomes = await self._publisher.publish([(row.subject, row.headers, row.body) for row in rows])
        await self._forget(rows, outcomes)
        named = [(_stream_of(row.subject), error) for row, error in zip(rows, outcomes, strict=True)]
        taking = {subjects for subjects, error in named if error is None or isinstance(error, MailboxFullError)}
        for subjects in taking:
            self._put_off.pop(subjects, None)
        for subjects, error in {subjects: error for subjects, error in named if _is_the_streams(error)}.items():
            self._put_stream_off(subjects, error)
        log.info("relayed", found=len(rows), gone=sum(error is None for error in outcomes))

    async def _forget(self, rows: Sequence[OutboxRow], outcomes: Sequence[PublishError | None]) -> None:
        pairs = list(zip(rows, outcomes, strict=True))
        done = PendingDeletes(
            published_rows=[row for row, error in pairs if error is None],
            refused_rows=[row for row, error in pairs if isinstance(error, MailboxFullError)],
        )
        if not done:
            return
        writes = StatementBatch()
        await tidy(writes, done, keep_sent=self._keep_sent)
        async with self._pool.acquire() as connection:
            await writes.send(connection)

    def _put_stream_off(self, subjects: str, error: PublishError | None) -> None:
        """Let a stream be: for longer each time that it refuses, for a moment when it does not answer."""
        pause = self._put_off.setdefault(subjects, _PutOff())
        is_refusal = not isinstance(error, UnknownOutcomeError)
        pause.seconds = min(2 * pause.seconds, _PUT_OFF_SECONDS[1]) if is_refusal else _PUT_OFF_SECONDS[0]
        pause.until = time.monotonic() + pause.seconds
        log.error("relay_put_off", subjects=f"{subjects}.>", error=str(error), put_off_seconds=pause.seconds)

    async def _measure(self, now: float, found: int) -> None:
        oldest = await self._pool.fetchval(SQL["oldest_outbox_row"]) if found or self._put_off else None
        metrics.OUTBOX_AGE_SECONDS.set(0.0 if oldest is None else max(0.0, now - seconds_of(oldest)))


def _is_the_streams(error: PublishError | None) -> bool:
    """Whether other rows of the same stream will meet the same."""
    return error is not None and not isinstance(error, MailboxFullError | UnsendableError)


def _stream_of(subject: str) -> str:
    """Return the part of a subject that says its stream: service and kind."""
    return ".".join(subject.split(".", 2)[:2])
