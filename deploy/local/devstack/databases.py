"""Databases for tests: a template per set of services, migrated once, and a fresh copy of it per test (some 40 ms)."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from actors.deploying.migrate import migrate
from devstack import roles
from devstack.services import migrations_of
from devstack.vault import Vault


class Addresses(Protocol):
    """A Postgres server, however it is run."""

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Return the address of a database for a role; the superuser's by default."""
        ...


@dataclass(frozen=True, slots=True)
class Database:
    """One database with a schema, an owner role and a service role per service."""

    name: str
    schemas: tuple[str, ...]
    server: Addresses
    vault: Vault

    @property
    def admin_dsn(self) -> str:
        """The superuser's address: for looking at everything in assertions."""
        return self.server.dsn(self.name)

    def dsn(self, schema: str = "") -> str:
        """The address a service gets (`POSTGRES_DSN`); of the first schema when none is named."""
        role = schema or self.schemas[0]
        return self.server.dsn(self.name, role, self.vault.password(role))

    def owner_dsn(self, schema: str = "") -> str:
        """The address migrations get (`MIGRATE_DSN`)."""
        owner = roles.owner_of(schema or self.schemas[0])
        return self.server.dsn(self.name, owner, self.vault.password(owner))


class Databases:
    """Makes databases on one server; templates are kept until the server goes."""

    def __init__(self, server: Addresses, vault: Vault, prefix: str) -> None:
        """`prefix` starts every database's name, so that several test runs may share a server."""
        self._server = server
        self._vault = vault
        self._prefix = prefix
        self._templates: dict[tuple[str, ...], str] = {}
        self._count = 0

    async def fresh(self, schemas: Sequence[str]) -> Database:
        """Return a new database with these schemas, migrated: a service's own tables, or the ground's for any other."""
        names = tuple(schemas)
        template = self._templates.get(names) or await self._make_template(names)
        self._count += 1
        name = f"{self._prefix}_{self._count}"
        async with self._admin() as admin:
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
            await roles.let_in(admin, name, names)
        return Database(name, names, self._server, self._vault)

    async def drop(self, database: Database) -> None:
        """Remove a database, whoever is still connected."""
        async with self._admin() as admin:
            await admin.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')

    async def drop_templates(self) -> None:
        """Remove what is kept; for a server that outlives the tests."""
        async with self._admin() as admin:
            for template in self._templates.values():
                await admin.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
        self._templates.clear()

    async def _make_template(self, schemas: tuple[str, ...]) -> str:
        name = f"{self._prefix}_template_{len(self._templates) + 1}"
        template = Database(name, schemas, self._server, self._vault)
        async with self._admin() as admin:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await roles.create_database(admin, name)
            for schema in schemas:
                await roles.create_roles(admin, schema, self._vault)
            await roles.let_in(admin, name, schemas)
        async with self._admin(name) as inside:
            await roles.create_schemas(inside, schemas)
        await asyncio.gather(*(asyncio.to_thread(_migrate, template, schema) for schema in schemas))
        self._templates[schemas] = name
        return name

    @asynccontextmanager
    async def _admin(self, database: str = "postgres") -> AsyncGenerator[asyncpg.Connection]:
        connection = await asyncpg.connect(self._server.dsn(database))
        try:
            yield connection
        finally:
            await connection.close()


def _migrate(database: Database, schema: str) -> None:
    migrate(database.owner_dsn(schema), schema, migrations_of(schema))
