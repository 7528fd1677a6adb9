"""A running toy service in this process, on real NATS and real Postgres, and the same as processes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import running
from actors.settings import Settings
from contracts.envelope import first_envelope
from contracts.message import Contract, encode, subject_of
from devstack.databases import Database

sys.path.insert(0, str(Path(__file__).parent))

from library import LATE_TABLES, LIBRARY, LIBRARY_TABLES
from stage.app import SPEC, TABLES, build
from town import Town


class Stage:
    """The toy service's surroundings, and what tests ask of them."""

    def __init__(self, database: Database, nats_server: Any, connection: Any, nc: Any, stack: AsyncExitStack) -> None:
        self.database = database
        self.nats_server = nats_server
        self.connection = connection
        self.nc = nc
        self.js = nc.jetstream()
        self.spec = SPEC
        self.build = build
        self._stack = stack
        self._processes: list[subprocess.Popen[bytes]] = []

    def settings(self, **more: Any) -> Settings:
        dsn = SecretStr(self.database.dsn())
        return Settings(nats_url=self.nats_server.url, postgres_dsn=dsn, log_level="error", **more)

    async def start(self, **more: Any) -> Any:
        """Start a replica in this process; stopped with the test."""
        context = running(self.spec, self.settings(**more), build, clock=SystemClock())
        return await self._stack.enter_async_context(context)

    def spawn(self, **env: str) -> subprocess.Popen[bytes]:
        """Start a replica as a process; killed with the test."""
        process = subprocess.Popen(
            [sys.executable, "-m", "stage"],
            cwd=Path(__file__).parent,
            env={**os.environ, "NATS_URL": self.nats_server.url, "POSTGRES_DSN": self.database.dsn(), **env},
            stdout=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    async def send(self, message: Contract, identifier: str, *, transport_id: str | None = None, **more: str) -> None:
        envelope = first_envelope(message, identifier=identifier, time=datetime.now(UTC), source="test", **more)
        await self.js.publish(subject_of(message), encode(message), headers=envelope.headers(transport_id), timeout=10)

    async def balances(self) -> dict[str, int]:
        rows = await self.connection.fetch("select account, balance from accounts")
        return {row[0]: row[1] for row in rows}

    async def until(self, condition: Callable[[], Awaitable[object]], *, seconds: float = 20) -> Any:
        """Wait until the condition gives something true; fail with its last value at the deadline."""
        deadline = time.monotonic() + seconds
        last: object = None
        while time.monotonic() < deadline:
            last = await condition()
            if last:
                return last
            await asyncio.sleep(0.02)
        raise AssertionError(f"not within {seconds} s; last: {last!r}")

    async def settled(self) -> bool:
        """Whether no message waits anywhere: work queue empty (so all acknowledged), outbox and effects empty.

        The stream is asked, not the consumer, which may not have noticed yet what was stored a moment ago.
        """
        info = await self.js.stream_info("STAGE_CMD")
        rows = await self.connection.fetchval("select (select count(*) from outbox) + (select count(*) from effects)")
        return not info.state.messages and not rows

    async def events(self) -> list[tuple[str, str]]:
        """Return (logical id, subject) of every event on the stream, in order, but for what is said of jobs."""
        info = await self.js.stream_info("STAGE_EVT")
        found: list[tuple[str, str]] = []
        for sequence in range(info.state.first_seq, info.state.last_seq + 1):
            msg = await self.js.get_msg("STAGE_EVT", sequence)
            if not (msg.subject or "").endswith((".jobs_declared", ".job_ended")):
                found.append(((msg.headers or {})["ce-id"], msg.subject or ""))
        return found

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator[Any]:
        yield self.connection

    async def reconnected(self) -> Any:
        """Return a new connection to Postgres once it is back."""

        async def attempt() -> Any:
            try:
                return await asyncpg.connect(self.database.dsn())
            except (OSError, asyncpg.PostgresError):
                return None

        return await self.until(attempt)

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture
async def stage(database: Database, nats_server: Any) -> AsyncIterator[Stage]:
    """The toy service's streams and tables, ready for replicas to be started."""
    owner = await asyncpg.connect(database.owner_dsn())
    await owner.execute(TABLES)
    await owner.close()
    nc = await nats.connect(nats_server.url, max_reconnect_attempts=-1, reconnect_time_wait=0.2)
    await provision(nc, [SPEC])
    connection = await asyncpg.connect(database.dsn())
    async with AsyncExitStack() as stack:
        found = Stage(database, nats_server, connection, nc, stack)
        yield found
        found.close()
    if not connection.is_closed():
        await connection.close(timeout=2)
    await nc.close()


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections as the toy service's role, its tables made."""
    owner = await asyncpg.connect(database.owner_dsn("stage"))
    await owner.execute(TABLES)
    await owner.close()
    async with asyncpg.create_pool(database.dsn("stage"), min_size=1, max_size=2) as made:
        yield made


@pytest.fixture
async def town(make_database: Any, nats_server: Any) -> AsyncIterator[Town]:
    database = await make_database("library", "late")
    for schema, tables in (("library", LIBRARY_TABLES), ("late", LATE_TABLES)):
        owner = await asyncpg.connect(database.owner_dsn(schema))
        await owner.execute(tables)
        await owner.close()
    nc = await nats.connect(nats_server.url)
    await provision(nc, [LIBRARY])
    async with AsyncExitStack() as stack:
        yield Town(database, nats_server, nc, stack)
    await nc.close()
