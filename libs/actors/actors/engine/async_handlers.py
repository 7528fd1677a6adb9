"""Handlers that are coroutines: a few must await a library. They hold a turn's locks, so they get little time."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

HANDLER_SECONDS_MAX = 10.0
"""So long a handler may take. It waits for nothing outside, so it never takes as long unless it hangs."""


class HandlerHangsError(Exception):
    """A handler waited for something that does not come."""


async def finished(outcome: Coroutine[Any, Any, None]) -> None:
    """Wait for a handler. That it hangs, or awaits what was cancelled, is its failure and not the end of the lane."""
    try:
        # Most wait for nothing at all, and each tap has one: these get by without a timer.
        try:
            waited_for = outcome.send(None)
        except StopIteration:
            return
        async with asyncio.timeout(HANDLER_SECONDS_MAX):
            await _going_on(outcome, waited_for)
    except TimeoutError as error:
        raise HandlerHangsError(
            f"not over within {HANDLER_SECONDS_MAX:g} s, or it met a time-out of its own"
        ) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("the handler waited for something that was cancelled") from error


@coroutine
def _going_on(begun: Coroutine[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    """Await a coroutine that was begun by hand and came to wait for something."""
    try:
        while True:
            try:
                yield waited_for
            except BaseException as error:
                waited_for = begun.throw(error)
            else:
                waited_for = begun.send(None)
    except StopIteration:
        return
