"""The three exits. Every message leaves by exactly one of them, and only here.

done    – had its effect, now or before, or was refused by the rules → acknowledged
not now – left no trace; heard again after a delay that grows → negatively acknowledged with that delay
never   – cannot be read, is unknown, or has used up its tries → kept as a dead letter with its notice, in one
          transaction, then acknowledged
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence

import asyncpg
import structlog

from actors import metrics
from actors.clock import Clock
from actors.delivery import Delivery
from actors.ground import Ground, OutboxRow, delete_effects, keep_results, leave
from actors.outage import is_outage
from actors.outcome import Outcome, ended_by, settle, write
from actors.turn import Emitted
from actors.turns import new_batch
from contracts.envelope import Envelope
from contracts.ground import DeadLetterReceived
from contracts.ids import derived_id
from contracts.message import shape_of, subject_of

TRIES_MAX = 5
"""Tries of one message in one process before it is dead-lettered. Outages of Postgres do not count."""
_BACKOFF_SECONDS = (0.5, 2.0, 8.0, 20.0)
_REMEMBERED_MAX = 10_000

log = structlog.get_logger()


class Exits:
    """The ways out of a service's turns."""

    def __init__(self, service: str, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
        """Keep dead letters in this service's schema."""
        self._service = service
        self._pool = pool
        self._clock = clock
        self._tries: OrderedDict[str, int] = OrderedDict()

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge."""
        for delivery in deliveries:
            if self._tries:
                self._tries.pop(delivery.envelope.id, None)
            if delivery.msg is not None:
                await delivery.msg.ack()
            elif delivery.settled is not None and not delivery.settled.done():
                delivery.settled.set_result(None)
        for type_name, count in Counter(delivery.envelope.type_name for delivery in deliveries).items():
            metrics.MESSAGES.labels(type_name, "done").inc(count)

    async def not_now(
        self, delivery: Delivery, again: Callable[[Delivery], None], *, delay_seconds: float, reason: str
    ) -> None:
        """Have the message heard again after a delay. Local messages go back to the loop by `again`."""
        metrics.MESSAGES.labels(delivery.envelope.type_name, "not_now").inc()
        log.info("message_postponed", **_who(delivery), reason=reason, delay_seconds=delay_seconds)
        if delivery.msg is not None:
            await delivery.msg.nak(delay=delay_seconds)
        else:
            asyncio.get_running_loop().call_later(delay_seconds, again, delivery)

    async def failed(
        self, failures: Sequence[tuple[Delivery, Exception]], again: Callable[[Delivery], None]
    ) -> list[OutboxRow]:
        """Choose between "not now" and "never" for messages whose handler raised; returns notices to publish."""
        used_up: list[tuple[Delivery, str, int]] = []
        for delivery, error in failures:
            tries = self._count(delivery.envelope.id)
            log.warning("message_failed", **_who(delivery), tries=tries, exc_info=error)
            if tries >= TRIES_MAX:
                used_up.append((delivery, f"{type(error).__name__}: {error}", tries))
            else:
                delay = _BACKOFF_SECONDS[min(tries, len(_BACKOFF_SECONDS)) - 1]
                await self.not_now(delivery, again, delay_seconds=delay, reason=type(error).__name__)
        return await self._never(used_up, again)

    async def unreadable(
        self, failures: Sequence[tuple[Delivery, Exception]], again: Callable[[Delivery], None]
    ) -> list[OutboxRow]:
        """Put aside messages that this build cannot read; returns notices to publish."""
        return await self._never([(d, f"{type(error).__name__}: {error}", 1) for d, error in failures], again)

    async def write_down(self, failures: Sequence[tuple[Delivery, Exception]]) -> None:
        """Keep results that could not be heard in their effects' rows: from now on no restart repeats the calls."""
        written: list[tuple[Outcome, bytes]] = []
        for outcome in {d.outcome for d, _ in failures if d.outcome is not None and not d.outcome.is_written}:
            try:
                written.append((outcome, write(outcome)))
            except Exception as error:
                log.error("result_unwritable", effect=outcome.row.effect_id, exc_info=error)
        if not written:
            return
        try:
            await keep_results(self._pool, [(outcome.row, results) for outcome, results in written])
        except Exception as error:
            log.warning("results_not_written", effects=len(written), exc_info=error)
            return
        for outcome, _ in written:
            outcome.is_written = True

    async def _never(
        self, letters: Sequence[tuple[Delivery, str, int]], again: Callable[[Delivery], None]
    ) -> list[OutboxRow]:
        if not letters:
            return []
        try:
            notices = await self._keep(letters)
        except Exception as error:
            if not is_outage(error):
                raise
            for delivery, _, _ in letters:
                await self.not_now(delivery, again, delay_seconds=5.0, reason="postgres is down")
            return []
        for delivery, error, tries in letters:
            log.error("message_dead_lettered", **_who(delivery), error=error, tries=tries)
            metrics.DEAD_LETTERS.labels(delivery.envelope.type_name).inc()
        await self.done([delivery for delivery, _, _ in letters])
        return notices

    async def _keep(self, letters: Sequence[tuple[Delivery, str, int]]) -> list[OutboxRow]:
        now = self._clock.now()
        batch = new_batch(now)
        by_id = {delivery.envelope.id: (delivery, error, tries) for delivery, error, tries in letters}
        deliveries = [delivery for delivery, _, _ in letters]
        ended = ended_by(deliveries)
        async with self._pool.acquire() as connection, connection.transaction():
            ground = Ground(connection)
            kept = await ground.append_dead_letters(letters, now)
            notices: list[OutboxRow] = []
            for letter_id, message_id in kept:
                delivery, error, tries = by_id[message_id]
                notice = DeadLetterReceived(
                    service=self._service,
                    letter_id=str(letter_id),
                    letter_subject=delivery.subject or delivery.envelope.type_name,
                    error=error[:500],
                    attempts=tries,
                    at=now,
                )
                envelope = Envelope(
                    id=derived_id(f"dead:{message_id}", 1),
                    type_name=shape_of(DeadLetterReceived).type_name,
                    time=now,
                    source=self._service,
                    cause=message_id,
                )
                notices.append(OutboxRow.of_message(batch, len(notices), Emitted(subject_of(notice), envelope, notice)))
            await leave(connection, notices)
            await delete_effects(connection, [outcome.row for outcome in ended])
        settle(deliveries, ended)
        return notices

    def _count(self, message_id: str) -> int:
        tries = self._tries.pop(message_id, 0) + 1
        self._tries[message_id] = tries
        if len(self._tries) > _REMEMBERED_MAX:
            self._tries.popitem(last=False)
        return tries


def _who(delivery: Delivery) -> dict[str, str]:
    return {
        "subject": delivery.subject,
        "message_id": delivery.envelope.id,
        "type": delivery.envelope.type_name,
        "cause": delivery.envelope.cause,
    }
