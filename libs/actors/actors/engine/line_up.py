"""Whose turn it is: lanes stand in line for the kind of effect at their head, of which only so many run at once."""

import asyncio
import heapq
import time
from collections.abc import Callable, Mapping

import msgspec

from actors.engine.lanes import Lane, key_of


class _Kind(msgspec.Struct):
    """One kind of effect: how many more may run, until when none may, and the lanes that have one at their head."""

    free: int
    paused_until: float = 0.0
    ready: list[tuple[int, int, int, int, Lane]] = msgspec.field(default_factory=list[tuple[int, int, int, int, Lane]])


class LineUp:
    """The lanes that wait to be served, those of low priority numbers first."""

    def __init__(self, concurrency: Mapping[str, int], *, serve: Callable[[Lane], None]) -> None:
        """Call `serve` with each lane whose turn has come, while fewer of that kind run than `concurrency` says."""
        self._kinds = {name: _Kind(free=free) for name, free in concurrency.items()}
        self._serve = serve
        self._places = 0
        self.is_closed = False
        """Whether no more lanes are served."""

    def join(self, lane: Lane | None) -> None:
        """Put a lane in line for the kind of effect at its head."""
        if lane is not None and lane.waiting:
            self._places += 1
            lane.place = self._places
            head = lane.head.row
            heapq.heappush(self._kind(head.kind).ready, (*key_of(head), lane.place, lane))

    def join_again(self, lane: Lane) -> None:
        """Put a lane in line after a pause, unless it is served or in line already."""
        if not lane.is_served and not lane.place:
            self.join(lane)
            self.dispatch()

    def pause(self, kind: str, seconds: float) -> None:
        """Serve no lane with an effect of this kind at its head for so long."""
        self._kind(kind).paused_until = time.monotonic() + seconds
        asyncio.get_running_loop().call_later(seconds, self.dispatch)

    def served(self, lane: Lane, kind: str) -> None:
        """An effect of this kind is over or put off."""
        self._kind(kind).free += 1
        lane.is_served = False

    def dispatch(self) -> None:
        """Serve as many lanes as each kind of effect at their head has room for."""
        if self.is_closed:
            return
        for name, kind in self._kinds.items():
            while kind.ready and kind.free > 0 and kind.paused_until <= time.monotonic():
                *_, place, lane = heapq.heappop(kind.ready)
                if lane.place != place:
                    continue
                lane.place = 0
                if lane.head.row.kind != name:
                    # Another effect was found since that comes first.
                    asyncio.get_running_loop().call_soon(self.join_again, lane)
                    continue
                kind.free -= 1
                lane.is_served = True
                self._serve(lane)

    def _kind(self, name: str) -> _Kind:
        """Return a kind; one without a handler here may have results written down, which are heard all the same."""
        return self._kinds.setdefault(name, _Kind(free=1))
