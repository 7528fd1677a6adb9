"""The operators' endpoints to dead letters: `admin.<service>.dead_letter.list`, `.replay`, `.drop`; all audited."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import asyncpg
import msgspec

from actors.clock import Clock
from actors.endpoints import AdminRequest
from actors.engine.dead_effects import is_effect, perform_again
from actors.engine.delivery import Delivery, UnreadableMessageError
from actors.engine.endpoint_server import BuiltinEndpoint
from actors.engine.tables import SQL
from actors.engine.turns import Turns
from actors.storable import headers_of, storable
from contracts.envelope import read_envelope
from contracts.message import UnknownContractError, type_name_of_subject

_LETTERS_MAX = 200
_PAGE_BYTES_MAX = 500_000
"""NATS carries a megabyte unless told otherwise. A page ends before it is so long, after one letter at least."""
_BODY_BYTES_MAX = 20_000
"""So much of each body is shown."""
_DROPPED = "What is dropped is never replayed; it stays in the table, marked."
LetterId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class ListDeadLetters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters to show: those after an id, at most 200, fewer where they are large."""

    after: LetterId = 0
    limit: Annotated[int, msgspec.Meta(ge=1)] = 50


class ResolveDeadLetters(AdminRequest, frozen=True, kw_only=True):
    """Which dead letters to replay; no ids means all that wait, at most 200 at once."""

    ids: tuple[LetterId, ...] = ()


class DropDeadLetters(ResolveDeadLetters, frozen=True, kw_only=True):
    """Which dead letters to drop; no ids means all that wait, at most 200 at once."""


class ShownLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter."""

    id: int
    message_id: str
    type: str
    subject: str
    body: str
    """Its first 20,000 bytes as text."""
    body_bytes: int
    """How long it is."""
    error: str
    attempts: int
    received_at: datetime


class ListedLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters that wait, by id."""

    letters: tuple[ShownLetter, ...]


class ReplayedLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Which ones had their effect, and by id why others had not: those wait still, or never did under this id."""

    replayed: list[int]
    failed: dict[str, str]


class DroppedLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Which ones are dropped, and by id why others are not."""

    dropped: list[int]
    failed: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class DeadLetters:
    """The endpoints to one service's dead letters: list, replay, drop."""

    def __init__(
        self,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        turns: Turns,
        clock: Clock,
        committed: Callable[[Any], None],
    ) -> None:
        """Replay by `turns`; `committed` is given what each replayed turn leaves to publish and perform."""
        self._pool = pool
        self._turns = turns
        self._clock = clock
        self._committed = committed

    def endpoints(self) -> list[BuiltinEndpoint]:
        """Return the endpoints to serve."""
        return [
            BuiltinEndpoint("dead_letter", "list", ListDeadLetters, ListedLetters, self._list),
            BuiltinEndpoint("dead_letter", "replay", ResolveDeadLetters, ReplayedLetters, self._replay),
            BuiltinEndpoint("dead_letter", "drop", DropDeadLetters, DroppedLetters, self._drop, _DROPPED),
        ]

    async def _list(self, request: ListDeadLetters, operator: str) -> ListedLetters:
        del operator
        limit = min(request.limit, _LETTERS_MAX)
        rows = await self._pool.fetch(SQL["list_dead_letters"], request.after, limit, _BODY_BYTES_MAX)
        return ListedLetters(letters=tuple(_page(map(_shown, rows))))

    async def _replay(self, request: ResolveDeadLetters, operator: str) -> ReplayedLetters:
        rows = await self._pool.fetch(SQL["lock_dead_letters"], list(request.ids) or None, _LETTERS_MAX)
        replayed: list[int] = []
        failed = _not_waiting(request, rows)
        for row in rows:
            error = await self._replay_one(row, operator)
            if error:
                failed[str(row["id"])] = error
            else:
                replayed.append(row["id"])
        await self._resolve("replayed", replayed, operator)
        return ReplayedLetters(replayed=replayed, failed=failed)

    async def _drop(self, request: ResolveDeadLetters, operator: str) -> DroppedLetters:
        rows = await self._pool.fetch(SQL["lock_dead_letters"], list(request.ids) or None, _LETTERS_MAX)
        dropped = await self._resolve("dropped", [row["id"] for row in rows], operator)
        return DroppedLetters(dropped=dropped, failed=_not_waiting(request, rows))

    async def _replay_one(self, row: asyncpg.Record, operator: str) -> str:
        """Take a turn for the letter with its first logical id, so a message that did have its effect has no second."""
        # What was local has no subject: its row says what it is. For all else the subject does, as when it was heard.
        if row["subject"] and type_name_of_subject(row["subject"]) != row["type_name"]:
            return f"type: the letter says {row['type_name']}, its subject {row['subject']} another. Drop it"
        if is_effect(row["type_name"]):
            return await perform_again(self._pool, row, operator, self._clock.now())
        headers = headers_of(row["headers"])
        envelope = read_envelope(row["subject"], headers, fallback_id=row["message_id"], stored_at=self._clock.now())
        envelope = msgspec.structs.replace(envelope, id=row["message_id"], type_name=row["type_name"])
        delivery = Delivery(row["subject"], headers, row["body"], envelope)
        delivery.settled = asyncio.get_running_loop().create_future()
        try:
            taken = await self._turns.take([delivery])
        except (UnknownContractError, UnreadableMessageError) as error:
            return storable(str(error))
        failures: Sequence[tuple[Delivery, Exception]] = [*taken.failed, *taken.unreadable]
        if failures:
            return storable(f"{type(failures[0][1]).__name__}: {failures[0][1]}")
        self._committed(taken)
        return ""

    async def _resolve(self, state: str, ids: list[int], operator: str) -> list[int]:
        """Mark letters; returns those that waited until now: of two operators one resolves a letter."""
        rows = await self._pool.fetch(SQL["resolve_dead_letters"], ids, state, operator, self._clock.now())
        return sorted(row[0] for row in rows)


def _not_waiting(request: ResolveDeadLetters, rows: Sequence[asyncpg.Record]) -> dict[str, str]:
    """Return an entry for each id that was asked for and is not among the letters that wait: a slip, say."""
    absent = sorted(set(request.ids) - {row["id"] for row in rows}) if len(rows) < _LETTERS_MAX else []
    return {str(one): "no dead letter waits under this id; dead_letter.list shows those that do" for one in absent}


def _page(letters: Iterable[ShownLetter]) -> Iterator[ShownLetter]:
    """Yield letters while one answer has room for them."""
    room = _PAGE_BYTES_MAX
    for number, letter in enumerate(letters):
        room -= len(msgspec.json.encode(letter))
        if room < 0 and number:
            return
        yield letter


def _shown(row: asyncpg.Record) -> ShownLetter:
    return ShownLetter(
        id=row["id"],
        message_id=row["message_id"],
        type=row["type_name"],
        subject=row["subject"],
        body=bytes(row["body"]).decode(errors="replace"),
        body_bytes=row["body_bytes"],
        error=row["error"],
        attempts=row["attempts"],
        received_at=row["received_at"],
    )
