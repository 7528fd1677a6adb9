"""The memory of what operators asked for, kept for ever: one request acts once, however late it is repeated."""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec

from actors.clock import Clock
from actors.endpoints import AdminRequest, EndpointError
from actors.engine.tables import SQL
from contracts.ids import ADMIN_ID


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One operator's request at one endpoint."""

    identifier: str
    """Its id in the audit and the inbox: endpoint and `request_id`."""
    operator: str
    subject: str
    request: AdminRequest

    @property
    def body(self) -> bytes:
        """The request as it is written down: every field, whether it was sent or left out."""
        return msgspec.json.encode(self.request)


class Audit:
    """What operators asked of one service and were answered, for ever: the memory that makes requests idempotent."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
        """Keep it in this service's schema."""
        self._pool = pool
        self._clock = clock

    async def first_answer(self, asked: Asked) -> msgspec.Raw | None:
        """Return what this very request was answered; None when it was not, yet.

        Raises EndpointError 409 when its `request_id` stands for another request: other fields, or another operator's.
        """
        row = await self._pool.fetchrow(SQL["audited"], asked.identifier)
        if row is None:
            return None
        if row["operator"] != asked.operator or not _same(row["request"], asked.request):
            raise EndpointError(
                409,
                f"request_id: {asked.request.request_id!r} stands for another request here, by {row['operator']}. "
                "Repeat that one as it was to hear its answer, or use a new id for a new wish",
            )
        return None if row["answer"] is None else msgspec.Raw(row["answer"].encode())

    async def looked(self, subject: str, operator: str, request: msgspec.Struct) -> None:
        """Write down that somebody looked, before they see it (DOMAIN: each call is audited); nothing came of it."""
        identifier = f"{ADMIN_ID}{subject.removeprefix('admin.')}:{uuid.uuid4().hex}"
        text = msgspec.json.encode(request).decode()
        await self._pool.execute(SQL["audit_look"], identifier, operator, subject, text, self._clock.now())

    async def once(self, asked: Asked, act: Callable[[], Awaitable[Any]]) -> msgspec.Raw:
        """Do what no turn does: written down first, then done, and the first answer given from then on.

        A request whose process died half-way is done again when it is repeated, so `act` must bear that.
        """
        text = asked.body.decode()
        await self._pool.execute(
            SQL["begin_audited"], asked.identifier, asked.operator, asked.subject, text, self._clock.now()
        )
        first = await self.first_answer(asked)
        if first is None:
            answer = msgspec.json.encode(await self._unless_refused(asked, act)).decode()
            await self._pool.execute(SQL["end_audited"], asked.identifier, answer)
            first = await self.first_answer(asked)
        if first is None:
            raise LookupError(f"{asked.identifier}: the audit has lost it")
        return first

    async def _unless_refused(self, asked: Asked, act: Callable[[], Awaitable[Any]]) -> Any:
        """Act. What is refused was not done, and its id is free for the same wish put right."""
        try:
            return await act()
        except EndpointError:
            await self._pool.execute(SQL["forget_audited"], asked.identifier)
            raise


def _same(written: str, request: AdminRequest) -> bool:
    """Whether what was written down is this request, also where an older build knew fewer of its fields."""
    try:
        return msgspec.convert(json.loads(written), type(request)) == request
    except msgspec.ValidationError:
        return False
