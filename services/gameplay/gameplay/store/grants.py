"""Grants of payments as rows."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Store, Writer
from gameplay.domain.grants import Goods, Grant

SQL: Final = load("gameplay.store", "grants.sql")


class GrantStore(Store[UUID, Grant]):
    """One row a grant, given or taken back or both."""

    state = Grant
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Grant]:
        """Load and lock grants in the order of their ids."""
        return {row[0]: _grant_of(row) for row in await connection.fetch(SQL["load_grants"], keys)}

    async def save(self, connection: Writer, states: Sequence[Grant]) -> None:
        """Write grants, new and changed, in one statement."""
        await connection.execute(SQL["save_grants"], list(map(_row_of, states)))

    def key_of(self, state: Grant) -> UUID:
        """Return the grant's id."""
        return state.id


def _grant_of(row: Record) -> Grant:
    identifier, player_id, *goods, granted_at, revoked_at = row
    return Grant(identifier, player_id, Goods(*goods), granted_at, revoked_at)


def _row_of(grant: Grant) -> tuple[Any, ...]:
    goods = msgspec.structs.astuple(grant.goods)
    return (grant.id, grant.player_id, *goods, grant.granted_at, grant.revoked_at)
