"""What any service may say is heard from those that the hearer names; what no consumer carries fails the start."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import asyncpg
import pytest
from pydantic import SecretStr
from stage.app import actor as stage_actor

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.permissions import permissions
from actors.deploying.provision import provision
from actors.engine import settlement as exits
from actors.engine.runtime import Dependencies, Provided, run, running
from actors.settings import Settings
from actors.spec import ServiceSpec, SpecError
from actors.turn import Turn
from contracts.ground import DeadLetterReceived
from contracts.message import Command


class Elsewhere(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "other.cmd.{key}.elsewhere"
    key: str


class _Heard:
    """What the hearer was told."""

    def __init__(self) -> None:
        self.notices: list[DeadLetterReceived] = []


def _told(notice: DeadLetterReceived, heard: _Heard, turn: Turn) -> None:
    heard.notices.append(notice)
    if b"broken" in notice.letter_subject.encode():
        raise ArithmeticError("the hearer has a bug")


def _hearer(*listens_to: str, on: Callable[..., None] = _told) -> ServiceSpec:
    actor = Actor("watch")
    actor.on(DeadLetterReceived)(on)
    return ServiceSpec(name="watch", actor=actor, listens_to=listens_to)


def _build(heard: _Heard) -> Any:
    @asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        yield Provided(resources={_Heard: heard})

    return build


def _settings(database: Any, nats_server: Any) -> Settings:
    dsn = SecretStr(database.dsn("watch"))
    return Settings(nats_url=nats_server.url, postgres_dsn=dsn, log_level="error")


async def test_a_dead_letter_is_heard_by_who_listens_to_its_service(stage: Any, make_database: Any) -> None:
    database, heard, spec = await make_database("watch"), _Heard(), _hearer("stage", "watch")
    await provision(stage.nc, [spec])
    await stage.js.publish("stage.cmd.ann.deposit", b"{")
    await stage.start()
    async with running(spec, _settings(database, stage.nats_server), _build(heard), clock=SystemClock()):
        await stage.until(lambda: _true(heard.notices))
        assert [(one.service, one.letter_subject) for one in heard.notices] == [("stage", "stage.cmd.ann.deposit")]
        # And its own: published by hand, by no more than its subject.
        await stage.js.publish("watch.evt.17.dead_letter_received", b"{")
        await stage.until(lambda: _letters(database))


async def test_a_notice_that_cannot_be_handled_is_put_aside_without_another_notice(
    stage: Any, make_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exits, "_BACKOFF_SECONDS", (0.01,))
    database, heard, spec = await make_database("watch"), _Heard(), _hearer("stage", "watch")
    await provision(stage.nc, [spec])
    await stage.js.publish("stage.cmd.broken.deposit", b"{")
    await stage.start()
    async with running(spec, _settings(database, stage.nats_server), _build(heard), clock=SystemClock()):
        await stage.until(lambda: _letters(database))
        await stage.until(lambda: _nothing_waits(stage))
    letters = await stage.js.stream_info("WATCH_EVT", subjects_filter="watch.evt.*.dead_letter_received")
    assert not letters.state.subjects


def test_each_service_listened_to_has_a_consumer_and_may_be_pulled_from() -> None:
    spec = _hearer("gameplay", "watch")
    assert [
        (consumer.stream, consumer.filters) for consumer in spec.consumers() if consumer.stream.endswith("_EVT")
    ] == [
        ("GAMEPLAY_EVT", ("gameplay.evt.*.dead_letter_received",)),
        ("WATCH_EVT", ("watch.evt.*.dead_letter_received",)),
    ]
    assert "$JS.API.CONSUMER.MSG.NEXT.GAMEPLAY_EVT.watch" in permissions(spec, [spec]).publish


def test_what_no_consumer_carries_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match=r"watch hears DeadLetterReceived.*SPEC\.listens_to"):
        _hearer().consumers()
    actor = Actor("watch")
    actor.on(Elsewhere)(lambda command: None)
    with pytest.raises(SpecError, match="watch hears Elsewhere, which only other may"):
        ServiceSpec(name="watch", actor=actor).consumers()
    assert ServiceSpec(name="stage", actor=stage_actor).consumers()


async def test_what_no_consumer_carries_fails_the_start(
    stage: Any, make_database: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = _settings(await make_database("watch"), stage.nats_server)
    assert await run(_hearer(), settings, _build(_Heard())) == 1
    assert "watch: watch hears DeadLetterReceived, which any service says" in capsys.readouterr().err


async def _true(value: object) -> object:
    return value


async def _letters(database: Any) -> int:
    connection = await asyncpg.connect(database.dsn("watch"))
    try:
        return await connection.fetchval("select count(*) from dead_letters")
    finally:
        await connection.close()


async def _nothing_waits(stage: Any) -> bool:
    info = await stage.js.consumer_info("STAGE_EVT", "watch")
    return not info.num_ack_pending and not info.num_pending
