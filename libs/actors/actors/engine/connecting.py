"""Connections to NATS and Postgres, made the same way by every service."""

from collections.abc import Callable
from typing import Any

import asyncpg
import structlog
from asyncpg.pool import PoolAcquireContext
from nats.aio.client import Client

from actors import metrics
from actors.engine.nats_client import SturdyClient
from actors.settings import Settings
from contracts.subjects import inbox_prefix

_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 15
ACQUIRE_SECONDS_MAX = 5.0
"""So long one waits for a pooled connection. Longer is taken for an outage: back off, blame nobody."""
_SESSION = {
    # A process that stands still with a transaction open must not hold its rows against everybody.
    "idle_in_transaction_session_timeout": "20s",
    # A host that is gone without a word lets go of its locks.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

log = structlog.get_logger()


async def connect_nats(
    settings: Settings,
    service: str,
    *,
    on_denied: Callable[[str], None],
    on_reconnected: Callable[[], None] = lambda: None,
) -> Client:
    """Return a connection that never gives up reconnecting.

    `on_denied` is told of permission violations: NATS reports them only here, the caller just sees a time-out.
    """
    seed = settings.nats_nkey_seed.get_secret_value()
    nc = SturdyClient()
    await nc.connect(
        settings.nats_url.split(","),
        name=f"{service}/{settings.replica}",
        nkeys_seed_str=seed or None,
        inbox_prefix=inbox_prefix(service).encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,  # pyright: ignore[reportArgumentType] - fractions are slept as well
        connect_timeout=_CONNECT_SECONDS,
        ping_interval=10,
        max_outstanding_pings=3,
        **_callbacks(on_denied, on_reconnected),
    )
    metrics.NATS_CONNECTED.set(1)
    return nc


def _callbacks(on_denied: Callable[[str], None], on_reconnected: Callable[[], None]) -> dict[str, Any]:
    """Return what the client calls, by the name of its option."""

    async def on_error(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            metrics.PERMISSION_VIOLATIONS.inc()
            on_denied(str(error))
        else:
            log.warning("nats_error", error=str(error))

    async def on_disconnect() -> None:
        metrics.NATS_CONNECTED.set(0)
        log.warning("nats_disconnected")

    async def on_reconnect() -> None:
        metrics.NATS_CONNECTED.set(1)
        log.info("nats_reconnected")
        on_reconnected()

    return {"error_cb": on_error, "disconnected_cb": on_disconnect, "reconnected_cb": on_reconnect}


async def until_heard(nc: Client) -> None:
    """Return when the server has what was sent so far: from then on it hands on what was subscribed to.

    nats-py writes a flush's PING ahead of what is pending, so the first answer says nothing of it; the second does.
    Raises nats.errors.FlushTimeoutError.
    """
    await nc.flush()
    await nc.flush()


async def connect_one(settings: Settings) -> "asyncpg.Connection[asyncpg.Record]":
    """Return one Postgres connection outside the pool (for session locks)."""
    return await asyncpg.connect(
        settings.postgres_dsn.get_secret_value(),
        timeout=_CONNECT_SECONDS,
        command_timeout=5,
        server_settings=_SESSION,
    )


class LimitedPool(asyncpg.Pool):
    """A pool that nobody waits for without a limit, whichever of its methods is used.

    Hold one connection at a time, and none while waiting for a turn, for NATS or for a provider: the pool is small, and
    what all of its holders wait for would never come (tests/conftest.py watches over it).
    """

    def acquire(self, *, timeout: float | None = None) -> PoolAcquireContext:
        """Return a connection. Raises TimeoutError after `timeout` seconds (ACQUIRE_SECONDS_MAX unless said)."""
        return super().acquire(timeout=ACQUIRE_SECONDS_MAX if timeout is None else timeout)


async def connect_postgres(settings: Settings, service: str) -> LimitedPool:
    """Return a pool as the service's own role."""
    pool = LimitedPool(
        settings.postgres_dsn.get_secret_value(),
        min_size=2,
        max_size=settings.pool_size_max,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        timeout=_CONNECT_SECONDS,
        command_timeout=_STATEMENT_SECONDS,
        server_settings=_SESSION | {"application_name": f"{service}/{settings.replica}"},
        reset=_nothing_to_reset,
        statement_cache_size=500,
    )
    return await pool


async def _nothing_to_reset(_: object) -> None:
    """Save asyncpg's reset query, a round trip a turn: nobody here leaves settings, cursors or session locks behind."""
