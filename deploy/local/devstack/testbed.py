"""Where tests get Postgres and NATS from, chosen by `INFRA` (see `devstack.testing`)."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from devstack.natsconf import NatsUser
from devstack.natsserver import NatsServer
from devstack.postgres import FAST, Postgres


class Engine(Protocol):
    """A server that a fault test may take down. Every call blocks: `await asyncio.to_thread(engine.kill)`."""

    def start(self) -> None:
        """Start it, or do nothing when it runs."""
        ...

    def stop(self) -> None:
        """Stop it in good order; data is kept."""
        ...

    def kill(self) -> None:
        """End it at once, as a crash would; data is kept."""
        ...

    def restart(self) -> None:
        """Stop and start."""
        ...


class PostgresEngine(Engine, Protocol):
    """A Postgres server."""

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Return the address of a database for a role; the superuser's by default."""
        ...


class NatsEngine(Engine, Protocol):
    """A NATS server with JetStream."""

    @property
    def url(self) -> str:
        """The address clients connect to."""
        ...

    def discard(self) -> None:
        """End it for good: nobody asks for what it has any more."""
        ...


class Testbed(Protocol):
    """One way to get servers."""

    def postgres(self) -> PostgresEngine:
        """Return a server, not yet started."""
        ...

    def nats(self, users: Sequence[NatsUser] = (), system_key: str = "") -> NatsEngine:
        """Return an empty server, not yet started; without users everything is allowed."""
        ...


class Embedded:
    """Servers from the packages in the virtual environment."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds data and logs."""
        self._folder = folder

    def postgres(self) -> PostgresEngine:
        """Return a Postgres server on a Unix socket."""
        return Postgres(self._folder / "postgres", self._folder / "postgres.log", "for-tests-only", FAST)

    def nats(self, users: Sequence[NatsUser] = (), system_key: str = "") -> NatsEngine:
        """Return a NATS server on a free port."""
        folder = Path(tempfile.mkdtemp(prefix="nats-", dir=self._folder))
        return NatsServer(folder, folder / "nats.log", users, system_key=system_key)
