"""A sandbox in this process on a free port, with a clock that tests move."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from telegram_stage import Hook, Stage, open_stage


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    """Start a sandbox with settings of one's own; stopped with the test."""
    async with AsyncExitStack() as stack:

        async def begin(**settings: Any) -> Stage:
            return await stack.enter_async_context(open_stage(**settings))

        yield begin


@pytest.fixture
async def stage(start: Callable[..., Awaitable[Stage]]) -> Stage:
    """A sandbox with the default settings."""
    return await start()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A webhook that writes down what it gets."""
    receiver = Hook()
    await receiver.start()
    yield receiver
    await receiver.stop()
