"""The one clock of the sandbox. Tests hand in their own, so that a day passes in a moment."""

import asyncio
import time


class Clock:
    """Wall time and waiting. Everything that measures, expires or delays asks this object."""

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` (0 yields once)."""
        await asyncio.sleep(seconds)
