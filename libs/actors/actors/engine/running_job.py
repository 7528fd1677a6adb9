"""The means that a running job is given: this service's turns, database, clock and resources."""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

from actors.clock import Clock
from actors.engine.delivery import Delivery, local
from actors.engine.tables import SQL, batch_at
from actors.jobs import Job, R
from actors.store import Connection
from contracts.envelope import first_envelope
from contracts.message import Contract, encode, shape_of

INBOX_KEPT = timedelta(days=30)
SENT_KEPT = timedelta(hours=72)


class RunningJob(Job):
    """A job of one service, for one firing."""

    def __init__(
        self,
        *,
        service: str,
        clock: Clock,
        acquire: Callable[[], AbstractAsyncContextManager[Connection]],
        take: Callable[[Sequence[Delivery]], Awaitable[None]],
        resources: Mapping[type, Any] | None = None,
        firing: str = "",
        is_repeated: bool = False,
    ) -> None:
        """Hand a job the clock, the database, the service's turns and its resources.

        `is_repeated`: its firing was heard before; one of its messages may have ended the process, so tries count.
        """
        self.firing = firing or f"job:{uuid.uuid4().hex}"
        self._is_repeated = is_repeated
        self._service = service
        self._resources = resources or {}
        self._clock = clock
        self._acquire = acquire
        self._take = take

    @property
    def now(self) -> datetime:
        """The current instant (UTC), by the service's clock."""
        return self._clock.now()

    def resource(self, kind: type[R]) -> R:
        """Look among the service's resources."""
        try:
            return self._resources[kind]
        except KeyError:
            raise LookupError(f"{self._service}: a job needs {kind.__name__}, which nobody provided") from None

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Take one of the pool that is set apart for jobs."""
        return self._acquire()

    async def forget_inbox(self) -> int:
        """Delete in chunks, the inbox last."""
        await self.delete(SQL["delete_old_tries"], self.now - INBOX_KEPT)
        await self.delete(SQL["delete_old_firings"], self.now - INBOX_KEPT)
        await self.delete(SQL["delete_old_sent"], batch_at((self.now - SENT_KEPT).timestamp()))
        return await self.delete(SQL["delete_old_inbox"], self.now - INBOX_KEPT)

    async def take(self, messages: Sequence[Contract], *, idempotency_key: str | None = None) -> None:
        """Take the turns in this process's loop."""
        await self._take([self._delivery(message, idempotency_key) for message in messages])

    def _delivery(self, message: Contract, idempotency_key: str | None) -> Delivery:
        shape = shape_of(type(message))
        key = ".".join(str(getattr(message, field)) for field in shape.fields)
        identifier = f"{idempotency_key}:{shape.name}:{key}" if idempotency_key else f"job:{uuid.uuid4().hex}"
        delivery = local(message, first_envelope(message, identifier=identifier, time=self.now, source=self._service))
        if self._is_repeated:
            # By what it says: its id may be another one at each run.
            delivery.tried_as = f"{self.firing}:{shape.name}:{hashlib.sha256(encode(message)).hexdigest()[:32]}"
            delivery.is_repeated = True
        return delivery
