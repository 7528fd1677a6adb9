"""The turn as a handler sees it: the time, identifiers, dice, and what it wants to happen after the commit."""

import random
import uuid
from datetime import datetime
from typing import Any

import msgspec

from contracts.envelope import Envelope
from contracts.ids import derived_id, new_entity_id
from contracts.message import Contract, shape_of, subject_of
from contracts.subjects import fired_subject


class Emitted(msgspec.Struct, frozen=True):
    """A message on its way out: published after the commit."""

    subject: str
    envelope: Envelope
    message: Contract


class Timer(msgspec.Struct, frozen=True):
    """A message to be delivered to this service at a time of its own."""

    name: str
    when: datetime
    envelope: Envelope
    message: Contract
    fires_on: str
    """The subject on which it comes back."""


class Wanted(msgspec.Struct, frozen=True):
    """An effect on the outside world, to be performed after the commit."""

    effect: msgspec.Struct
    ordering_key: str
    priority: int


class Turn:
    """What one message gave rise to. Made for each message; thrown away as a whole when its handler fails."""

    def __init__(
        self, message: Envelope, now: datetime, *, service: str, operator: str = "", answer: Any = None
    ) -> None:
        """Begin the turn of `message` at `now` (UTC) in `service`.

        `answer` is the type of what may be replied; None for any.
        """
        self.message = message
        self.now = now
        self.operator = operator
        """Who asked, when the message came by an admin endpoint of this service; otherwise empty."""
        self.emitted: list[Emitted] = []
        self.timers: list[Timer] = []
        self.wanted: list[Wanted] = []
        self.records: list[msgspec.Struct] = []
        self.created: list[msgspec.Struct] = []
        self.lasted: list[tuple[str, datetime]] = []
        self.answer: Any = None
        self.answered = False
        self._answer = answer
        self._service = service
        self._entities = 0
        self._random: random.Random | None = None

    def signed(self, text: str) -> str:
        """Return a text with the operator who asked in front of it; as it is when nobody did."""
        return f"{self.operator}: {text}" if self.operator else text

    @property
    def random(self) -> random.Random:
        """Dice seeded by the message's id: a replay rolls the same."""
        if self._random is None:
            self._random = random.Random(self.message.id)  # noqa: S311 - decides games, not secrets
        return self._random

    def new_id(self) -> uuid.UUID:
        """Return a new entity's id, the same on every replay of this message."""
        self._entities += 1
        return new_entity_id(self.message.id, self._entities, self.message.time)

    def emit(self, message: Contract, *, origin: str | None = None) -> None:
        """Publish an event, or a command to another actor, after the commit.

        `origin` is opaque to the other services and comes back on what they emit in response; by default the one of
        the message being handled is passed on.
        """
        envelope = self._caused(message, len(self.emitted) + len(self.timers) + 1, origin)
        self.emitted.append(Emitted(subject_of(message), envelope, message))

    def at(self, when: datetime, message: Contract, *, name: str) -> None:
        """Deliver `message` to this service at `when`. A timer of the same name (one subject token) is replaced.

        Raises ValueError for a message that is another service's.
        """
        envelope = self._caused(message, len(self.emitted) + len(self.timers) + 1, None)
        fires_on = fired_subject(self._service, subject_of(message), name)
        self.timers.append(Timer(name, when, envelope, message, fires_on))

    def perform(self, effect: msgspec.Struct, *, ordering_key: str, priority: int = 0) -> None:
        """Do something to the outside world after the commit, at least once, in order within its queue.

        Lower `priority` goes first among queues.
        """
        self.wanted.append(Wanted(effect, ordering_key, priority))

    def record(self, row: msgspec.Struct) -> None:
        """Append a row to the journal of its type, in this transaction."""
        self.records.append(row)

    def took(self, what: str, *, since: datetime) -> None:
        """Have it measured how long something took, from an instant to this turn's commit (`starquiz_took_seconds`).

        `what` is one of `ServiceSpec.measures`.
        """
        self.lasted.append((what, since))

    def forget(self) -> None:
        """Throw away what was said so far: for a handler that failed and answers for it."""
        said: tuple[list[Any], ...] = (self.emitted, self.timers, self.wanted, self.records, self.created, self.lasted)
        for some in said:
            some.clear()
        self.answer, self.answered = None, False

    def create(self, state: msgspec.Struct) -> None:
        """Save a new state with the others."""
        self.created.append(state)

    def reply(self, answer: Any) -> None:
        """Answer an `ask` after the commit; a replay gets the first answer. At most once a turn.

        Raises TypeError for an answer that is not of the type that the command or its endpoint declares.
        """
        if self.answered:
            raise RuntimeError("this turn has answered already")
        if isinstance(self._answer, type) and not isinstance(answer, self._answer):
            raise TypeError(f"the answer is a {type(answer).__name__}; {self._answer.__name__} is declared")
        self.answer, self.answered = answer, True

    def _caused(self, message: Contract, number: int, origin: str | None) -> Envelope:
        cause = self.message
        return Envelope(
            id=derived_id(cause.id, number),
            type_name=shape_of(type(message)).type_name,
            time=self.now,
            source=self._service,
            cause=cause.id,
            origin=cause.origin if origin is None else origin,
            trace=cause.trace,
        )
