"""Readiness tells the truth about JetStream: connected is not enough, it must store."""

import urllib.error
import urllib.request
from typing import Any

import pytest
from stage.language import Deposit

from actors import metrics
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine import relay, stream_troubles
from actors.engine import storing as storing_module
from actors.engine.connecting import connect_postgres
from actors.engine.publisher import MailboxFullError, Publisher, PublishError, UnsendableError
from actors.engine.storing import GOOD_FOR_SECONDS, Storing
from actors.engine.stream_troubles import StreamTroubles


class Timer:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def storing(stage: Any) -> Any:
    pool = await connect_postgres(stage.settings(pool_size_max=2), "stage")
    publisher = Publisher(stage.nc, timeout_seconds=1)
    await publisher.start()
    timer = Timer()
    yield Storing("stage", publisher, pool=pool, clock=SystemClock(), timer=timer), timer
    pool.terminate()


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
    monkeypatch.setattr("actors.engine.storing.GOOD_FOR_SECONDS", 0.0)
    service.engine._storing._good_until = 0.0
    assert stage.nc.is_connected
    body = await stage.until(lambda: _readyz(service, 503))
    assert "JetStream stores nothing in STAGE_READY: no stream listens" in body
    await provision(stage.nc, [stage.spec])
    await stage.until(lambda: _readyz(service, 200))


async def test_one_stream_that_answers_nobody_is_an_obstacle_and_told_of(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stream does that once met a full disk, while the other streams of its server go on."""
    monkeypatch.setattr(stream_troubles, "STANDS_AFTER_SECONDS", 1.0)
    monkeypatch.setattr(storing_module, "GOOD_FOR_SECONDS", 0.2)
    monkeypatch.setattr(storing_module, "_INTERVAL_SECONDS", 0.2)
    monkeypatch.setattr(relay, "_PUT_OFF_SECONDS", (0.5, 1.0))
    service = await stage.start()
    publisher = service.engine._publisher
    publisher._timeout_seconds = 0.5
    await stage.js.delete_stream("STAGE_EVT")
    silence = await stage.nc.subscribe("stage.evt.>", cb=_say_nothing)
    await stage.nc.flush()
    await stage.send(Deposit(account="ann", amount=1), "d1")
    body = await stage.until(lambda: _readyz(service, 503))
    assert "JetStream stores nothing in STAGE_EVT: no acknowledgement within" in body
    await silence.unsubscribe()
    await provision(stage.nc, [stage.spec])
    await stage.until(lambda: _readyz(service, 200))

    async def told() -> bool:
        names = [subject.rpartition(".")[2] for _, subject in await stage.events()]
        return names.count("storage_failed") == names.count("storage_cleared") == names.count("deposited") == 1

    await stage.until(told)


def test_a_stream_is_in_trouble_when_it_fails_again_and_again_and_nothing_was_stored_since() -> None:
    timer, failed = Timer(), PublishError("no")
    troubles = StreamTroubles(timer)
    troubles.note(["stage.evt.ann.rang"], [failed])
    timer.now += 30.0
    assert troubles.standing() == []  # once is not again
    troubles.note(["stage.evt.ben.rang", "stage.cmd.ann.deposit"], [failed, None])
    assert [one.stream for one in troubles.standing()] == ["STAGE_EVT"]
    troubles.note(["stage.evt.ann.rang"], [UnsendableError("too large")])
    assert [one.stream for one in troubles.standing()] == ["STAGE_EVT"]
    troubles.note(["stage.evt.ann.rang"], [MailboxFullError("full")])  # who refuses one subject works
    assert troubles.standing() == []
    troubles.note(["stage.evt.ann.rang"], [failed])
    timer.now += 10.0
    troubles.note(["stage.evt.ann.rang"], [failed])
    timer.now += 61.0
    assert troubles.standing() == []  # nobody has tried for long


async def _say_nothing(_: Any) -> None:
    """Never answer."""


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
