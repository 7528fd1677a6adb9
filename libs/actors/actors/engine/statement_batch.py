"""All writes of a turn in one statement: each round trip costs every turn, however few messages it has.

Stores and journals write as if to a connection; what they write is gathered and sent together, each part as a
data-modifying common table expression. The parts run on one snapshot and in no particular order, so each must have
tables to itself (`Journal.apart` is for those that have not).
"""

import re
from functools import lru_cache
from typing import Any

from actors.store import Connection

PREVIOUS = ":previous"
"""In a part: the rows that the part before it returned."""
_PARAMETER = re.compile(r"\$(\d+)")


class StatementBatch:
    """Gathers statements; `send` runs them as one."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._arguments: list[Any] = []
        self._counts: list[int] = []

    async def execute(self, query: str, *args: Any) -> str:
        """Gather an insert, update or delete; it runs with `send`."""
        self.add(query, *args)
        return ""

    def add(self, query: str, *args: Any) -> None:
        """Gather an insert, update or delete."""
        self._parts.append(query)
        self._arguments.extend(args)
        self._counts.append(len(args))

    async def send(self, connection: Connection) -> None:
        """Run what was gathered, in one round trip."""
        if self._parts:
            await connection.execute(in_one(tuple(self._parts), tuple(self._counts)), *self._arguments)


@lru_cache(maxsize=512)
def in_one(parts: tuple[str, ...], counts: tuple[int, ...]) -> str:
    """Return one statement that runs all parts, their parameters numbered on from part to part."""
    numbered: list[str] = []
    offset = 0
    for place, (part, count) in enumerate(zip(parts, counts, strict=True)):
        part = part.replace(PREVIOUS, f"part_{place - 1}")  # noqa: PLW2901 - the same part, its name filled in
        shifted = _PARAMETER.sub(lambda found, offset=offset: f"${int(found[1]) + offset}", part)
        numbered.append(f"part_{place} as (\n{shifted}\n)")
        offset += count
    return f"with {', '.join(numbered)} select"
