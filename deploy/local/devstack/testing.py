"""pytest fixtures: real Postgres and real NATS for every test. Loaded by tests/conftest.py.

Where they come from is chosen by the environment variable INFRA:
  embedded    (default) from the packages in the virtual environment; nothing else is needed
  containers  through testcontainers; needs Docker
  external    EXTERNAL_POSTGRES_DSN (a superuser's) and EXTERNAL_NATS_URL (no authentication; all its streams are
              deleted); tests that take a server down or need NATS users of their own are skipped

  database       a fresh Database for this test: `.dsn()` as the service's role, `.owner_dsn()`, `.admin_dsn`.
                 `@pytest.mark.services("gameplay")` says whose schemas; without it one schema "stage" with the
                 ground's tables alone
  make_database  `await make_database("gameplay", "gateway")`: the same, chosen by the test
  postgres       the server itself (`kill`, `restart`, `stop`, `start`: through asyncio.to_thread)
  nats_server    an empty NATS server without authentication, for this test alone: `.url`, `kill`, `restart`, …
  nats_client    a connected nats-py client of it
  make_nats      `make_nats(users=[…], system_key="…")`: further servers, with users
  vault          passwords and keys
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from devstack.databases import Database, Databases
from devstack.natsconf import NatsUser
from devstack.testbed import Embedded, NatsEngine, PostgresEngine, Testbed
from devstack.vault import Vault

DEFAULT_SCHEMA = "stage"
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a name nobody can guess
_ROOM_BYTES = 4 * 1024**3
"""Two sessions' servers stay below one; a container's `/dev/shm` has 64 MiB unless it was told otherwise."""

MakeDatabase = Callable[..., Awaitable[Database]]
MakeNats = Callable[..., NatsEngine]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "services(*names): the services whose schemas the database fixture has")


def quick_folder() -> Path | None:
    """Return a directory in memory with room for a run's servers, or None: the system's place for temporary files.

    A database made and dropped again there costs half of what it costs on a disk, if that disk is quick.
    """
    try:
        free = shutil.disk_usage(_IN_MEMORY).free
    except OSError:
        return None
    roomy = free > _ROOM_BYTES and os.access(_IN_MEMORY, os.W_OK | os.X_OK)
    return _IN_MEMORY if roomy else None


@pytest.fixture(scope="session")
def infra_folder() -> Iterator[Path]:
    """A directory for this session's servers: short, because a Unix socket's path must be."""
    folder = Path(tempfile.mkdtemp(prefix="starquiz-", dir=quick_folder()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def testbed(infra_folder: Path) -> Testbed:
    """The chosen way to get servers."""
    chosen = os.environ.get("INFRA", "embedded")
    if chosen == "embedded":
        return Embedded(infra_folder)
    if chosen == "containers":
        from devstack.containers import Containers

        return Containers(infra_folder)
    if chosen == "external":
        from devstack.external import External

        return External()
    raise pytest.UsageError(f"INFRA={chosen}: expected embedded, containers or external.")


@pytest.fixture(scope="session")
def vault(infra_folder: Path) -> Vault:
    """Passwords and keys of this session."""
    return Vault(infra_folder / "vault")


@pytest.fixture(scope="session")
def _session_postgres(testbed: Testbed) -> Iterator[PostgresEngine]:
    server = testbed.postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgres(_session_postgres: PostgresEngine) -> Iterator[PostgresEngine]:
    """The session's Postgres server; running again after a test that took it down."""
    yield _session_postgres
    _session_postgres.start()


@pytest.fixture(scope="session")
def databases(_session_postgres: PostgresEngine, vault: Vault) -> Iterator[Databases]:
    """Makes databases on the session's server."""
    made = Databases(_session_postgres, vault, f"test_{os.getpid()}")
    yield made
    asyncio.run(made.drop_templates())


@pytest.fixture
async def make_database(databases: Databases, postgres: PostgresEngine) -> AsyncIterator[MakeDatabase]:
    """Make databases with the schemas of the named services; they go when the test ends."""
    made: list[Database] = []

    async def make(*schemas: str) -> Database:
        made.append(await databases.fresh(schemas or (DEFAULT_SCHEMA,)))
        return made[-1]

    yield make
    postgres.start()
    for database in made:
        await databases.drop(database)


@pytest.fixture
async def database(request: pytest.FixtureRequest, make_database: MakeDatabase) -> Database:
    """A fresh database with the schemas of `@pytest.mark.services(…)`."""
    marker = request.node.get_closest_marker("services")
    return await make_database(*(marker.args if marker else ()))


@pytest.fixture
def make_nats(testbed: Testbed) -> Iterator[MakeNats]:
    """Make started NATS servers; they go when the test ends."""
    made: list[NatsEngine] = []

    def make(users: Sequence[NatsUser] = (), system_key: str = "") -> NatsEngine:
        made.append(testbed.nats(users, system_key))
        made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.discard()


@pytest.fixture
def nats_server(make_nats: MakeNats) -> NatsEngine:
    """An empty NATS server for this test alone, without authentication."""
    return make_nats()


@pytest.fixture
async def nats_client(nats_server: NatsEngine) -> AsyncIterator[Client]:
    """A client of `nats_server` that reconnects for ever."""
    client = Client()
    wait = cast(int, 0.05)  # seconds; the library hands it to a sleep, and whole ones are long for a test
    await client.connect(nats_server.url, max_reconnect_attempts=-1, reconnect_time_wait=wait)
    yield client
    with suppress(NatsError):
        await client.close()
