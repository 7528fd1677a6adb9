"""Turns for operators' commands. The command never travels: it is as durable as its turn, and the audit remembers."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec
import structlog

from actors.clock import Clock
from actors.engine.auditing import Asked, Audit
from actors.engine.delivery import Delivery
from contracts.envelope import first_envelope
from contracts.ids import ADMIN_ID
from contracts.message import Command

_TURN_SECONDS_MAX = 5.0

log = structlog.get_logger()
TakeTurn = Callable[[Delivery], Awaitable[None]]


class AdminTurns:
    """Takes one service's turns for what operators ask."""

    def __init__(self, service: str, *, audit: Audit, take: TakeTurn, clock: Clock) -> None:
        """`take` takes a turn and returns when it is committed, or raises when it failed."""
        self._service = service
        self._audit = audit
        self._take = take
        self._clock = clock

    async def take(self, asked: Asked, command: Command) -> msgspec.Raw:
        """Take a turn for an operator's command and return what the audit has of it from then on.

        It is repeated when there was no answer. Raises TimeoutError when it is not done in time.
        """
        envelope = first_envelope(
            command,
            identifier=asked.identifier,
            time=self._clock.now(),
            source=self._service,
            origin=f"{ADMIN_ID}{asked.operator}",
        )
        delivery = Delivery("", {}, asked.body, envelope, message=command, operator=asked.operator)
        try:
            await asyncio.wait_for(self._take(delivery), _TURN_SECONDS_MAX)
        except asyncpg.UniqueViolationError:
            log.info("admin_request_repeated", request_id=asked.identifier, operator=asked.operator)
        first = await self._audit.first_answer(asked)
        if first is None:
            raise LookupError(f"{asked.identifier}: its turn left nothing in the audit")
        return first
