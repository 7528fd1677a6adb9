"""Tells current state again, page by page, for one hearer: resumable, paced, and the same however often it is repeated.

Any replica tells the next page: it claims the restatement for a while, reads a page, publishes it, and only then moves
the cursor. Nothing is held meanwhile, neither a lock nor a connection. A crash, or a second teller that took the first
one for dead, publishes a page twice, with the same ids: each row has one effect at the hearer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from actors import metrics
from actors.clock import Clock
from actors.engine.outage import is_outage
from actors.engine.publisher import Publisher
from actors.queries import load
from actors.restating import Restatable
from contracts.envelope import first_envelope
from contracts.message import Contract, encode, subject_of

SQL: Final = load("actors.engine", "restating.sql")

PAGE_MAX: Final = 500
_CLAIM: Final = timedelta(seconds=60)
"""So long a page may take; publishing has a time limit of its own, far below."""
_RETRY: Final = timedelta(seconds=5)
_INTERVAL_SECONDS: Final = 2.0
_COUNT_SECONDS: Final = 300.0
_LET_GO_SECONDS: Final = 2.0

log = structlog.get_logger()


class Claim(msgspec.Struct, frozen=True):
    """A restatement whose next page is this process's to tell."""

    id: UUID
    hearer: str
    what: str
    cursor: str | None
    rows_per_second: int
    total: int | None


class Page(msgspec.Struct):
    """What was made of one page of rows."""

    messages: list[tuple[str, dict[str, str], bytes]] = msgspec.field(
        default_factory=list[tuple[str, dict[str, str], bytes]]
    )
    skipped: int = 0
    error: str = ""
    """Of the last row that no event could be made of."""


class Restater:
    """One process's part in a service's restatements."""

    def __init__(
        self,
        service: str,
        declared: Mapping[str, Restatable],
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        publisher: Publisher,
        clock: Clock,
    ) -> None:
        """Take what the service declared, by its name (`@actor.restate`)."""
        self._service = service
        self._declared = declared
        self._pool = pool
        self._publisher = publisher
        self._clock = clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look now: one was started here."""
        self._wake.set()

    async def run(self) -> None:
        """Tell what is due until cancelled."""
        while True:
            try:
                while await self.step():
                    pass
            except Exception as error:
                log.warning("restating_waits", outage=is_outage(error), error=repr(error))
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), _INTERVAL_SECONDS)
            except TimeoutError:
                continue

    async def step(self) -> bool:
        """Tell one page of one restatement that is due; returns whether there was one."""
        now = self._clock.now()
        row = await self._pool.fetchrow(SQL["claim"], now, now + _CLAIM, list(self._declared))
        if row is None:
            return False
        claim = Claim(*row)
        try:
            await self._tell(claim, self._declared[claim.what])
        except asyncio.CancelledError:
            # Told to stop: another may have it at once.
            await asyncio.wait_for(self._pool.execute(SQL["put_off"], claim.id, self._clock.now(), ""), _LET_GO_SECONDS)
            raise
        except Exception as error:
            log.warning("restating_put_off", what=claim.what, hearer=claim.hearer, error=repr(error))
            await self._pool.execute(SQL["put_off"], claim.id, self._clock.now() + _RETRY, f"{error!r}")
        return True

    async def _tell(self, claim: Claim, declared: Restatable) -> None:
        if claim.total is None:
            await self._count(claim, declared)
        as_of, size = self._clock.now(), min(PAGE_MAX, claim.rows_per_second)
        rows = await self._pool.fetch(declared.page, claim.cursor, size)
        page = self._page(claim, declared, rows, as_of)
        for error in await self._publisher.publish(page.messages):
            if error is not None:
                raise error
        await self._advance(claim, rows, page, is_last=len(rows) < size)

    async def _count(self, claim: Claim, declared: Restatable) -> None:
        """Count once how many rows there are, for the progress; more may be told in the end."""
        sql = f"select count(*) from ({declared.page}) as all_of_them"  # noqa: S608 - the service's own query
        total = await self._pool.fetchval(sql, None, None, timeout=_COUNT_SECONDS)
        await self._pool.execute(SQL["set_total"], claim.id, total)

    def _page(self, claim: Claim, declared: Restatable, rows: Sequence[Any], as_of: datetime) -> Page:
        """Make the events; a row of which none can be made is counted, and does not keep the others back."""
        page = Page()
        for row in rows:
            try:
                event = declared.tell(row, claim.hearer, as_of)
                page.messages.append(self._addressed(event, f"restate:{claim.id}:{row[0]}", as_of))
            except Exception as error:
                log.error("restating_skipped", what=claim.what, key=str(row[0]), exc_info=error)
                page.skipped, page.error = page.skipped + 1, f"{row[0]}: {error!r}"
        return page

    def _addressed(self, event: Contract, identifier: str, at: datetime) -> tuple[str, dict[str, str], bytes]:
        envelope = first_envelope(event, identifier=identifier, time=at, source=self._service)
        return subject_of(event), envelope.headers(), encode(event)

    async def _advance(self, claim: Claim, rows: Sequence[Any], page: Page, *, is_last: bool) -> None:
        """Move the cursor behind the page; the next one is due when this one's time is over."""
        due = self._clock.now() + timedelta(seconds=len(rows) / claim.rows_per_second)
        cursor, told = str(rows[-1][0]) if rows else None, len(page.messages)
        moved = await self._pool.fetchrow(
            SQL["advance"], claim.id, claim.cursor, cursor, told, page.skipped, due, page.error, is_last
        )
        metrics.RESTATED.labels(claim.what, claim.hearer).inc(told)
        if moved is not None and moved["total"] is not None:
            metrics.RESTATE_LEFT.labels(claim.what, claim.hearer).set(max(0, moved["total"] - moved["told"]))
        if is_last:
            metrics.RESTATE_LEFT.labels(claim.what, claim.hearer).set(0)
            log.info("restated", what=claim.what, hearer=claim.hearer, id=str(claim.id))
