"""The tables every service has beside its own: inbox, outbox, effects, audit. All writes are set-based."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from actors.engine.delivery import Delivery
from actors.engine.rows import EffectRow, OutboxRow, PendingDeletes
from actors.engine.statement_batch import StatementBatch
from actors.queries import load
from actors.storable import storable, storable_headers
from actors.store import Connection, Writer
from actors.turn import Turn
from contracts.message import Contract, encode

SQL = load("actors.engine", "tables.sql")

_json = msgspec.json.Encoder()
_RETURNING = "returning outbox.batch, outbox.position, outbox.subject, outbox.headers, outbox.body"


class AuditEntry(msgspec.Struct, frozen=True):
    """Who did what by an admin endpoint."""

    request_id: str
    operator: str
    subject: str
    request: str
    answer: str | None

    @staticmethod
    def is_due(delivery: Delivery) -> bool:
        """Whether this very message came in by an admin endpoint of this process."""
        return bool(delivery.operator)

    @classmethod
    def of(cls, delivery: Delivery, turn: Turn) -> "AuditEntry":
        """Return the entry for an operator's request, which is the delivery's body, and the answer it got."""
        return cls(
            request_id=delivery.envelope.id,
            operator=delivery.operator,
            subject=delivery.envelope.type_name,
            request=delivery.body.decode(),
            answer=_json.encode(turn.answer).decode(),
        )


async def leave(writer: Writer, outbox: Sequence[OutboxRow], effects: Sequence[EffectRow] = ()) -> None:
    """Write what leaves the service."""
    if outbox:
        await writer.execute(
            SQL["append_outbox"],
            [row.batch for row in outbox],
            [row.position for row in outbox],
            [row.subject for row in outbox],
            [_json.encode(row.headers) for row in outbox],
            [row.body for row in outbox],
        )
    if effects:
        await writer.execute(SQL["append_effects"], *effect_columns(effects))


def effect_columns(effects: Sequence[EffectRow]) -> tuple[list[Any], ...]:
    """Return the columns of new effects, as the statements that insert them take them."""
    return (
        [row.priority for row in effects],
        [row.batch for row in effects],
        [row.position for row in effects],
        [row.partition for row in effects],
        [row.ordering_key for row in effects],
        [row.kind for row in effects],
        [row.body for row in effects],
        [_json.encode(row.envelope) for row in effects],
        [row.created_at for row in effects],
    )


async def tidy(writes: StatementBatch, done: PendingDeletes, *, keep_sent: bool = False) -> None:
    """Forget what was published, or with `keep_sent` move it to where it is kept for three days."""
    deletions: list[tuple[str, list[list[int]], bool]] = []
    if done.published_batches:
        deletions.append((SQL["delete_outbox_batches"], [done.published_batches], False))
    for rows, refused in ((done.published_rows, False), (done.refused_rows, True)):
        if rows:
            keys = [[row.batch for row in rows], [row.position for row in rows]]
            deletions.append((SQL["delete_outbox_rows"], keys, refused))
    for sql, keys, refused in deletions:
        writes.add(f"{sql} {_RETURNING}" if keep_sent else sql, *keys)
        if keep_sent:
            writes.add(SQL["keep_sent"], refused)


async def delete_effects(writer: Writer, rows: Sequence[EffectRow]) -> None:
    """Forget what was performed and whose results are settled."""
    if rows:
        await writer.execute(
            SQL["delete_effects"],
            [row.priority for row in rows],
            [row.batch for row in rows],
            [row.position for row in rows],
        )


async def keep_results(writer: Writer, results: Sequence[tuple[EffectRow, bytes]]) -> None:
    """Write down what performing came to, so that it is not done again."""
    await writer.execute(
        SQL["keep_results"],
        [row.priority for row, _ in results],
        [row.batch for row, _ in results],
        [row.position for row, _ in results],
        [result for _, result in results],
    )


class Tables:
    """The statements on one connection, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work in the transaction that is open on `connection`."""
        self._connection = connection

    async def claim(self, identifiers: Sequence[str], now: datetime) -> set[str]:
        """Return which of the message ids (sorted) had no effect yet, and claim them."""
        rows = await self._connection.fetch(SQL["claim_inbox"], identifiers, now)
        return {row[0] for row in rows}

    async def lock_absent(self, kind: str, keys: Sequence[Any]) -> None:
        """Hold the right to make states that do not exist yet (`keys` sorted) until the transaction ends."""
        await self._connection.execute(SQL["lock_absent"], [f"{kind}:{key}" for key in keys])

    async def release(self, identifiers: Sequence[str]) -> None:
        """Take back the claim of messages that failed."""
        if identifiers:
            await self._connection.execute(SQL["release_inbox"], identifiers)

    async def save_replies(self, answers: Sequence[tuple[str, bytes]]) -> None:
        """Keep answers by message id, for replays."""
        if answers:
            identifiers, bodies = zip(*answers, strict=True)
            await self._connection.execute(SQL["save_replies"], identifiers, bodies)

    async def first_replies(self, identifiers: Sequence[str]) -> list[tuple[str, bytes]]:
        """Return (message id, first answer) of those that were answered."""
        rows = await self._connection.fetch(SQL["first_replies"], identifiers)
        return [(row[0], row[1]) for row in rows]

    async def audit(self, entries: Sequence[AuditEntry], now: datetime) -> None:
        """Write who did what. Raises UniqueViolationError for a request that is written down already."""
        if not entries:
            return
        columns = zip(*(msgspec.structs.astuple(entry) for entry in entries), strict=True)
        await self._connection.execute(SQL["append_audit"], *(list(column) for column in columns), now)

    async def append_dead_letters(
        self, letters: Sequence[tuple[Delivery, str, int]], now: datetime
    ) -> list[tuple[int, str, bool]]:
        """Keep messages that will never be handled, each once.

        Returns (letter id, message id, whether it died before) of those whose letters did not wait already. Whatever a
        message holds can be kept: what a text column refuses is replaced there, headers and body stay as they came.
        """
        rows = await self._connection.fetch(
            SQL["append_dead_letters"],
            [storable(d.envelope.id) for d, _, _ in letters],
            [storable(d.envelope.type_name) for d, _, _ in letters],
            [storable(d.subject) for d, _, _ in letters],
            [storable_headers(d.headers or d.envelope.headers()) for d, _, _ in letters],
            [_body(d) for d, _, _ in letters],
            [storable(error) for _, error, _ in letters],
            [attempts for _, _, attempts in letters],
            now,
        )
        return [(row[0], row[1], row[2]) for row in rows]


def _body(delivery: Delivery) -> bytes:
    message: Contract | None = delivery.message
    if delivery.body or message is None:
        return delivery.body
    try:
        return encode(message)
    except Exception:  # whatever a result holds: a letter that shows it is better than none
        return repr(message).encode()


def batch_at(seconds: float) -> int:
    """Return the lowest batch number of an instant (seconds since 1970)."""
    return int(seconds * 1000) << 20


def seconds_of(batch: int) -> float:
    """Return the instant of a batch number (seconds since 1970), to the millisecond."""
    return (batch >> 20) / 1000
