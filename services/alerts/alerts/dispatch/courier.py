"""Brings one channel what is due for it: in groups, within its limits, again when it did not take it (DOMAIN §10).

Each channel has a courier of its own, so one that hangs delays no other; of several processes one at a time has a
channel. What was handed over and not yet written down when a process dies is handed over again, under the same
`notice_id`: nothing is lost, and who looks at the id counts it once.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from actors.clock import Clock
from actors.engine.job_locks import JobLocks
from alerts import metrics
from alerts.dispatch.terms import CALL_SECONDS_MAX, Terms
from alerts.dispatch.trouble import Trouble
from alerts.domain.delivery import TRIED_FOR, wait_seconds
from alerts.domain.notice import Channel, Delivered, Later, Notice, Outcome, Refused
from alerts.store.deliveries import DeliveryQueue, Waiting
from contracts.alerts import ChannelName, DeliveryState

_POLL_SECONDS: Final = 0.25
_ANOTHERS_SECONDS: Final = 2.0
_PAUSE_SECONDS_MAX: Final = 60.0
"""A channel that fails without saying for how long is tried again after so long at the latest, with what is next."""

log = structlog.get_logger()


class Courier:
    """One channel's."""

    def __init__(
        self,
        name: ChannelName,
        channel: Channel,
        *,
        queue: DeliveryQueue,
        locks: JobLocks,
        terms: Terms,
        clock: Clock,
        trouble: Trouble,
    ) -> None:
        """Take from `queue` for `channel`, by `terms`, while this process has the channel's lock of `locks`."""
        self._name = name
        self._channel = channel
        self._queue = queue
        self._locks = locks
        self._terms = terms
        self._clock = clock
        self._trouble = trouble
        self._failures = 0
        self._paused_until = 0.0

    async def run(self) -> None:
        """Go back and forth until cancelled, while no other process does."""
        lock = f"courier:{self._name}"
        while True:
            lost = await self._locks.take(lock)
            if lost is None:
                await asyncio.sleep(_ANOTHERS_SECONDS)
                continue
            try:
                await self._work(lost)
            finally:
                await self._locks.let_go(lock, lost)

    async def _work(self, lost: "asyncio.Future[None]") -> None:
        """Go on until the channel's lock is lost."""
        rest = 0.0
        while not lost.done():
            await asyncio.sleep(rest)
            rest = await self.step(lambda: not lost.done())

    async def step(self, is_mine: Callable[[], bool] = lambda: True) -> float:
        """Call the channel if something is due and it may be called; returns for how many seconds to rest then.

        `is_mine` is asked right before the call: what is another process's by then is left to it.
        """
        now = self._clock.now()
        rest = self._paused_until - time.monotonic()
        if rest > 0:
            return min(rest, _ANOTHERS_SECONDS)
        due, again = await self._queue.count_due(self._name, now, self._terms.group_max)
        if not due:
            return _POLL_SECONDS
        called_at = await self._queue.called_at(self._name)
        early = self._early_seconds(called_at, now, is_full=again or due >= self._terms.group_max)
        if early > 0:
            return min(early, _POLL_SECONDS)
        return await self._bring(now, is_mine)

    def _early_seconds(self, called_at: datetime | None, now: datetime, *, is_full: bool) -> float:
        """Return for how long the channel may not be called yet. A clock that was set back holds nothing up."""
        if called_at is None or called_at > now:
            return 0.0
        wanted = self._terms.gap_seconds if is_full else max(self._terms.gap_seconds, self._terms.group_seconds)
        return wanted - (now - called_at).total_seconds()

    async def _bring(self, now: datetime, is_mine: Callable[[], bool]) -> float:
        group = _group(await self._queue.due(self._name, now, self._terms.group_max))
        numbers = [one.number for one in group]
        await self._queue.begin(self._name, now, numbers)
        if not group or not is_mine():
            return _POLL_SECONDS
        started = time.perf_counter()
        outcome = await self._call(tuple(one.notice for one in group))
        metrics.CALL_SECONDS.labels(self._name).observe(time.perf_counter() - started)
        await self._settle(group, numbers, outcome)
        return 0.0

    async def _call(self, notices: tuple[Notice, ...]) -> Outcome:
        try:
            async with asyncio.timeout(CALL_SECONDS_MAX):
                return await self._channel.deliver(notices)
        except TimeoutError:
            return Later(None, f"no answer within {CALL_SECONDS_MAX:.0f} s")
        except Exception as error:
            log.error("channel_failed", channel=self._name, exc_info=error)
            return Later(None, f"a fault of ours: {type(error).__name__}")

    async def _settle(self, group: Sequence[Waiting], numbers: Sequence[int], outcome: Outcome) -> None:
        now = self._clock.now()
        if isinstance(outcome, Delivered):
            self._failures, self._paused_until = 0, 0.0
            await self._queue.end(numbers, DeliveryState.DELIVERED, now)
            self._count("delivered", len(numbers))
            for one in group:
                metrics.DELIVERY_SECONDS.labels(self._name).observe((now - one.created_at).total_seconds())
        elif isinstance(outcome, Later):
            await self._put_off(group, outcome, now)
        else:
            await self._refused(group, numbers, outcome, now)

    async def _put_off(self, group: Sequence[Waiting], outcome: Later, now: datetime) -> None:
        self._failures += 1
        pause = min(wait_seconds(self._failures), _PAUSE_SECONDS_MAX)
        if outcome.after_s is not None:
            pause = wait_seconds(1, outcome.after_s)
        self._paused_until = time.monotonic() + pause * random.uniform(1.0, 1.1)  # noqa: S311 - spreads load
        log.warning("channel_later", channel=self._name, notices=len(group), reason=outcome.reason, again_seconds=pause)
        late = [one for one in group if now - one.created_at >= TRIED_FOR]
        kept = [one for one in group if now - one.created_at < TRIED_FOR]
        if kept:
            longest = max(one.attempts for one in kept) + 1
            until = now + timedelta(seconds=max(pause, wait_seconds(longest, outcome.after_s)))
            await self._queue.put_off([one.number for one in kept], until, outcome.reason)
            self._count("later", len(kept))
        if late:
            await self._end_for_good(late, DeliveryState.GIVEN_UP, outcome.reason, now)

    async def _refused(self, group: Sequence[Waiting], numbers: Sequence[int], outcome: Refused, now: datetime) -> None:
        """One that is refused alone will never be taken; of a group each is tried alone."""
        self._failures = 0
        if len(group) > 1:
            await self._queue.put_off(numbers, now, outcome.reason, alone=True)
            return
        await self._end_for_good(group, DeliveryState.REFUSED, outcome.reason, now)

    async def _end_for_good(self, group: Sequence[Waiting], state: DeliveryState, reason: str, now: datetime) -> None:
        for one in group:
            await self._trouble.tell(self._name, one.number, reason)
            log.error("notice_undelivered", channel=self._name, alert=one.notice.alert_id, state=state, reason=reason)
        await self._queue.end([one.number for one in group], state, now, reason)
        self._count(state.lower(), len(group))

    def _count(self, outcome: str, notices: int) -> None:
        metrics.DELIVERIES.labels(self._name, outcome).inc(notices)


def _group(due: Sequence[Waiting]) -> Sequence[Waiting]:
    """Return what goes into one message: one that is to go alone, or those that need not."""
    if due and due[0].is_alone:
        return due[:1]
    return [one for one in due if not one.is_alone]
