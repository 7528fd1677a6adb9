"""A service's real handlers and stores in real turns, without NATS: what stages of services are made of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

import asyncpg
import msgspec

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.turns import TurnResult, Turns
from actors.schedules import Due
from actors.spec import ServiceSpec
from contracts.envelope import first_envelope
from contracts.message import Contract, answer_of, decode, encode, find, type_name_of_subject

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
M = TypeVar("M", bound=Contract)


class TurnStage:
    """One service whose turns are taken and whose jobs are run by hand, by a clock that is set by hand."""

    def __init__(self, spec: ServiceSpec, pool: Pool, clock: ManualClock, resources: dict[type, Any]) -> None:
        self.spec = spec
        self.pool = pool
        self.clock = clock
        self.said: list[Any] = []
        self.resources = resources
        self.turns = Turns(spec.actor, pool=pool, clock=clock, resources=resources)

    def wait(self, **span: float) -> None:
        self.clock.advance(**span)

    async def take(self, *messages: Contract) -> TurnResult:
        """Take one turn for the messages; one that fails fails the test."""
        return await self._take([self.delivery(message) for message in messages])

    async def run(self, due: Due) -> None:
        """Run a job, each time as a firing of its own."""
        means = RunningJob(
            service=self.spec.name,
            clock=self.clock,
            acquire=self.pool.acquire,
            take=self._take_all,
            resources=self.resources,
            firing=uuid4().hex,
        )
        await self.spec.actor.jobs[type(due)](due, means)

    async def _take_all(self, deliveries: Sequence[Delivery]) -> None:
        await self._take(deliveries)

    async def _take(self, deliveries: Sequence[Delivery]) -> TurnResult:
        taken = await self.turns.take(deliveries)
        assert [repr(error) for _, error in (*taken.failed, *taken.unreadable)] == []
        self.said += self.messages_of(taken)
        return taken

    def messages_of(self, taken: TurnResult) -> list[Any]:
        """Return what a turn said."""
        return [decode(find(type_name_of_subject(row.subject)), row.body) for row in taken.outbox]

    def delivery(self, message: Contract) -> Delivery:
        """Return a message as a turn takes it."""
        envelope = first_envelope(message, identifier=uuid4().hex, time=self.clock.now(), source="test")
        envelope = msgspec.structs.replace(envelope, reply_to="_INBOX_test.1")
        return Delivery("", {}, encode(message), envelope, message=message)

    def heard(self, kind: type[M]) -> list[M]:
        """Return what was said of a kind so far."""
        return [message for message in self.said if isinstance(message, kind)]

    async def answer(self, message: Contract) -> Any:
        """Return what an operator is answered."""
        ((_, body),) = (await self.take(message)).replies
        return msgspec.json.decode(body, type=answer_of(type(message)))
