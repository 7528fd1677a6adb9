"""Background work that fails is begun again, and readiness says so."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from actors import metrics, supervision
from actors.supervision import Supervised


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "BACKOFF_SECONDS", (0.01, 0.02))


async def _until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - nobody tells of what a task has done
            await asyncio.sleep(0.002)


async def test_work_that_fails_is_begun_again_and_is_an_obstacle_until_it_is_steady(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 4:
            raise KeyError("a bug")
        await asyncio.Event().wait()

    before = metrics.RESTARTS.labels("digging")._value.get()
    one = Supervised("digging", work)
    assert one.obstacle() == ""
    one.start()
    await _until(lambda: begun == 4)
    assert one.obstacle() == "digging failed: KeyError"
    assert metrics.RESTARTS.labels("digging")._value.get() == before + 3
    monkeypatch.setattr(one, "_steady_from", asyncio.get_running_loop().time())
    assert one.obstacle() == ""
    await one.stop()


async def test_the_backoff_grows_to_a_bound_and_begins_anew_after_a_steady_run() -> None:
    one = Supervised("digging", asyncio.Event().wait)  # type: ignore[arg-type]
    one._steady_from = asyncio.get_running_loop().time() + 60
    assert [one._failed(KeyError("x")) for _ in range(4)] == [0.01, 0.02, 0.02, 0.02]
    one._steady_from = asyncio.get_running_loop().time()
    assert [one._failed(KeyError("x")) for _ in range(2)] == [0.01, 0.02]


async def test_work_that_returns_is_over_and_work_that_is_stopped_ends() -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)

    one = Supervised("digging", work)
    await one.stop()
    one.start()
    await _until(lambda: begun)
    await one.stop()
    assert (begun, one.obstacle()) == ([1], "")
    forever = Supervised("waiting", asyncio.Event().wait)  # type: ignore[arg-type]
    forever.start()
    await asyncio.sleep(0)
    await asyncio.wait_for(forever.stop(), 5)
