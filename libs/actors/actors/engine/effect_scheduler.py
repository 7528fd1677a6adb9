"""Whose turn it is: queues stand in line for the kind of effect at their head, of which only so many run at once."""

import asyncio
import heapq
import time
from collections.abc import Callable, Mapping

import msgspec

from actors.engine.effect_queues import EffectQueue, key_of


class _Kind(msgspec.Struct):
    """One kind of effect: how many more may run, until when none may, and the queues that have one at their head."""

    free: int
    paused_until: float = 0.0
    ready: list[tuple[int, int, int, int, EffectQueue]] = msgspec.field(
        default_factory=list[tuple[int, int, int, int, EffectQueue]]
    )


class EffectScheduler:
    """The queues that wait to be served, those of low priority numbers first."""

    def __init__(self, concurrency: Mapping[str, int], *, serve: Callable[[EffectQueue], None]) -> None:
        """Call `serve` with each queue whose turn has come, while fewer of that kind run than `concurrency` says."""
        self._kinds = {name: _Kind(free=free) for name, free in concurrency.items()}
        self._serve = serve
        self._places = 0
        self.is_closed = False
        """Whether no more queues are served."""

    def join(self, queue: EffectQueue | None) -> None:
        """Put a queue in line for the kind of effect at its head."""
        if queue is not None and queue.waiting:
            self._places += 1
            queue.place = self._places
            head = queue.head.row
            heapq.heappush(self._kind(head.kind).ready, (*key_of(head), queue.place, queue))

    def join_again(self, queue: EffectQueue) -> None:
        """Put a queue in line after a pause, unless it is served or in line already."""
        if not queue.is_served and not queue.place:
            self.join(queue)
            self.dispatch()

    def pause(self, kind: str, seconds: float) -> None:
        """Serve no queue with an effect of this kind at its head for so long."""
        self._kind(kind).paused_until = time.monotonic() + seconds
        asyncio.get_running_loop().call_later(seconds, self.dispatch)

    def served(self, queue: EffectQueue, kind: str) -> None:
        """An effect of this kind is over or put off."""
        self._kind(kind).free += 1
        queue.is_served = False

    def dispatch(self) -> None:
        """Serve as many queues as each kind of effect at their head has room for."""
        if self.is_closed:
            return
        for name, kind in self._kinds.items():
            while kind.ready and kind.free > 0 and kind.paused_until <= time.monotonic():
                *_, place, queue = heapq.heappop(kind.ready)
                if queue.place != place:
                    continue
                queue.place = 0
                if queue.head.row.kind != name:
                    # Another effect was found since that comes first.
                    asyncio.get_running_loop().call_soon(self.join_again, queue)
                    continue
                kind.free -= 1
                queue.is_served = True
                self._serve(queue)

    def _kind(self, name: str) -> _Kind:
        """Return a kind; one without a handler here may have results written down, which are heard all the same."""
        return self._kinds.setdefault(name, _Kind(free=1))
