"""Readiness tells the truth about JetStream: connected is not enough, it must store."""

import urllib.error
import urllib.request
from typing import Any

import pytest

from actors import metrics
from actors.provision import provision
from actors.publisher import Publisher
from actors.storing import GOOD_FOR_SECONDS, Storing


class Timer:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def storing(stage: Any) -> Any:
    publisher = Publisher(stage.nc, timeout_seconds=1)
    await publisher.start()
    timer = Timer()
    return Storing("stage", publisher, timer=timer), timer


async def _stored(stage: Any) -> tuple[int, int]:
    state = (await stage.js.stream_info("STAGE_READY")).state
    return state.messages, state.last_seq


async def test_it_stores_in_a_stream_that_keeps_one_and_not_at_every_question(storing: Any, stage: Any) -> None:
    asked, timer = storing
    for _ in range(5):
        assert await asked.obstacle() == ""
    assert await _stored(stage) == (1, 1)
    timer.now += GOOD_FOR_SECONDS
    assert await asked.obstacle() == ""
    assert await _stored(stage) == (1, 2)


async def test_a_stream_that_takes_nothing_is_an_obstacle_until_it_does(storing: Any, stage: Any) -> None:
    asked, timer = storing
    # As a server's or a stream's limit does it: what comes is refused.
    full = {"name": "STAGE_READY", "subjects": ["stage.ready.probe"], "max_msgs": 1, "discard": "new"}
    await stage.js.publish("stage.ready.probe", b"")
    await stage.js.update_stream(**full)
    said = await asked.obstacle()
    assert said == "JetStream stores nothing in STAGE_READY: maximum messages exceeded"
    assert metrics.JETSTREAM_STORES._value.get() == 0
    await stage.js.update_stream(**full | {"discard": "old"})
    timer.now += GOOD_FOR_SECONDS
    assert await asked.obstacle() == ""
    assert metrics.JETSTREAM_STORES._value.get() == 1


async def test_readyz_says_so_while_nats_is_connected(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service = await stage.start()
    await stage.until(lambda: _readyz(service, 200))
    await stage.js.delete_stream("STAGE_READY")
    monkeypatch.setattr("actors.storing.GOOD_FOR_SECONDS", 0.0)
    service.engine._storing._good_until = 0.0
    assert stage.nc.is_connected
    body = await stage.until(lambda: _readyz(service, 503))
    assert "JetStream stores nothing in STAGE_READY: no stream listens" in body
    await provision(stage.nc, [stage.spec])
    await stage.until(lambda: _readyz(service, 200))


async def _readyz(service: Any, status: int) -> str:
    import asyncio

    def get() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/readyz", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    found, body = await asyncio.to_thread(get)
    return body if found == status else ""
