"""The three exits. Every message leaves by exactly one of them, and only here.

done    – had its effect, now or before, or was refused by the rules → acknowledged
not now – left no trace, or this build does not know it yet; heard again after a delay that grows → negatively
          acknowledged with that delay
never   – cannot be read, is unknown for long, or has used up its tries → kept as a dead letter with its notice, in one
          transaction, then acknowledged
"""

import asyncio
import heapq
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
import structlog

from actors import metrics
from actors.clock import Clock
from actors.engine.delivery import Delivery, Outcome, UnknownContractError
from actors.engine.outage import is_outage
from actors.engine.outcome import ended_by, settle, write
from actors.engine.rows import OutboxRow
from actors.engine.tables import Tables, delete_effects, keep_results, leave
from actors.engine.tries import TRIES_MAX, Tries
from actors.engine.turns import new_batch
from actors.storable import storable
from actors.turn import Emitted
from contracts.envelope import Envelope
from contracts.ground import DeadLetterReceived
from contracts.ids import derived_id
from contracts.message import is_known, shape_of, subject_of

UNKNOWN_KEPT = timedelta(minutes=15)
"""A message that this build does not know is left to a newer one for so long; then it is a dead letter."""
_UNKNOWN_WAITING_MAX = 300
"""How many such messages of one process may wait. They count against what the consumer may have unacknowledged."""
_UNKNOWN_SECONDS_MAX = 10.0
_BACKOFF_SECONDS = (0.5, 2.0, 8.0, 20.0)
_UNKEPT_SECONDS = 5.0
_ERROR_LENGTH_MAX = 4_000

Letter = tuple[Delivery, str, int]
"""A message, why it is put aside, and how often it was tried."""

log = structlog.get_logger()


class Settlement:
    """The ways out of a service's turns."""

    def __init__(self, service: str, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
        """Keep dead letters and tries in this service's schema."""
        self.tries = Tries(pool, clock)
        self._service = service
        self._pool = pool
        self._clock = clock
        self._unknown_until: list[float] = []

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge what took effect, so that it is not delivered again."""
        await self._acknowledge(deliveries)
        for type_name, count in Counter(delivery.envelope.type_name for delivery in deliveries).items():
            metrics.messages(type_name, "done").inc(count)

    async def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        await self.tries.over(deliveries)
        for delivery in deliveries:
            if delivery.msg is not None:
                await _told(delivery, delivery.msg.ack())
            elif delivery.settled is not None and not delivery.settled.done():
                delivery.settled.set_result(None)

    async def not_now(
        self, delivery: Delivery, again: Callable[[Delivery], None], *, delay_seconds: float, reason: str
    ) -> None:
        """Have the message heard again after a delay. Local messages go back to the loop by `again`."""
        metrics.messages(_label(delivery), "not_now").inc()
        log.info("message_postponed", **_who(delivery), reason=reason, delay_seconds=delay_seconds)
        if delivery.msg is not None:
            await _told(delivery, delivery.msg.nak(delay=delay_seconds))
        else:
            asyncio.get_running_loop().call_later(delay_seconds, again, delivery)

    async def failed(
        self, failures: Sequence[tuple[Delivery, Exception]], again: Callable[[Delivery], None]
    ) -> list[OutboxRow]:
        """Choose between "not now" and "never" for messages whose handler raised; returns notices to publish."""
        failures = _unless_asked(failures)
        if not failures:
            return []
        counted = await self.tries.failed([delivery for delivery, _ in failures])
        used_up: list[Letter] = []
        for delivery, error in failures:
            tries = counted[delivery.envelope.id]
            log.warning("message_failed", **_who(delivery), tries=tries, exc_info=error)
            if tries >= TRIES_MAX:
                used_up.append((delivery, _said(error), tries))
            else:
                delay = _BACKOFF_SECONDS[min(max(tries, 1), len(_BACKOFF_SECONDS)) - 1]
                await self.not_now(delivery, again, delay_seconds=delay, reason=type(error).__name__)
        return await self._never(used_up, again)

    async def unreadable(
        self, failures: Sequence[tuple[Delivery, Exception]], again: Callable[[Delivery], None]
    ) -> list[OutboxRow]:
        """Put aside messages that this build cannot read; returns notices to publish.

        One whose contract or handler it does not have is left to a newer build for `UNKNOWN_KEPT`: in a rolling
        deployment the consumer hears already what only the new processes know.
        """
        letters: list[Letter] = []
        for delivery, error in _unless_asked(failures):
            if isinstance(error, UnknownContractError) and self._may_become_known(delivery):
                await self._leave_to_others(delivery, again)
            else:
                letters.append((delivery, _said(error), getattr(error, "tries", 1)))
        return await self._never(letters, again)

    def _may_become_known(self, delivery: Delivery) -> bool:
        """Whether the message is young, and there is room for one more to wait."""
        if delivery.msg is None:
            return False
        now, waiting = time.monotonic(), self._unknown_until
        while waiting and waiting[0] <= now:
            heapq.heappop(waiting)
        said_at = min(delivery.envelope.time, delivery.msg.metadata.timestamp)
        return self._clock.now() - said_at < UNKNOWN_KEPT and len(waiting) < _UNKNOWN_WAITING_MAX

    async def _leave_to_others(self, delivery: Delivery, again: Callable[[Delivery], None]) -> None:
        self.tries.not_tried([delivery])
        delay = min(_UNKNOWN_SECONDS_MAX, 2.0 ** min(delivery.times_delivered() - 1, 10))
        heapq.heappush(self._unknown_until, time.monotonic() + delay)
        await self.not_now(delivery, again, delay_seconds=delay, reason="unknown to this build")

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

    async def _never(self, letters: Sequence[Letter], again: Callable[[Delivery], None]) -> list[OutboxRow]:
        """Keep dead letters. One that cannot be kept does not hold up the others; it is never thrown away."""
        if not letters:
            return []
        try:
            notices = await self._keep(letters)
        except Exception as error:
            if len(letters) > 1 and not is_outage(error):
                half = len(letters) // 2
                return [*await self._never(letters[:half], again), *await self._never(letters[half:], again)]
            log.error("dead_letter_not_kept", count=len(letters), exc_info=error)
            self.tries.not_tried(delivery for delivery, _, _ in letters)
            for delivery, _, _ in letters:
                await self.not_now(delivery, again, delay_seconds=_UNKEPT_SECONDS, reason="dead letter not kept")
            return []
        for delivery, error, tries in letters:
            log.error("message_dead_lettered", **_who(delivery), error=error, tries=tries)
            metrics.DEAD_LETTERS.labels(_label(delivery)).inc()
            metrics.messages(_label(delivery), "never").inc()
        await self._acknowledge([delivery for delivery, _, _ in letters])
        return notices

    async def _keep(self, letters: Sequence[Letter]) -> list[OutboxRow]:
        now = self._clock.now()
        by_id = {storable(letter[0].envelope.id): letter for letter in letters}
        deliveries = [delivery for delivery, _, _ in letters]
        ended = ended_by(deliveries)
        async with self._pool.acquire() as connection, connection.transaction():
            kept = await Tables(connection).append_dead_letters(list(by_id.values()), now)
            batch = new_batch(now)
            notices = [
                OutboxRow.of_message(batch, place, self._notice(str(letter_id), by_id[message_id], now, again=again))
                for place, (letter_id, message_id, again) in enumerate(kept)
                # Nobody is told of a notice that could not be handled: it would go round for ever.
                if by_id[message_id][0].envelope.type_name != shape_of(DeadLetterReceived).type_name
            ]
            await leave(connection, notices)
            await delete_effects(connection, [outcome.row for outcome in ended])
        settle(deliveries, ended)
        return notices

    def _notice(self, letter_id: str, letter: Letter, now: datetime, *, again: bool) -> Emitted:
        delivery, error, tries = letter
        message_id = storable(delivery.envelope.id)
        notice = DeadLetterReceived(
            service=self._service,
            letter_id=letter_id,
            letter_subject=storable(delivery.subject or delivery.envelope.type_name),
            error=storable(error, length_max=500),
            attempts=tries,
            at=now,
        )
        envelope = Envelope(
            id=derived_id(f"dead:{message_id}", int(now.timestamp() * 1000) if again else 1),
            type_name=shape_of(DeadLetterReceived).type_name,
            time=now,
            source=self._service,
            cause=message_id,
        )
        return Emitted(subject_of(notice), envelope, notice)


async def _told(delivery: Delivery, telling: Awaitable[None]) -> None:
    """Tell JetStream; what it cannot be told now (NATS is away, and what waits for it has no room) it delivers again.

    The others of the batch must not wait for that: what is local is heard of nowhere else.
    """
    try:
        await telling
    except Exception as error:
        log.warning("jetstream_not_told", **_who(delivery), error=f"{type(error).__name__}: {error}")


def _said(error: Exception) -> str:
    """Return what an error says, whatever that is."""
    try:
        text = str(error)
    except Exception:  # an error that cannot even be shown
        text = "(the error's own text cannot be made)"
    return storable(f"{type(error).__name__}: {text}", length_max=_ERROR_LENGTH_MAX)


def _label(delivery: Delivery) -> str:
    """Return a metric's label: a stranger's names are as many as strangers like, and not always text."""
    type_name = delivery.envelope.type_name
    return type_name if delivery.msg is None or is_known(type_name) else "unknown"


def _unless_asked(failures: Sequence[tuple[Delivery, Exception]]) -> list[tuple[Delivery, Exception]]:
    """Tell operators at once what failed, for they repeat it themselves; return the others."""
    for delivery, error in failures:
        if delivery.operator and delivery.settled is not None and not delivery.settled.done():
            delivery.settled.set_exception(error)
    return [(delivery, error) for delivery, error in failures if not delivery.operator]


def _who(delivery: Delivery) -> dict[str, str]:
    return {
        "subject": delivery.subject,
        "message_id": delivery.envelope.id,
        "type": delivery.envelope.type_name,
        "cause": delivery.envelope.cause,
    }
