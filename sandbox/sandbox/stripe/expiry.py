"""Ends sessions when their time is over, also when nobody looks at them."""

import asyncio
import heapq

from sandbox.clock import Clock
from sandbox.stripe.book import Json
from sandbox.stripe.checkout import Checkout

LOOK_SECONDS_MAX = 30.0


class Expiry:
    """Sleeps until the next session is due; runs only while one is open."""

    def __init__(self, clock: Clock, checkout: Checkout) -> None:
        self._clock = clock
        self._checkout = checkout
        self._due: list[tuple[int, str]] = []
        self._task: asyncio.Task[None] | None = None

    def watch(self, session: Json) -> None:
        """End this session at its `expires_at` unless it is over by then."""
        heapq.heappush(self._due, (session["expires_at"], session["id"]))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Stop ending sessions whose time is up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._due:
            left = self._due[0][0] - self._clock.now()
            if left > 0:
                await self._clock.sleep(min(left, LOOK_SECONDS_MAX))
                continue
            self._checkout.session(heapq.heappop(self._due)[1])
