"""Taps that nobody answers in time are answered by the watch."""

import asyncio
from collections.abc import Callable
from typing import Any

from gateway import metrics
from gateway.telegram.watch import TapWatch


async def test_late_taps_are_answered_once_and_answered_ones_are_left_alone(wait_until: Callable[..., Any]) -> None:
    answered: list[tuple[str, str]] = []

    async def answer(query_id: str, language: str) -> None:
        answered.append((query_id, language))
        if query_id == "broken":
            raise OSError("no connection")

    watch = TapWatch(answer, late_seconds=0.05)
    before = metrics.TAPS_LATE._value.get()
    for query_id in ("broken", "late", "in time"):
        watch.expect(query_id, "en")
    watch.answered("in time")
    watch.answered("never expected")
    running = asyncio.create_task(watch.run())
    await wait_until(lambda: len(answered) == 2, "two late answers")
    watch.expect("later", "de")
    await wait_until(lambda: len(answered) == 3, "the watch going on after a failure")
    running.cancel()
    assert answered == [("broken", "en"), ("late", "en"), ("later", "de")]
    assert metrics.TAPS_LATE._value.get() == before + 3


async def test_a_tap_is_not_answered_before_its_time() -> None:
    async def answer(query_id: str, language: str) -> None:
        raise AssertionError("too early")

    watch = TapWatch(answer, late_seconds=3600)
    watch.expect("q", "de")
    assert watch._late() == []
    assert "q" in watch._waiting
