"""Kitchen's table."""

from collections.abc import Mapping, Sequence

from actors.store import Connection, Store, Writer
from examples.kitchen.domain import Pot

_LOAD = "select cook, egg, done_at from pots where cook = any($1::text[]) order by cook for update"
_SAVE = """insert into pots select * from unnest($1::text[], $2::uuid[], $3::timestamptz[])
           on conflict (cook) do update set egg = excluded.egg, done_at = excluded.done_at"""


class Pots(Store[str, Pot]):
    """One row a cook."""

    state, key_field = Pot, "cook"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Pot]:
        """Load and lock in key order."""
        return {row["cook"]: Pot(**row) for row in await connection.fetch(_LOAD, keys)}

    async def save(self, connection: Writer, states: Sequence[Pot]) -> None:
        """Write all in one statement."""
        cooks, eggs, times = zip(*((pot.cook, pot.egg, pot.done_at) for pot in states), strict=True)
        await connection.execute(_SAVE, cooks, eggs, times)

    def blank(self, key: str) -> Pot:
        """A pot that nobody has used."""
        return Pot(key)
