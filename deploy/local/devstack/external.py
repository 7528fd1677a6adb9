"""Servers for tests that somebody else runs (`INFRA=external`): they are used, never started, stopped or killed."""

import asyncio
import os
import threading
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from nats.aio.client import Client

from devstack.natsconf import NatsUser
from devstack.testbed import NatsEngine, PostgresEngine


class External:
    """Reads `EXTERNAL_POSTGRES_DSN` (a superuser's) and `EXTERNAL_NATS_URL` (no authentication; it is emptied)."""

    def postgres(self) -> PostgresEngine:
        """Return the Postgres server of `EXTERNAL_POSTGRES_DSN`."""
        return _Postgres(_required("EXTERNAL_POSTGRES_DSN"))

    def nats(self, users: Sequence[NatsUser] = (), system_key: str = "") -> NatsEngine:
        """Return the NATS server of `EXTERNAL_NATS_URL`; a test that needs users of its own is skipped."""
        if users or system_key:
            pytest.skip("needs a NATS server with users of its own; INFRA=external has none")
        return _Nats(_required("EXTERNAL_NATS_URL"))


class _External:
    def start(self) -> None:
        """Nothing to do: it runs."""

    def stop(self) -> None:
        """Nothing to do: it stays."""

    def kill(self) -> None:
        pytest.skip("takes a server down; INFRA=external does not")

    def restart(self) -> None:
        pytest.skip("takes a server down; INFRA=external does not")


class _Postgres(_External):
    def __init__(self, admin_dsn: str) -> None:
        self._admin = urlsplit(admin_dsn)

    def dsn(self, database: str = "postgres", user: str = "", password: str | None = None) -> str:
        role = quote(user) if user and user != "postgres" else (self._admin.username or "postgres")
        secret = quote(password) if password is not None else (self._admin.password or "")
        host = f"{self._admin.hostname or ''}:{self._admin.port or 5432}"
        query = urlencode(parse_qsl(self._admin.query))
        return f"postgresql://{role}:{secret}@{host}/{quote(database)}" + (f"?{query}" if query else "")


class _Nats(_External):
    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Make it empty, as a fresh server would be."""
        # In a thread: a test may ask for a server inside its own running loop.
        thread = threading.Thread(target=lambda: asyncio.run(_delete_streams(self.url)))
        thread.start()
        thread.join()

    def discard(self) -> None:
        """Nothing to do: it stays, and is emptied for the next test."""


async def _delete_streams(url: str) -> None:
    client = Client()
    await client.connect(url)
    try:
        jetstream = client.jetstream()
        for stream in await jetstream.streams_info():
            await jetstream.delete_stream(stream.config.name or "")
    finally:
        await client.close()


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise pytest.UsageError(f"INFRA=external needs {name} in the environment.")
    return value
