"""Kills with SIGKILL, one victim after the other, and starts it again."""

import asyncio
from collections import Counter
from collections.abc import Callable

from chaos.plan import kills
from chaos.refusal import refuse_credits
from devstack.stack import Stack

_READY_SECONDS = 60
_KILLS_BETWEEN_REFUSALS = 6
_BREATH_SECONDS = 3.0


class Reaper:
    """Ends processes as the plan says, until it is told to stop."""

    def __init__(self, stack: Stack, seed: int, paid: Callable[[], int]) -> None:
        """Nobody has died yet; `paid` tells how many payments there were so far."""
        self.deaths: Counter[str] = Counter()
        self.refusals: list[tuple[int, int]] = []
        """For each time that the ledger refused: how many paid meanwhile, and how many charges were written down."""
        self._paid = paid
        self._stack = stack
        self._seed = seed

    async def run(self, stop: asyncio.Event) -> None:
        """Kill until `stop` is set; everything is up again when it returns."""
        for kill in kills(self._seed):
            if await _set_within(stop, kill.after_seconds):
                return
            await self._kill(kill.victim)
            self.deaths[kill.victim] += 1
            await asyncio.sleep(kill.down_seconds)
            await self._start(kill.victim)
            if sum(self.deaths.values()) % _KILLS_BETWEEN_REFUSALS == 0:
                await asyncio.sleep(_BREATH_SECONDS)
                before = self._paid()
                written = await refuse_credits(self._stack)
                self.refusals.append((self._paid() - before, written))

    async def _kill(self, victim: str) -> None:
        if victim == "nats":
            await asyncio.to_thread(self._stack.nats.kill)
        elif victim == "postgres":
            await asyncio.to_thread(self._stack.postgres.kill)
        else:
            await self._stack.services[victim][0].kill()

    async def _start(self, victim: str) -> None:
        if victim == "nats":
            await asyncio.to_thread(self._stack.nats.start)
        elif victim == "postgres":
            await asyncio.to_thread(self._stack.postgres.start)
        else:
            program = self._stack.services[victim][0]
            await program.start()
            await program.wait_ready(_READY_SECONDS)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
