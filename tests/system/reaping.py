"""Processes killed one after the other with SIGKILL, and started again, while something goes on."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from shopfloor import Floor

_READY_SECONDS = 60


class Reaper:
    """Kills processes one after the other with SIGKILL, and starts each again."""

    def __init__(self, floor: Floor, services: Sequence[str]) -> None:
        self._programs = [program for service in services for program in floor.stack.services[service]]
        self.stop = asyncio.Event()
        self.kills = 0
        self._killed = asyncio.Condition()

    async def another(self) -> None:
        """Wait until one more was killed."""
        async with self._killed:
            await self._killed.wait()

    async def run(self) -> None:
        while not self.stop.is_set() or self.kills < len(self._programs):
            program = self._programs[self.kills % len(self._programs)]
            await program.kill()
            self.kills += 1
            async with self._killed:
                self._killed.notify_all()
            await program.start()
            await program.wait_ready(_READY_SECONDS)


@asynccontextmanager
async def killing(floor: Floor, *services: str) -> AsyncGenerator[Reaper]:
    """Kill until the body is done, each process once at least; all are up again afterwards."""
    reaper = Reaper(floor, services)
    running = asyncio.create_task(reaper.run())
    try:
        yield reaper
    finally:
        reaper.stop.set()
        await running
