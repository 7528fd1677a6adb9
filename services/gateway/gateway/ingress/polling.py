"""Long polling, for machines without a public address: the same way in, asked for instead of delivered.

One replica polls at a time (a session lock in Postgres); Telegram is told that updates were taken only after they are
durable, by asking for what comes after them.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec
import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from actors.supervision import Supervised
from gateway import metrics
from gateway.ingress.addressing import NotAnUpdateError, read_address
from gateway.ingress.intake import Intake, NotDurableError
from gateway.store import try_poll_lock
from gateway.telegram.session import LeanSession, Reply, UnreachableError

WAIT_SECONDS = 25
"""How long Telegram holds a request open while there is nothing."""
ANSWER_SECONDS = 10
"""What it may take beyond that."""
BATCH_MAX = 100
BATCH_BYTES_MAX = 64 * 1024 * 1024
"""Far more than a hundred of the longest updates are: a list that is not read would be sent again for ever."""
RIVAL_SECONDS = 5.0
TROUBLE_SECONDS = 1.0
LOCK_RETRY_SECONDS = 1.0
PROOF_SECONDS = 60.0
"""A replica that has held the lock for so long hears Telegram, or says itself that it does not."""
RETRY_SECONDS_MAX = 60.0
"""Whatever number an answer asks us to wait: a wrong one must not make the bot deaf."""
EMPTY_SECONDS_MIN = 1.0
"""An empty list that comes sooner is no long poll that ran out."""
TROUBLE_TOLD_SECONDS = 10.0
"""What keeps updates out for so long is told by readiness."""
STOP_SECONDS = 3.0
ALLOWED_UPDATES = (
    "message", "channel_post", "callback_query", "my_chat_member", "pre_checkout_query", "subscription",
)  # fmt: skip
_DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver makes of a server that was killed under it
)

log = structlog.get_logger()


class _GetUpdates(msgspec.Struct):
    offset: int
    limit: int
    timeout: int
    allowed_updates: tuple[str, ...]


_updates = msgspec.json.Decoder(list[msgspec.Raw])
Connect = Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]


class Polling:
    """Asks Telegram for updates, again and again."""

    def __init__(self, intake: Intake, *, bot: Bot, session: LeanSession, connect: Connect) -> None:
        """Store through `intake`; hold the lock on a connection made by `connect`."""
        self._intake = intake
        self._bot = bot
        self._session = session
        self._connect = connect
        self._offset = 0
        self._storing = asyncio.Lock()
        self._asking = Supervised("polling", self._run)
        self._trouble = ""
        self._troubled_since = 0.0
        self._is_lock_trouble = False

    async def start(self) -> None:
        """Begin to poll, as soon as no other replica does."""
        self._asking.start()

    async def stop(self) -> None:
        """Stop asking; updates that are being stored are stored."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._storing:
                self._asking.cancel()
        await self._asking.stop()

    def obstacle(self) -> str:
        """Return what has kept updates out for a while. A replica that waits for another one to stop has no trouble.

        But where none of them hears Telegram each gives the lock to the next one, and what it met is still true.
        """
        if self._trouble and time.monotonic() - self._troubled_since >= TROUBLE_TOLD_SECONDS:
            return f"no updates from Telegram: {self._trouble}"
        return self._asking.obstacle()

    def _is_well(self) -> None:
        self._trouble = ""

    def _has_trouble(self, what: str, *, with_lock: bool = False) -> None:
        if not self._trouble:
            self._troubled_since = time.monotonic()
        self._trouble, self._is_lock_trouble = what, with_lock

    async def _run(self) -> None:
        while True:
            try:
                await self._poll_with_lock()
            except _DATABASE_AWAY as error:
                self._has_trouble(f"Postgres: {type(error).__name__}", with_lock=True)
                log.warning("polling_lock_lost", error=f"{type(error).__name__}: {error}")
            except (TelegramAPIError, UnreachableError) as error:
                self._has_trouble(str(error))
                metrics.POLLING.labels("unreachable").inc()
                log.warning("polling_waits", error=str(error))
            await asyncio.sleep(TROUBLE_SECONDS)

    async def _poll_with_lock(self) -> None:
        connection = await self._connect()
        try:
            waiting_since = time.monotonic()
            while not await try_poll_lock(connection):
                if self._is_lock_trouble or time.monotonic() - waiting_since >= PROOF_SECONDS:
                    self._is_well()
                await asyncio.sleep(LOCK_RETRY_SECONDS)  # nobody tells us when the lock is free
            await self._bot.delete_webhook()
            log.info("polling")
            while not connection.is_closed():
                await self._round()
        finally:
            await connection.close(timeout=2)

    async def _round(self) -> None:
        # After trouble ask without waiting: that it is over is known at once, not when the next update comes.
        seconds = 0 if self._trouble else WAIT_SECONDS
        request = _GetUpdates(self._offset, BATCH_MAX, seconds, ALLOWED_UPDATES)
        asked_at = time.monotonic()
        reply = await self._session.call(
            "getUpdates", request, timeout_seconds=seconds + ANSWER_SECONDS, bytes_max=BATCH_BYTES_MAX
        )
        if not reply.ok:
            await self._refused(reply)
            return
        try:
            updates = _updates.decode(reply.result)
        except msgspec.DecodeError as error:
            raise UnreachableError("getUpdates: a result that is no list of updates") from error
        metrics.POLLING.labels("ok").inc()
        if not updates:
            self._is_well()
            if seconds and time.monotonic() - asked_at < EMPTY_SECONDS_MIN:
                await asyncio.sleep(TROUBLE_SECONDS)  # whatever answers there does not wait as it was asked to
            return
        async with self._storing:
            await self._store(updates)

    async def _store(self, updates: list[msgspec.Raw]) -> None:
        """Store a batch; the offset moves up to the first update that is not durable."""
        before = self._offset
        outcomes = await asyncio.gather(
            *(self._intake.take(bytes(update)) for update in updates), return_exceptions=True
        )
        for update, outcome in zip(updates, outcomes, strict=True):
            if isinstance(outcome, NotDurableError):
                self._has_trouble("they cannot be stored")
                metrics.POLLING.labels("not_durable").inc()
                await asyncio.sleep(TROUBLE_SECONDS)
                return
            if isinstance(outcome, BaseException):
                raise outcome
            self._offset = _following(update, self._offset)
        if self._offset > before:
            self._is_well()
        else:
            self._has_trouble("what comes has no update_id")
            log.warning("polling_stands_still", offset=before, rows=len(updates))
            await asyncio.sleep(TROUBLE_SECONDS)

    async def _refused(self, reply: Reply) -> None:
        self._has_trouble(f"{reply.error_code} {reply.description}")
        metrics.POLLING.labels(metrics.code_label(reply.error_code)).inc()
        log.warning("polling_refused", code=reply.error_code, description=reply.description)
        if reply.error_code == 409:
            # Somebody else polls with this token, or a webhook was set: ours goes first again after a while.
            await asyncio.sleep(RIVAL_SECONDS)
            with contextlib.suppress(TelegramAPIError):
                await self._bot.delete_webhook()
            return
        await asyncio.sleep(min(max(TROUBLE_SECONDS, reply.parameters.retry_after), RETRY_SECONDS_MAX))


def _following(update: msgspec.Raw, offset: int) -> int:
    """Return the offset that confirms an update; what is none has no number, and is confirmed with its neighbours."""
    try:
        return read_address(bytes(update)).update_id + 1
    except NotAnUpdateError:
        return offset
