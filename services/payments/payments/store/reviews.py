"""The cases that wait for a person, read off purchases and charges."""

from collections.abc import Sequence
from typing import Any

from actors.store import Connection, ReadModel
from payments.domain.reviews import Reviews, Waiting
from payments.store.purchases import SQL


class ReviewQueue(ReadModel[int, Reviews]):
    """The oldest cases; the key is how many at most."""

    state = Reviews
    key_field = "limit"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Reviews]:
        """Read as many as the most curious message wants."""
        rows: list[Any] = await connection.fetch(SQL["reviews"], max(keys))
        cases = [Waiting(**dict(row)) for row in rows]
        return {key: Reviews(tuple(cases[:key])) for key in keys}
