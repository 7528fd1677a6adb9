"""What leaves a turn, as it is stored: messages on their way out, effects to perform, and what is left to delete."""

import zlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from actors.effects import PARTITIONS
from actors.turn import Emitted, Timer, Wanted
from contracts.envelope import Envelope
from contracts.message import encode
from contracts.subjects import timer_subject

_json = msgspec.json.Encoder()


class OutboxRow(msgspec.Struct, frozen=True):
    """A message on its way out, as stored and as published."""

    batch: int
    position: int
    subject: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of_message(cls, batch: int, position: int, emitted: Emitted) -> "OutboxRow":
        """Return the row of an emitted message."""
        return cls(batch, position, emitted.subject, emitted.envelope.headers(), encode(emitted.message))

    @classmethod
    def of_timer(cls, service: str, batch: int, position: int, timer: Timer) -> "OutboxRow":
        """Return the row that stores a JetStream schedule: one schedule per subject, the same name replaces."""
        when = timer.when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = timer.envelope.headers() | {
            "Nats-Schedule": f"@at {when}",
            "Nats-Schedule-Target": timer.fires_on,
        }
        return cls(batch, position, timer_subject(service, timer.name), headers, encode(timer.message))


class EffectRow(msgspec.Struct, frozen=True):
    """An effect to be performed, as stored and as handed to its performer."""

    priority: int
    batch: int
    position: int
    ordering_key: str
    kind: str
    body: bytes
    envelope: Envelope
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    effect: Any = None
    """What `body` says, where this process wrote it; None for a row that was read from the table."""
    result: bytes | None = None
    """What performing it came to (`actors.engine.outcome`), where that was written down."""

    @property
    def effect_id(self) -> str:
        """The effect's name, the same on every try."""
        return f"{self.priority}-{self.batch}-{self.position}"

    @property
    def partition(self) -> int:
        """Which partition its queue falls into."""
        return zlib.crc32(self.ordering_key.encode()) % PARTITIONS

    @classmethod
    def of(cls, batch: int, position: int, wanted: Wanted, cause: Envelope, now: datetime) -> "EffectRow":
        """Return the row of an effect that a handler wanted."""
        kind = type(wanted.effect).__name__
        body = _json.encode(wanted.effect)
        return cls(
            wanted.priority, batch, position, wanted.ordering_key, kind, body, cause, now, now, effect=wanted.effect
        )


class PendingDeletes(msgspec.Struct):
    """What earlier turns left to tidy up: rows whose messages were published, effects that were performed."""

    published_batches: list[int] = msgspec.field(default_factory=list[int])
    published_rows: list[OutboxRow] = msgspec.field(default_factory=list[OutboxRow])
    refused_rows: list[OutboxRow] = msgspec.field(default_factory=list[OutboxRow])
    """Rows that a full mailbox did not take, and nobody will."""
    performed: list[EffectRow] = msgspec.field(default_factory=list[EffectRow])

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.published_batches or self.published_rows or self.refused_rows or self.performed)

    def add(self, other: "PendingDeletes") -> None:
        """Take over what another one left."""
        self.published_batches.extend(other.published_batches)
        self.published_rows.extend(other.published_rows)
        self.refused_rows.extend(other.refused_rows)
        self.performed.extend(other.performed)
