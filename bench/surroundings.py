"""Postgres with one service's schema and NATS with all streams, for the benchmarks that need no gateway."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import nats
from nats.aio.client import Client

from actors.deploying.provision import provision
from devstack.databases import Database, Databases
from devstack.natsserver import NatsServer
from devstack.ports import free_port
from devstack.postgres import DURABLE, Postgres
from devstack.processes import Plan, Program
from devstack.stack import load_specs
from devstack.vault import Vault


@dataclass
class Surroundings:
    """What the benchmarks stand on. Postgres commits to disk; nothing is tuned for the occasion."""

    service: str
    postgres: Postgres
    database: Database
    nats_server: NatsServer
    nc: Client
    admin: "asyncpg.Connection[asyncpg.Record]"
    folder: Path

    def program(self, name: str, **env: str) -> Program:
        """Return a process of the service, not yet started."""
        port = free_port()
        plan_env = {
            "NATS_URL": self.nats_server.url,
            "POSTGRES_DSN": self.database.dsn(self.service),
            "HTTP_PORT": str(port),
            "LOG_LEVEL": "warning",
            **env,
        }
        return Program(Plan(name, self.service, ("run",), plan_env, self.folder / f"{name}.log", port), print)


@asynccontextmanager
async def surroundings(service: str = "gameplay") -> AsyncGenerator[Surroundings]:
    """Start everything on free ports, stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="starquiz-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        vault = Vault(folder / "vault")
        postgres = Postgres(folder / "pg", folder / "postgres.log", vault.password("postgres"), DURABLE)
        nats_server = NatsServer(folder / "nats", folder / "nats.log", sync_interval="2m")
        await asyncio.gather(asyncio.to_thread(postgres.start), asyncio.to_thread(nats_server.start))
        try:
            database = await Databases(postgres, vault, "bench").fresh([service])
            nc = await nats.connect(nats_server.url)
            await provision(nc, load_specs())
            admin = await asyncpg.connect(database.admin_dsn)
            yield Surroundings(service, postgres, database, nats_server, nc, admin, folder)
            await admin.close()
            await nc.close()
        finally:
            await asyncio.gather(asyncio.to_thread(postgres.stop), asyncio.to_thread(nats_server.stop))
