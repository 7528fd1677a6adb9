"""The whole of Starquiz on one machine: Postgres, NATS, migrations, streams, the sandbox and every service."""

import asyncio
import importlib
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
from nats.aio.client import Client

from actors.deploying import permissions
from actors.deploying.provision import provision
from actors.spec import ServiceSpec
from contracts.subjects import inbox_prefix, operator_inbox_prefix
from devstack import environment, local_env, roles, standins, web_checkout
from devstack.console import Console
from devstack.engine import EngineError
from devstack.environment import Telegram
from devstack.leftovers import RunRecord
from devstack.natsconf import NatsUser
from devstack.natsserver import NatsServer
from devstack.ports import choose_port, free_port
from devstack.postgres import DURABLE, Postgres
from devstack.processes import Plan, Program, run_once
from devstack.services import CHECKOUT, rooms
from devstack.vault import Vault

DEPLOYER = "deploy"
OPERATOR, SECOND_OPERATOR = "ops", "second"
"""The operators who are always there: what one may not do alone the other approves (DOMAIN §13)."""
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What a run may choose."""

    data_dir: Path = CHECKOUT / ".data"
    port: int = 8080
    """Wanted port of the chat page; 0 takes any."""
    telegram: Telegram | None = None
    """The real Telegram; None runs the sandbox in its place."""
    postgres_settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)
    sync_interval: str = "2m"
    """How often NATS syncs its files to disk."""
    dedup_seconds: float = 120
    """JetStream's dedup window; at least 0.1."""
    stripe: bool = False
    """Switches the checkout on the web on, with the sandbox's Stripe."""
    operators: Sequence[str] = ()
    """Operators by name, besides `ops` and `second`; each gets a NATS key of its own."""
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Goes to every service on top of its own settings."""


class Stack:
    """Starts everything in order, as far as possible at once; stops it in the opposite order.

    Use it as `async with Stack(options) as stack:`; a start that fails stops what had been started.
    """

    def __init__(self, options: Options, console: Console | None = None) -> None:
        """Nothing is started or written yet."""
        self.options = options
        self.console = console or Console(quiet=True)
        self.folder = options.data_dir.resolve()
        self.services: dict[str, list[Program]] = {}
        """Running replicas by service."""
        self.sandbox: Program | None = None
        self.specs: Sequence[ServiceSpec] = ()
        self.postgres: Postgres
        self.nats: NatsServer
        self.vault: Vault
        self._record: RunRecord
        self._first_ports: defaultdict[tuple[str, str], int] = defaultdict(free_port)
        """The ports of each service's first replica, by the service and the port's name."""

    async def __aenter__(self) -> Self:
        """Start; raises EngineError, ProvisionError, ProcessError or AlreadyRunningError."""
        self._open_folder()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def address(self) -> str:
        """Where a player goes: the chat page, or the bot's link."""
        if self.sandbox is not None:
            return f"{self.sandbox.url}/"
        return f"https://t.me/{self.options.telegram.username}" if self.options.telegram else ""

    @property
    def checkout(self) -> str:
        """Where a buyer on the web goes; empty while that is switched off."""
        return (
            web_checkout.address_of(self._first_ports["payments", "web"])
            if self.options.stripe and self.sandbox is not None
            else ""
        )

    @property
    def programs(self) -> list[Program]:
        """Every process that runs Starquiz' own code, the sandbox included."""
        own = [replica for replicas in self.services.values() for replica in replicas]
        return own if self.sandbox is None else [*own, self.sandbox]

    def service_dsn(self, service: str) -> str:
        """Return the database address of a service's role: a secret."""
        return self.postgres.dsn(roles.DATABASE, service, self.vault.password(service))

    @property
    def operators(self) -> tuple[str, ...]:
        """The names of all operators."""
        return tuple(dict.fromkeys((OPERATOR, SECOND_OPERATOR, *self.options.operators)))

    async def connect_as(self, user: str) -> Client:
        """Return a NATS client signed in as a user (an operator, `deploy` or a service)."""
        is_operator = user in self.operators
        prefix = operator_inbox_prefix(user) if is_operator else inbox_prefix(user)
        key = self.vault.nkey(operator_key(user) if is_operator else user)
        client = Client()
        await client.connect(self.nats.url, nkeys_seed_str=key.seed, inbox_prefix=prefix.encode())
        return client

    async def add_replica(self, service: str) -> Program:
        """Start one more process of a service and wait until it is ready."""
        replicas = self.services.setdefault(service, [])
        number = len(replicas) + 1
        program = Program(self._service_plan(service, number), self.console.trouble)
        replicas.append(program)
        await program.start()
        self._record.add(program.pid)
        await program.wait_ready(_READY_SECONDS)
        return program

    async def stop(self) -> None:
        """Stop everything that runs: services, then the sandbox, then NATS and Postgres."""
        await asyncio.gather(*(replica.stop() for replicas in self.services.values() for replica in replicas))
        if self.sandbox is not None:
            await self.sandbox.stop()
        await asyncio.gather(asyncio.to_thread(self.nats.stop), asyncio.to_thread(self.postgres.stop))
        self._record.release()

    async def kill(self) -> None:
        """End every process by SIGKILL, servers too: nothing is finished or flushed."""
        await asyncio.gather(*(program.kill() for program in self.programs))
        self.nats.kill()
        self.postgres.kill()

    def _open_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._record = RunRecord(self.folder)
        ended = self._record.claim()
        if ended:
            self.console.notice(f"A run that was lost had left {ended} processes behind; they have been stopped.")
        shutil.rmtree(self.folder / "logs", ignore_errors=True)
        (self.folder / "logs").mkdir()
        self.vault = Vault(self.folder / "secrets")
        password, settings = self.vault.password("postgres"), self.options.postgres_settings
        self.postgres = Postgres(self.folder / "postgres", self._log("postgres"), password, settings)
        self.nats = NatsServer(self.folder / "nats", self._log("nats"), sync_interval=self.options.sync_interval)

    async def _start(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_sandbox())
            group.create_task(self._start_postgres())
            group.create_task(self._start_nats())
        async with asyncio.TaskGroup() as group:
            for room in rooms():
                group.create_task(self._start_service(room.name))
        if self.sandbox is not None:
            await standins.call_back(self.sandbox.url, self.checkout, self._first_ports["alerts", "web"], self.vault)
        self._record.say_where(self.address)

    async def _start_postgres(self) -> None:
        with self.console.step("Postgres 18"):
            await asyncio.to_thread(self.postgres.start)
            self._record.add(self.postgres.pid)
        with self.console.step("roles, schemas, migrations"):
            await self._make_schemas()
            await asyncio.gather(*(self._migrate(room.name) for room in rooms()))

    async def _make_schemas(self) -> None:
        names = [room.name for room in rooms()]
        admin = await asyncpg.connect(self.postgres.dsn())
        try:
            await roles.create_database(admin, roles.DATABASE)
            for name in names:
                await roles.create_roles(admin, name, self.vault)
            await roles.let_in(admin, roles.DATABASE, names)
        finally:
            await admin.close()
        inside = await asyncpg.connect(self.postgres.dsn(roles.DATABASE))
        try:
            await roles.create_schemas(inside, names)
        finally:
            await inside.close()

    async def _migrate(self, service: str) -> None:
        """Do what the deploy step does: the service's own `migrate`, as the schema's owner."""
        owner = roles.owner_of(service)
        dsn = self.postgres.dsn(roles.DATABASE, owner, self.vault.password(owner))
        await run_once(service, ["migrate"], {"MIGRATE_DSN": dsn}, self._log(f"{service}-migrate"))

    async def _start_nats(self) -> None:
        self.specs = await asyncio.to_thread(load_specs)
        self.nats.let_in(self._nats_users(), self.vault.nkey("sys").public)
        with self.console.step("NATS"):
            await asyncio.to_thread(self.nats.start)
            self._record.add(self.nats.pid)
        with self.console.step("streams, consumers, schedules"):
            client = await self.connect_as(DEPLOYER)
            try:
                await provision(client, self.specs, dedup_seconds=self.options.dedup_seconds)
            finally:
                await client.close()

    def _nats_users(self) -> list[NatsUser]:
        allowed = {spec.name: permissions.permissions(spec, self.specs) for spec in self.specs}
        allowed[DEPLOYER] = permissions.deployer()
        allowed |= {operator_key(name): permissions.operator(name, self.specs) for name in self.operators}
        return [NatsUser(name, self.vault.nkey(name).public, rights) for name, rights in allowed.items()]

    async def _start_sandbox(self) -> None:
        if self.options.telegram is not None:
            return
        port, notice = choose_port(self.options.port)
        if notice:
            self.console.notice(notice)
        env = environment.of_sandbox(port, self.vault)
        if self.options.stripe:
            env |= web_checkout.of_sandbox(self.vault)
        plan = Plan("sandbox", "sandbox", (), env, self._log("sandbox"), port, "/sandbox/api/players")
        self.sandbox = Program(plan, self.console.trouble)
        with self.console.step("sandbox"):
            await self.sandbox.start()
            self._record.add(self.sandbox.pid)
            await self.sandbox.wait_ready(_READY_SECONDS)

    async def _start_service(self, name: str) -> None:
        with self.console.step(name):
            await self.add_replica(name)

    def _service_plan(self, service: str, number: int) -> Plan:
        label = service if number == 1 else f"{service}-{number}"
        port = free_port()
        env = environment.of_service(
            service, label, port, nats_url=self.nats.url, dsn=self.service_dsn(service), vault=self.vault
        )
        own = local_env.read(local_env.path_of(service), self._switched_on(), self._sources(service, number))
        return Plan(label, service, ("run",), {**env, **own, **self.options.env}, self._log(label), port)

    def _switched_on(self) -> set[str]:
        return {"telegram" if self.sandbox is None else "sandbox"} | ({"stripe"} if self.checkout else set())

    def _sources(self, service: str, number: int) -> dict[str, local_env.Source]:
        """Return where the values in a service's `local.env` come from, for its replica of this number."""
        ports: defaultdict[str, int] = defaultdict(free_port)
        sandbox, telegram = self.sandbox, self.options.telegram
        return {
            "secret": self.vault.shared,
            "sandbox": lambda _: sandbox.url if sandbox else "",
            "telegram": lambda field: str(getattr(telegram, field)),
            "port": lambda name: str(self._first_ports[service, name] if number == 1 else ports[name]),
            "first_port": lambda name: str(self._first_ports[service, name]),
            "env": local_env.from_environment,
        }

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"


def operator_key(name: str) -> str:
    """Return the name of an operator's key in the vault; no service's is the same."""
    return f"operator_{name}"


def load_specs() -> list[ServiceSpec]:
    """Return every service's declaration, imported from its `app.py`."""
    specs: list[ServiceSpec] = []
    for room in rooms():
        spec = importlib.import_module(f"{room.name}.app").SPEC
        if not isinstance(spec, ServiceSpec):
            raise EngineError(f"services/{room.name}/{room.name}/app.py: SPEC is no ServiceSpec")
        specs.append(spec)
    return specs
