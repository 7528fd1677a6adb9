"""Waiting in tests for what another task or process does."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def until(look: Callable[[], Any], wanted: Callable[[Any], bool] = bool, *, seconds: float = 30) -> Any:
    """Look again and again until what is seen is wanted; return it."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if inspect.isawaitable(found):
            found = await found
        if wanted(found):
            return found
        assert time.monotonic() < deadline, f"still not after {seconds} s; it is {found!r}"
        await asyncio.sleep(0.05)
