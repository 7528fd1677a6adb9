"""Handlers that are coroutines: a few must await a library. They hold a turn's locks, so they get little time."""

import asyncio
from collections.abc import Awaitable

HANDLER_SECONDS_MAX = 10.0
"""So long a handler may take. It waits for nothing outside, so it never takes as long unless it hangs."""


class HandlerHangsError(Exception):
    """A handler waited for something that does not come."""


async def finished(outcome: Awaitable[None]) -> None:
    """Wait for a handler. That it hangs, or awaits what was cancelled, is its failure and not the end of the lane."""
    try:
        async with asyncio.timeout(HANDLER_SECONDS_MAX):
            await outcome
    except TimeoutError as error:
        raise HandlerHangsError(
            f"not over within {HANDLER_SECONDS_MAX:g} s, or it met a time-out of its own"
        ) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("the handler waited for something that was cancelled") from error
