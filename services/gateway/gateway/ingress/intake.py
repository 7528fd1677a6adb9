"""Makes updates durable, whichever way they came: each is stored in JetStream before anyone is told it was taken.

Here, and only here, updates are made to wait for each other: what is published together is pulled, handled and
published onward together by every service on its way, so one gathering makes each of their turns worth its cost.
"""

import asyncio
import contextlib
import hashlib
import math
import time
from collections.abc import Callable
from enum import Enum

import structlog
from msgspec import Raw

from actors.clock import Clock
from actors.engine.publisher import MailboxFullError, Publisher, PublishError
from contracts.envelope import addressed, first_envelope
from contracts.gateway import TelegramPaymentUpdate, TelegramUpdate
from contracts.message import encode
from gateway import metrics
from gateway.ingress.addressing import NotAnUpdateError, address
from gateway.ingress.gathering import Gathering

GATHER_MAX = 20
"""So many waiting are enough: Telegram has 40 connections at most, and each waits for its answer."""
_SOURCE = "gateway"
Message = tuple[str, dict[str, str], bytes]

log = structlog.get_logger()


def _let_go(raw: bytes) -> None:
    """Do nothing about a refused update."""
    del raw


class NotDurableError(Exception):
    """JetStream did not say that it has the update. Telegram must send it again."""


class Taken(Enum):
    """What came of an update."""

    STORED = "stored"
    MAILBOX_FULL = "mailbox_full"
    """The player has more updates waiting than a mailbox holds: refused for good."""
    NOT_AN_UPDATE = "not_an_update"


class Intake:
    """Publishes updates: at once while few come, else those that arrived since the last batch together."""

    def __init__(self, publisher: Publisher, clock: Clock, *, refused: Callable[[bytes], None] = _let_go) -> None:
        """Publish through `publisher`; `refused` is told of updates that a full mailbox refused for good."""
        self._refused = refused
        self._publisher = publisher
        self._clock = clock
        self._waiting: list[tuple[Message, asyncio.Future[PublishError | None]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._gathering = Gathering()
        self._published_at = -math.inf
        self._enough = asyncio.Event()

    async def take(self, raw: bytes) -> Taken:
        """Store one update; raises NotDurableError when that is not certain."""
        try:
            message, update_json = self._message(raw)
        except NotAnUpdateError as error:
            metrics.UPDATES_REFUSED.labels(Taken.NOT_AN_UPDATE.value).inc()
            log.warning("not_an_update", error=str(error), size=len(raw), sha256=hashlib.sha256(raw).hexdigest())
            return Taken.NOT_AN_UPDATE
        self._gathering.arrived(time.monotonic())
        outcome: asyncio.Future[PublishError | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, outcome))
        if len(self._waiting) >= GATHER_MAX:
            self._enough.set()
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        taken = self._read(await outcome)
        if taken is Taken.MAILBOX_FULL:
            self._refused(update_json)
        return taken

    @staticmethod
    def _read(error: PublishError | None) -> Taken:
        if error is None:
            return Taken.STORED
        if isinstance(error, MailboxFullError):
            metrics.UPDATES_REFUSED.labels(Taken.MAILBOX_FULL.value).inc()
            return Taken.MAILBOX_FULL
        raise NotDurableError(str(error))

    def _message(self, raw: bytes) -> tuple[Message, bytes]:
        """Return what is published of an update, and the update as it can be read."""
        seen, update_json = address(raw)
        if update_json is not raw:
            metrics.UPDATES_MENDED.inc()
            log.info("update_mended", update_id=seen.update_id, kind=seen.kind, size=len(raw))
        now = self._clock.now()
        contract = TelegramPaymentUpdate if seen.is_payment else TelegramUpdate
        update = contract(
            update_id=seen.update_id,
            player_id=seen.player_id,
            kind=seen.kind,
            update=Raw(update_json),
            received_at=now,
        )
        envelope = first_envelope(update, identifier=f"tg:{seen.update_id}", time=now, source=_SOURCE)
        return (*addressed(update, envelope), encode(update)), update_json

    async def _gather(self) -> None:
        """Wait until the next publishing is due, or enough updates wait for it."""
        now = time.monotonic()
        pause = self._published_at + self._gathering.seconds(now) - now
        if pause > 0 and len(self._waiting) < GATHER_MAX:
            self._enough.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), pause)
        self._published_at = time.monotonic()

    async def _send(self) -> None:
        while self._waiting:
            await self._gather()
            batch, self._waiting = self._waiting, []
            try:
                errors = await self._publisher.publish([message for message, _ in batch])
                answered = list(zip(batch, errors, strict=True))
            except Exception as error:
                log.warning("updates_not_published", updates=len(batch), error=f"{type(error).__name__}: {error}")
                answered = [(one, PublishError(str(error))) for one in batch]
            for (_, outcome), error in answered:
                if not outcome.done():
                    outcome.set_result(error)
