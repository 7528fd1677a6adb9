"""Every store locks what it loads, in the order of its keys: the plans that Postgres makes say so."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

import asyncpg
import pytest

from actors.store import Store
from devstack.databases import Database
from devstack.stack import load_specs

IMMUTABLE = {"Quote"}
"""States that never change once they are made: there is nothing to wait for."""
STORES = [
    pytest.param(spec.name, store, id=f"{spec.name}-{store.state.__name__}")
    for spec in load_specs()
    for store in spec.actor.stores.values()
    if isinstance(store, Store) and store.state.__name__ not in IMMUTABLE
]
_KEYS: Mapping[Any, Any] = {int: 1, str: "1", UUID: UUID(int=1), tuple[str, str]: ("1", "1")}


class Explaining:
    """A connection that finds nothing and keeps the plans of what it is asked."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.plans: list[str] = []
        self._connection = connection

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        rows = await self._connection.fetch(f"explain {sql}", *arguments)
        self.plans.append("\n".join(row[0] for row in rows))
        return []


@pytest.mark.parametrize(("service", "store"), STORES)
async def test_a_store_locks_what_it_loads_in_the_order_of_its_keys(
    service: str, store: Store[Any, Any], make_database: Any
) -> None:
    database: Database = await make_database(service)
    connection = await asyncpg.connect(database.dsn(service))
    try:
        # An index would bring the order along by chance.
        await connection.execute("set enable_indexscan = off; set enable_indexonlyscan = off")
        spy = Explaining(connection)
        await store.load(spy, _keys(store))  # pyright: ignore[reportArgumentType]
    finally:
        await connection.close()
    assert "LockRows" in spy.plans[0]
    assert "Sort Key" in spy.plans[0]


def _keys(store: Store[Any, Any]) -> Sequence[Any]:
    (base,) = (base for base in type(store).__orig_bases__ if get_args(base))  # type: ignore[attr-defined]
    return [_KEYS[get_args(base)[0]]]
