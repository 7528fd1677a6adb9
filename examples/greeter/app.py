"""Register: how guests are loaded and saved, and what the service is."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from actors.store import Connection, Store, Writer
from examples.greeter.handlers import Greeted, Guest, actor

_LOAD = "select name, times from guests where name = any($1::text[]) order by name for update"
_SAVE = """insert into guests select * from unnest($1::text[], $2::int[])
           on conflict (name) do update set times = excluded.times"""


class Guests(Store[str, Guest]):
    """Many guests at once, by one query each way."""

    state, key_field = Guest, "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Guest]:
        """Lock in key order: no two turns wait for each other."""
        return {row["name"]: Guest(**row) for row in await connection.fetch(_LOAD, keys)}

    async def save(self, connection: Writer, states: Sequence[Guest]) -> None:
        """Write new and changed guests alike."""
        await connection.execute(_SAVE, [guest.name for guest in states], [guest.times for guest in states])

    def blank(self, key: str) -> Guest:
        """Somebody nobody has greeted yet."""
        return Guest(key)


actor.keep(Guests())
SPEC = ServiceSpec(name="greeter", actor=actor, on_record=(Greeted,))


@asynccontextmanager
async def build(_: Dependencies) -> AsyncGenerator[Provided]:
    """Add what is the service's own (a question bank, a bot): nothing here."""
    yield Provided()
