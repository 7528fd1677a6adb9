"""A library that has been there for long, and who comes to read: their databases, their streams, an operator."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import asyncpg
from library import (
    build,
)
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.engine.runtime import running
from actors.settings import Settings
from actors.spec import ServiceSpec
from contracts.envelope import first_envelope
from contracts.message import Contract, encode, subject_of


class Town:
    """A library that has been there for long, and who comes to read."""

    def __init__(self, database: Any, nats_server: Any, nc: Any, stack: AsyncExitStack) -> None:
        self.database = database
        self.nats_server = nats_server
        self.nc = nc
        self.js = nc.jetstream()
        self._stack = stack
        self._connections: dict[str, Any] = {}
        self._count = 0

    async def start(self, spec: ServiceSpec) -> Any:
        """Start a service; returns what stops it."""
        dsn = SecretStr(self.database.dsn(spec.name))
        settings = Settings(nats_url=self.nats_server.url, postgres_dsn=dsn, log_level="error")
        inner = AsyncExitStack()
        await self._stack.enter_async_context(inner)
        await inner.enter_async_context(running(spec, settings, build, clock=SystemClock()))
        return inner.aclose

    async def at(self, schema: str) -> Any:
        if schema not in self._connections:
            self._connections[schema] = await asyncpg.connect(self.database.dsn(schema))
            self._stack.push_async_callback(self._connections[schema].close)
        return self._connections[schema]

    async def send(self, message: Contract) -> None:
        self._count += 1
        envelope = first_envelope(message, identifier=f"m{self._count}", time=datetime.now(UTC), source="test")
        await self.js.publish(subject_of(message), encode(message), headers=envelope.headers(), timeout=10)

    async def fill(self, books: int) -> None:
        """Books that came before anybody can remember."""
        sql = "insert into books select 'b' || lpad(n::text, 4, '0'), n, 3 from generate_series(1, $1) as n"
        await (await self.at("library")).execute(sql, books)

    async def books(self, schema: str) -> list[tuple[str, int, int]]:
        rows = await (await self.at(schema)).fetch("select title, copies, revision from books order by title")
        return [tuple(row) for row in rows]

    async def heard(self, how: str) -> dict[str, int]:
        rows = await (await self.at("late")).fetch("select title, count(*) from heard where how = $1 group by 1", how)
        return dict(rows)

    async def ask(self, verb: str, **request: Any) -> Any:
        answer = await self.nc.request(f"admin.library.restate.{verb}.mira", json.dumps(request).encode(), timeout=10)
        return json.loads(answer.data)

    async def begin(self, request_id: str = "r-1", **more: Any) -> Any:
        request = {"request_id": request_id, "hearer": "late", "what": "books", **more}
        return await self.ask("start", **request)

    async def row(self) -> Any:
        return await (await self.at("library")).fetchrow("select * from restatements")

    async def done(self) -> bool:
        return (await self.row())["state"] == "done"

    async def same(self) -> bool:
        return await self.books("late") == await self.books("library")

    async def until(self, condition: Callable[[], Awaitable[object]], *, seconds: float = 20) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := await condition():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"not within {seconds} s: {dict(await self.row() or {})}")
