"""Watches every test: whoever holds a pooled connection asks for no second one, and awaits no turn, answer or stream.

A task that does so is one of a few that can wait for each other for ever. The test in which it was made fails. What
tests themselves hold is their own affair.
"""

import asyncio
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from asyncpg.pool import PoolAcquireContext

from actors.asking import Asker
from actors.engine.publisher import Publisher
from actors.engine.turn_loop import TurnLoop

_TESTS = str(Path(__file__).parent)
_WAITS = ((TurnLoop, "take"), (Publisher, "publish"), (Asker, "ask"))


class _Holding:
    """One pooled connection in the hands of a task."""

    def __init__(self) -> None:
        self.task = asyncio.current_task()
        self.ended = False


_holding: ContextVar[_Holding | None] = ContextVar("holding", default=None)


def _held(*, by_this_very_task: bool) -> bool:
    """Whether a connection is held here.

    What a task hands its children it may go on holding beside them without waiting for them, unless they take turns.
    """
    holding = _holding.get()
    if holding is None or holding.ended:
        return False
    return holding.task is asyncio.current_task() or not by_this_very_task


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which something pooled is held while something else is waited for."""
    found: list[str] = []
    enter, leave = PoolAcquireContext.__aenter__, PoolAcquireContext.__aexit__
    begun: dict[int, tuple[_Holding, _Holding | None]] = {}

    async def entering(self: Any) -> Any:
        if _held(by_this_very_task=True):
            found.append("a second pooled connection\n" + "".join(traceback.format_stack(limit=12)))
        of_a_test = sys._getframe(1).f_code.co_filename.startswith(_TESTS)
        connection = await enter(self)
        if of_a_test:
            return connection
        begun[id(self)] = (_Holding(), _holding.get())
        _holding.set(begun[id(self)][0])
        return connection

    async def leaving(self: Any, *error: Any) -> None:
        if id(self) in begun:
            holding, before = begun.pop(id(self))
            holding.ended = True
            _holding.set(before)
        await leave(self, *error)

    monkeypatch.setattr(PoolAcquireContext, "__aenter__", entering)
    monkeypatch.setattr(PoolAcquireContext, "__aexit__", leaving)
    for kind, name in _WAITS:
        monkeypatch.setattr(kind, name, _watched(getattr(kind, name), f"{kind.__name__}.{name}", found))
    yield
    assert not found, f"while holding a pooled connection: {found[0]}"


def _watched(wait: Any, name: str, found: list[str]) -> Any:
    async def watched(*arguments: Any, **named: Any) -> Any:
        if _held(by_this_very_task=False):
            found.append(f"{name}\n" + "".join(traceback.format_stack(limit=12)))
        return await wait(*arguments, **named)

    return watched
