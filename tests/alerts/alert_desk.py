"""Alerts' real handlers and stores in real turns, without NATS."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
import msgspec

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.turns import TurnResult, Turns
from actors.schedules import Due
from alerts.app import SPEC
from alerts.domain.notice import Notice
from alerts.domain.policy import parse_policy
from alerts.domain.routing import Router
from alerts.domain.runbooks import Runbooks
from alerts.handlers.clock import look_at_due
from alerts.store.pages import read_details, read_page
from contracts.alerts import AlertDetails, AlertsQuery, AlertView, ChannelName, NoticeKind
from contracts.envelope import first_envelope
from contracts.ground import AlertRaised, DeadLetterReceived
from contracts.message import Contract, answer_of, decode, encode, find, type_name_of_subject

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
_WORDS = """select notice, channel from deliveries where ($1::text is null or channel = $1) order by number"""


class Desk:
    """Alerts as services, operators and channels meet it."""

    def __init__(
        self, pool: Pool, *, dsn: str = "", policy: str = "", channels: Sequence[ChannelName] = tuple(ChannelName)
    ) -> None:
        self.pool, self.dsn = pool, dsn
        self.clock = ManualClock(NOON)
        self.said: list[Any] = []
        resources = {
            Router: Router(parse_policy(policy), channels),
            Runbooks: Runbooks("https://runbooks.example"),
        }
        self.turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources=resources)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def take(self, *messages: Contract, operator: str = "") -> TurnResult:
        """Take one turn for the messages; one that fails fails the test."""
        return await self._take([self._delivery(message, operator) for message in messages])

    async def ask(self, command: Contract, operator: str = "mira") -> Any:
        """Return what an operator is answered."""
        ((_, body),) = (await self.take(command, operator=operator)).replies
        return msgspec.json.decode(body, type=answer_of(type(command)))

    async def run(self, due: Due) -> None:
        """Run a job, each time as a firing of its own."""
        means = RunningJob(
            service="alerts",
            clock=self.clock,
            acquire=self.pool.acquire,
            take=self._take_all,
            firing=uuid4().hex,
        )
        await SPEC.actor.jobs[type(due)](due, means)

    async def pass_by(self, **span: float) -> None:
        """Let time pass, and the clock strike at its end."""
        self.clock.advance(**span)
        await self.run(look_at_due.due())

    async def _take_all(self, deliveries: Sequence[Delivery]) -> None:
        await self._take(deliveries)

    async def _take(self, deliveries: Sequence[Delivery]) -> TurnResult:
        taken = await self.turns.take(deliveries)
        faults = [f"{delivery.envelope.type_name}: {error!r}" for delivery, error in (*taken.failed, *taken.unreadable)]
        assert not faults, faults
        self.said += [decode(find(type_name_of_subject(row.subject)), row.body) for row in taken.outbox]
        return taken

    def _delivery(self, message: Contract, operator: str) -> Delivery:
        envelope = first_envelope(message, identifier=uuid4().hex, time=self.now, source="test")
        envelope = msgspec.structs.replace(envelope, reply_to="_INBOX_test.1")
        return Delivery("", {}, encode(message), envelope, message=message, operator=operator)

    # -- what is seen ---------------------------------------------------------------------------

    async def told(self, channel: ChannelName | None = None) -> list[tuple[NoticeKind, ChannelName]]:
        """Return what was to be told, and where, in order."""
        rows = await self.pool.fetch(_WORDS, channel)
        return [(msgspec.json.decode(said, type=Notice).kind, ChannelName(where)) for said, where in rows]

    async def notices(self, channel: ChannelName) -> list[Notice]:
        """Return what was to be told there."""
        return [msgspec.json.decode(row[0], type=Notice) for row in await self.pool.fetch(_WORDS, channel)]

    async def kinds(self, channel: ChannelName = ChannelName.GENERIC) -> list[NoticeKind]:
        """Return what was to be told at one channel, by kind."""
        return [kind for kind, _ in await self.told(channel)]

    async def alerts(self) -> tuple[AlertView, ...]:
        """Return every alert, the newest first."""
        async with self.pool.acquire() as connection:
            return (await read_page(connection, AlertsQuery(is_open=False))).alerts

    async def only(self) -> AlertView:
        """Return the one alert there is."""
        (alert,) = await self.alerts()
        return alert

    async def details(self, alert_id: str) -> AlertDetails:
        async with self.pool.acquire() as connection:
            return await read_details(connection, alert_id)

    # -- what is said ---------------------------------------------------------------------------

    def raised(self, event: str = "something_odd", key: str = "k", **more: Any) -> AlertRaised:
        given: dict[str, Any] = {"service": "promo", "event": event, "key": key, "summary": "odd", "at": self.now}
        return AlertRaised(**(given | more))

    def letter(self, **more: Any) -> DeadLetterReceived:
        """An error of `ops_l1`, told at Slack and the generic webhook."""
        given: dict[str, Any] = {"service": "payments", "letter_id": "17", "attempts": 1, "error": "no", "at": self.now}
        given |= {"letter_subject": "payments.cmd.7.buy_product"} | more
        return DeadLetterReceived(**given)
