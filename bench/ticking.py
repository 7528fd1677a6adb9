"""An even beat: what is done at its times, whatever happens in between."""

import asyncio
import time
from collections.abc import AsyncIterator


async def ticks(rate: float, count: int) -> AsyncIterator[int]:
    """Yield `count` times, `rate` times a second, whatever happens in between."""
    begun = time.perf_counter()
    for number in range(count):
        pause = begun + number / rate - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        yield number
