"""`admin.<service>.outbox.republish`: says again what JetStream took and lost, under the same logical ids.

Whoever heard it does nothing: their inbox knows it. The transport ids are fresh, or the dedup window would swallow it.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import asyncpg
import msgspec

from actors.endpoints import AdminRequest, EndpointError
from actors.engine.endpoint_server import BuiltinEndpoint
from actors.engine.publisher import Publisher
from actors.engine.rows import OutboxRow
from actors.engine.tables import SQL, batch_at
from actors.storable import headers_of
from contracts.envelope import ID, TRANSPORT_ID

ROWS_MAX: Final = 2_000
_PAGE: Final = 100
_PAUSE_SECONDS: Final = 0.05
"""After each page: at most 2,000 messages a second, and those who hear them have other work too."""
_BATCH_MAX: Final = 2**63 - 1
_TOKEN: Final = re.compile(r"^[A-Za-z0-9_-]+$")


class RepublishOutbox(AdminRequest, frozen=True, kw_only=True):
    """What to say again: what the service said in turns of this time, on these subjects, 72 hours back at most."""

    since: datetime
    until: datetime | None = None
    """Now, when left out."""
    subject: str
    """As NATS writes it: `payments.evt.*.entitlement_granted`, `payments.evt.>`."""
    after: str = ""
    """Where the answer before this one said to go on."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=ROWS_MAX)] = 1_000
    dry_run: bool = False


class Republished(msgspec.Struct, frozen=True, kw_only=True):
    """How far it came."""

    found: int
    published: int
    after: str
    """Where the next request goes on; empty when that was all."""
    trouble: str
    """What kept it from going on."""


class Republishing:
    """One service's sent messages, and the endpoint to them."""

    def __init__(self, *, pool: "asyncpg.Pool[asyncpg.Record]", publisher: Publisher) -> None:
        """Publish what this pool's schema has kept."""
        self._pool = pool
        self._publisher = publisher

    def endpoints(self) -> list[BuiltinEndpoint]:
        """Return the endpoint to serve."""
        return [BuiltinEndpoint("outbox", "republish", RepublishOutbox, Republished, self._republish)]

    async def _republish(self, request: RepublishOutbox, operator: str) -> Republished:
        """Return how many were found and published, and where to go on; empty when that was all."""
        del operator
        pattern, after = _regex(request.subject), _key(request)
        end = _BATCH_MAX if request.until is None else batch_at(_aware(request.until, "until").timestamp())
        found = published = 0
        trouble = ""
        while found < request.limit and not trouble:
            rows = await self._page(after, end, pattern, min(_PAGE, request.limit - found))
            if not rows:
                return _answer(found, published, "", "")
            if not request.dry_run:
                stored, trouble = await self._publish(rows, request.request_id)
                rows = rows[:stored]
                published += stored
                await asyncio.sleep(_PAUSE_SECONDS)
            found += len(rows)
            after = (rows[-1].batch, rows[-1].position) if rows else after
        go_on = f"{after[0]}-{after[1]}" if found else request.after
        return _answer(found, published, go_on, trouble)

    async def _page(self, after: tuple[int, int], end: int, pattern: str, limit: int) -> list[OutboxRow]:
        rows = await self._pool.fetch(SQL["sent_page"], *after, end, pattern, limit)
        return [OutboxRow(r[0], r[1], r[2], headers_of(r[3]), r[4]) for r in rows]

    async def _publish(self, rows: Sequence[OutboxRow], request_id: str) -> tuple[int, str]:
        """Return how many of the first were stored before one was not, and what was wrong with that."""
        messages = [
            (row.subject, row.headers | {TRANSPORT_ID: _transport_id(row, request_id)}, row.body) for row in rows
        ]
        for position, error in enumerate(await self._publisher.publish(messages)):
            if error is not None:
                return position, f"{rows[position].subject}: {error}"
        return len(rows), ""


def _answer(found: int, published: int, go_on_after: str, trouble: str) -> Republished:
    return Republished(found=found, published=published, after=go_on_after, trouble=trouble)


def _transport_id(row: OutboxRow, request_id: str) -> str:
    """Return the same for the same request: begun again after a crash, it says nothing twice within the window."""
    return f"{row.headers.get(ID, row.batch)}#{request_id}"


def _regex(subject: str) -> str:
    tokens = subject.split(".")
    if not all(_TOKEN.fullmatch(one) or one in ("*", ">") for one in tokens) or ">" in tokens[:-1]:
        raise EndpointError(
            400, "subject: as NATS writes it, such as payments.evt.*.entitlement_granted or payments.evt.>"
        )
    return "^" + r"\.".join({"*": "[^.]+", ">": ".+"}.get(one, one) for one in tokens) + "$"


def _key(request: RepublishOutbox) -> tuple[int, int]:
    begin = batch_at(_aware(request.since, "since").timestamp())
    if not request.after:
        return (begin, -1)
    batch, _, position = request.after.partition("-")
    if not (batch.isdigit() and position.isdigit()):
        raise EndpointError(400, "after: give what the answer before this one said, or leave it out")
    return max((begin, -1), (int(batch), int(position)))


def _aware(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise EndpointError(400, f"{field}: say its time zone, such as 2026-03-04T12:00:00Z")
    return moment.astimezone(UTC)
