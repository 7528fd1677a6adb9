"""Postgres roles and schemas: each service sees its own schema and nothing else (DESIGN §2, invariant 6).

Per service: a schema, an owner role that runs the migrations, and the service's own role that may read and write
rows. Neither may do anything in another's schema.
"""

from collections.abc import Iterable

import asyncpg

from devstack.vault import Vault

DATABASE = "starquiz"


def owner_of(schema: str) -> str:
    """Return the name of the role that owns a schema and runs its migrations."""
    return f"{schema}_owner"


async def create_roles(admin: asyncpg.Connection, schema: str, vault: Vault) -> None:
    """Create a service's two roles, or set their passwords when they exist. Roles belong to the whole server."""
    for role in (schema, owner_of(schema)):
        exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if exists else "CREATE"
        attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"
        await admin.execute(f"{verb} ROLE {_name(role)} {attributes} PASSWORD '{vault.password(role)}'")
        await admin.execute(f"ALTER ROLE {_name(role)} SET search_path = {_name(schema)}")


async def create_database(admin: asyncpg.Connection, database: str) -> None:
    """Create an empty database; leave an existing one as it is."""
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        await admin.execute(f"CREATE DATABASE {_name(database)} STRATEGY file_copy")


async def let_in(admin: asyncpg.Connection, database: str, schemas: Iterable[str]) -> None:
    """Let the schemas' roles enter a database. A copy of a template needs this again: rights on it are not copied."""
    await admin.execute(f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC")
    for schema in schemas:
        roles = f"{_name(schema)}, {_name(owner_of(schema))}"
        await admin.execute(f"GRANT CONNECT ON DATABASE {_name(database)} TO {roles}")


async def create_schemas(inside: asyncpg.Connection, schemas: Iterable[str]) -> None:
    """Create the schemas in the database of a superuser's connection and give out the rights. Repeatable."""
    await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for schema in schemas:
        role, owner, name = _name(schema), _name(owner_of(schema)), _name(schema)
        await inside.execute(
            f"""
            CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {owner};
            GRANT USAGE ON SCHEMA {name} TO {role};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {name}
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {name}
                GRANT USAGE, SELECT ON SEQUENCES TO {role};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {name} GRANT EXECUTE ON FUNCTIONS TO {role};
            """
        )


def _name(identifier: str) -> str:
    if not identifier.replace("_", "").isalnum():
        raise ValueError(f"{identifier!r} is no name for a role, schema or database: letters, digits and _ only")
    return f'"{identifier}"'
