"""The turn loop of one lane: gathers what is waiting, takes one turn for all of it, acknowledges, publishes.

While one turn's messages are being published the next turn may already run; at most `_FINISHING_MAX` are under way.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog
from nats.aio.client import Client

from actors import metrics
from actors.clock import Clock
from actors.engine.delivery import Delivery, Outcome
from actors.engine.lane_meter import LaneMeter
from actors.engine.publisher import MailboxFullError, Publisher
from actors.engine.rows import EffectRow, OutboxRow, PendingDeletes
from actors.engine.settlement import Settlement
from actors.engine.turn_result import TurnResult
from actors.engine.turns import Turns
from actors.engine.waiting_room import WaitingRoom
from contracts.message import Contract

_FINISHING_MAX = 2
_REST_FACTOR = 2.0
"""A turn is followed by a rest of so many times its own duration, so that messages gather and a turn is worth it."""
_LINGER_SECONDS = 0.002
_LINGER_FROM = 4
"""After idleness a turn waits for what was sent together with its first message, as senders under load publish in
batches. Where turns are of fewer messages nobody publishes batches, and a message that comes alone need not wait."""
_TIDY_SECONDS = 0.1
"""What earlier turns left to delete goes along with the next turn; after so long it gets one of its own. A crash in
between has it published or performed again, so it must not wait for long."""
_PUT_ASIDE_AGAIN_SECONDS = 5.0
TAKE_SECONDS_MAX = 120.0
"""So long a job waits for its messages' turns: longer than all tries of one that fails."""
_OUTAGE_BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0)

log = structlog.get_logger()


class TurnLoop:
    """One lane's loop. Lanes do not wait for each other."""

    def __init__(  # noqa: PLR0913 - the composition of a lane
        self,
        lane: str,
        *,
        turns: Turns,
        settlement: Settlement,
        publisher: Publisher,
        nc: Client,
        clock: Clock,
        forget: Callable[[Sequence[EffectRow]], None],
        batch_max: int = 200,
        pace_seconds: float = 0.02,
        unhurried: Collection[type[Contract]] = (),
    ) -> None:
        """Take at most `batch_max` messages a turn; with fewer waiting, rest at most `pace_seconds` before the next.

        `forget` is given effects whose rows went with the dead letters of their results. `unhurried`: see WaitingRoom.
        """
        self.lane = lane
        self.batch_max = batch_max
        self._turns = turns
        self._settlement = settlement
        self._publisher = publisher
        self._nc = nc
        self._forget = forget
        self._pace_seconds = pace_seconds
        self._meter = LaneMeter(lane, clock)
        self._queue: deque[Delivery] = deque()
        self._unhurried = WaitingRoom(unhurried, full_at=batch_max, due=self._call_in)
        self._alone: list[tuple[int, Delivery]] = []
        self._turn_size = 0
        self._wake = asyncio.Event()
        self._housekeeping = PendingDeletes()
        self._tidying: asyncio.TimerHandle | None = None
        self._tidy_due = False
        self._finishing: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._outages = 0

    # -- what others put in ---------------------------------------------------------------------

    def offer(self, delivery: Delivery) -> None:
        """Queue a message for the next turn, or let it wait for that."""
        if not self._unhurried.takes(delivery):
            self._queue.append(delivery)
            self._wake.set()

    def _call_in(self) -> None:
        self._queue.extend(self._unhurried.leave())
        self._wake.set()

    def offer_performed(self, outcome: Outcome) -> None:
        """Queue an effect's results; its row is deleted in the transaction that settles the last of them."""
        if outcome.results:
            self._queue.extend(outcome.results)
            self._wake.set()
        else:
            self._put_back(PendingDeletes(performed=[outcome.row]))

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        """Take turns for local messages and wait until all of them are committed or dead-lettered.

        Raises TimeoutError after TAKE_SECONDS_MAX; they may still take effect then.
        """
        loop = asyncio.get_running_loop()
        settled = [loop.create_future() for _ in deliveries]
        for delivery, future in zip(deliveries, settled, strict=True):
            delivery.settled = future
            self.offer(delivery)
        async with asyncio.timeout(TAKE_SECONDS_MAX):
            await asyncio.gather(*settled)

    def room(self) -> int:
        """How many more messages may be pulled now."""
        return 2 * self.batch_max - len(self._queue) - len(self._unhurried)

    def _tidy_later(self) -> None:
        if self._tidying is None:
            self._tidying = asyncio.get_running_loop().call_later(_TIDY_SECONDS, self._tidy_now)

    def _tidy_now(self) -> None:
        self._tidy_due = True
        self._wake.set()

    def _put_back(self, housekeeping: PendingDeletes) -> None:
        if housekeeping:
            self._housekeeping.add(housekeeping)
            self._tidy_later()

    def _take_housekeeping(self) -> PendingDeletes:
        if self._tidying is not None:
            self._tidying.cancel()
        self._tidying, self._tidy_due = None, False
        housekeeping, self._housekeeping = self._housekeeping, PendingDeletes()
        return housekeeping

    # -- running --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take turns until `stop`, then what is queued, then tidy up."""
        rested_at = 0.0
        while not self._stopping or self._queue:
            if not self._queue and not self._tidy_due and not self._alone:
                self._wake.clear()
                await self._wake.wait()
                if self._turn_size >= _LINGER_FROM:
                    rested_at = max(rested_at, time.monotonic() + _LINGER_SECONDS)
                continue
            pause = rested_at - time.monotonic()
            if pause > 0 and len(self._queue) < self.batch_max:
                await asyncio.sleep(pause)
            started = time.monotonic()
            await self._one_turn()
            await self._one_alone()
            ended = time.monotonic()
            rested_at = ended + min(self._pace_seconds, _REST_FACTOR * (ended - started))
        await asyncio.gather(*self._finishing)
        if self._housekeeping:
            await self._one_turn()

    def stop(self) -> None:
        """Finish what is queued and return from `run`. Stop pulling first."""
        self._stopping = True
        self._unhurried.close()
        self._call_in()

    async def _one_turn(self) -> None:
        self._queue.extend(self._unhurried.leave())
        batch = [self._queue.popleft() for _ in range(min(self.batch_max, len(self._queue)))]
        self._turn_size = len(batch) or self._turn_size
        housekeeping = self._take_housekeeping()
        started = time.perf_counter()
        try:
            sifted = await self._settlement.tries.sift(batch)
            taken = await self._turns.take(sifted.together, housekeeping)
        except Exception as error:
            self._put_back(housekeeping)
            await self._back_off(batch, error)
            return
        taken.unreadable += sifted.hopeless
        self._alone += sifted.alone
        self._outages = 0
        self._meter.taken(batch, time.perf_counter() - started, taken)
        self._put_back(taken.untidied)
        while len(self._finishing) >= _FINISHING_MAX:
            await asyncio.wait(self._finishing, return_when=asyncio.FIRST_COMPLETED)
        self._start(self._finish(taken))
        if taken.outage is not None:
            await self._back_off(taken.postponed, taken.outage)

    async def _one_alone(self) -> None:
        """Take a turn for one message that may be what ended a process: those that were tried least come first."""
        if not self._alone or self._stopping:
            return
        one = _, delivery = min(self._alone, key=lambda tried: tried[0])
        self._alone.remove(one)
        try:
            await self._settlement.tries.begin([delivery])
            taken = await self._turns.take([delivery])
        except Exception as error:
            await self._back_off([delivery], error)
            return
        self.adopt(taken)

    def adopt(self, taken: TurnResult) -> None:
        """Carry out what a committed turn left to do: publish, answer, acknowledge."""
        self._put_back(taken.untidied)
        self._start(self._finish(taken))

    def offer_hopeless(self, delivery: Delivery, error: Exception) -> None:
        """Put aside, as a dead letter, what no turn can handle (an effect whose tries are used up)."""
        self._start(self._put_aside(delivery, error))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._finishing.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._finishing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("finishing_failed", lane=self.lane, exc_info=task.exception())

    async def _finish(self, taken: TurnResult) -> None:
        """After the commit: acknowledge, publish, answer. A crash anywhere in here is made good by the relay.

        What is acknowledged is written down, with all that comes of it; so it goes to NATS together with that.
        """
        self._meter.over(taken.lasted)
        await self._settlement.write_down(taken.failed)
        notices = await self._settlement.failed(taken.failed, self.offer)
        notices += await self._settlement.unreadable(taken.unreadable, self.offer)
        self._forget_ended([*taken.failed, *taken.unreadable])
        await self._settlement.done(taken.done)
        await self._publish([*taken.outbox, *notices])
        for subject, body in taken.replies:
            await self._answer(subject, body)

    async def _put_aside(self, delivery: Delivery, error: Exception) -> None:
        again = partial(self.offer_hopeless, error=error)
        try:
            notices = await self._settlement.unreadable([(delivery, error)], again)
        except Exception as refusal:
            log.error("dead_letter_refused", lane=self.lane, message_id=delivery.envelope.id, exc_info=refusal)
            asyncio.get_running_loop().call_later(_PUT_ASIDE_AGAIN_SECONDS, again, delivery)
            return
        self._forget_ended([(delivery, error)])
        await self._publish(notices)

    def _forget_ended(self, put_aside: Sequence[tuple[Delivery, Exception]]) -> None:
        """Forget effects whose rows went together with the dead letters of their last results."""
        for outcome in [delivery.outcome for delivery, _ in put_aside if delivery.outcome is not None]:
            if outcome.is_gone:
                self._forget([outcome.row])
            elif not outcome.unsettled:
                self._put_back(PendingDeletes(performed=[outcome.row]))

    async def _answer(self, subject: str, body: bytes) -> None:
        try:
            await self._nc.publish(subject, body)
        except Exception as error:  # too large for NATS, say: whoever asked waits in vain, the others do not
            log.error("answer_not_sent", subject=subject, size_bytes=len(body), exc_info=error)

    async def _publish(self, rows: Sequence[OutboxRow]) -> None:
        if not rows:
            return
        outcomes = await self._publisher.publish([(row.subject, row.headers, row.body) for row in rows])
        stored = [row for row, error in zip(rows, outcomes, strict=True) if error is None]
        refused = [row for row, error in zip(rows, outcomes, strict=True) if isinstance(error, MailboxFullError)]
        unknown = len(rows) - len(stored) - len(refused)
        metrics.PUBLISHED.labels("stored").inc(len(stored))
        if refused:
            metrics.PUBLISHED.labels("mailbox_full").inc(len(refused))
            log.warning("mailbox_full", count=len(refused), subject=refused[0].subject)
        if unknown:
            metrics.PUBLISHED.labels("unknown").inc(unknown)
            error = next(e for e in outcomes if e is not None and not isinstance(e, MailboxFullError))
            log.warning("publish_unconfirmed", count=unknown, error=str(error))
        if unknown or refused:
            self._put_back(PendingDeletes(published_rows=stored, refused_rows=refused))
        else:
            self._put_back(PendingDeletes(published_batches=list({row.batch for row in rows})))

    async def _back_off(self, batch: Sequence[Delivery], error: Exception) -> None:
        wait = _OUTAGE_BACKOFF_SECONDS[min(self._outages, len(_OUTAGE_BACKOFF_SECONDS) - 1)]
        self._outages += 1
        self._settlement.tries.not_tried(batch)
        log.warning("turn_impossible", lane=self.lane, messages=len(batch), wait_seconds=wait, exc_info=error)
        for delivery in batch:
            await self._settlement.not_now(delivery, self.offer, delay_seconds=wait, reason="turn impossible")
        if not self._stopping:
            await asyncio.sleep(wait)
