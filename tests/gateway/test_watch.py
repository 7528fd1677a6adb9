"""Taps that nobody answers in time are answered by the watch."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.gateway.conftest import nothing_heard

from gateway import metrics
from gateway.telegram.watch import TapWatch, expect_refused_tap


async def test_late_taps_are_answered_once_and_answered_ones_are_left_alone(wait_until: Callable[..., Any]) -> None:
    answered: list[tuple[str, str]] = []

    async def answer(query_id: str, language: str) -> None:
        answered.append((query_id, language))
        if query_id == "broken":
            raise OSError("no connection")

    watch = TapWatch(answer, nothing_heard, late_seconds=0.05)
    before = metrics.TAPS_LATE._value.get()
    seconds = metrics.TAP_SECONDS._sum.get()
    for query_id in ("broken", "late", "in time"):
        watch.expect(query_id, "en", "tg:1")
    watch.answered("in time")
    watch.answered("never expected")
    running = asyncio.create_task(watch.run())
    await wait_until(lambda: len(answered) == 2, "two late answers")
    watch.expect("later", "de", "tg:2")
    await wait_until(lambda: len(answered) == 3, "the watch going on after a failure")
    running.cancel()
    assert answered == [("broken", "en"), ("late", "en"), ("later", "de")]
    assert metrics.TAPS_LATE._value.get() == before + 3
    assert metrics.TAP_SECONDS._sum.get() == pytest.approx(seconds + 3 * 0.05)


async def test_a_tap_is_not_answered_before_its_time() -> None:
    async def answer(query_id: str, language: str) -> None:
        raise AssertionError("too early")

    watch = TapWatch(answer, nothing_heard, late_seconds=3600)
    watch.expect("q", "de", "tg:1")
    assert watch._late() == []
    assert "q" in watch._waiting


async def test_a_tap_whose_event_another_replica_has_heard_is_left_alone(wait_until: Callable[..., Any]) -> None:
    answered: list[str] = []
    down = True

    async def answer(query_id: str, language: str) -> None:
        answered.append(query_id)

    async def heard(causes: Sequence[str]) -> set[str]:
        if down:
            raise OSError("Postgres is away")
        return {"tg:1"}

    watch = TapWatch(answer, heard, late_seconds=0.01)
    running = asyncio.create_task(watch.run())
    watch.expect("unsure", "de", "tg:1")
    await wait_until(lambda: answered == ["unsure"], "the answer of a watch that cannot look")
    down = False
    watch.expect("elsewhere", "de", "tg:1")
    watch.expect("late", "de", "tg:2")
    await wait_until(lambda: answered == ["unsure", "late"], "the late one")
    running.cancel()


async def test_a_tap_that_a_full_mailbox_refused_is_answered_by_the_watch() -> None:
    async def answer(query_id: str, language: str) -> None:
        raise AssertionError("nothing runs this watch")

    watch = TapWatch(answer, nothing_heard)
    expect_refused_tap(watch, b'{"update_id":1,"callback_query":{"id":"q","from":{"id":7,"language_code":"en"}}}')
    expect_refused_tap(watch, b'{"update_id":1,"message":{"from":{"id":7}}}')
    assert list(watch._waiting) == ["q"]
    assert watch._waiting["q"].language == "en"
