"""The relay: what cannot be published holds up nothing else, and no clock makes a leftover wait."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from actors.clock import SystemClock
from actors.engine import relay
from actors.engine.connecting import connect_postgres
from actors.engine.publisher import Publisher
from actors.engine.relay import Relay

_SINCE = 60.0


class Leftovers:
    """An outbox whose rows are left over, and the relay that finds them."""

    def __init__(self, stage: Any, pool: Any, publisher: Publisher) -> None:
        self.stage = stage
        self.pool = pool
        self.published: list[str] = []
        publish = publisher.publish

        async def noted(messages: Any) -> Any:
            self.published += [subject for subject, _, _ in messages]
            return await publish(messages)

        publisher.publish = noted
        self.relay = Relay(pool, publisher, SystemClock())

    async def leave(self, subject: str, *numbers: int, age_seconds: float = _SINCE) -> None:
        """Leave a row each, with ids of their own."""
        at = int((SystemClock().now() - timedelta(seconds=age_seconds)).timestamp() * 1000) << 20
        await self.stage.connection.execute(
            "insert into outbox select $1::bigint + n, 0, $2::text,"
            " convert_to('{\"ce-id\":\"' || $2 || n || '\",\"Nats-Msg-Id\":\"' || $2 || n || '\"}', 'utf8'), '{}'"
            " from unnest($3::int[]) as n",
            at, subject, numbers,
        )  # fmt: skip

    async def waiting(self, subject: str = "%") -> int:
        return await self.stage.connection.fetchval("select count(*) from outbox where subject like $1", subject)

    async def sweep(self) -> int:
        return await self.relay.sweep(patience_seconds=5)


@pytest.fixture
async def leftovers(stage: Any) -> Any:
    pool = await connect_postgres(stage.settings(pool_size_max=2), "stage")
    publisher = Publisher(stage.nc, timeout_seconds=2)
    await publisher.start()
    yield Leftovers(stage, pool, publisher)
    pool.terminate()


async def test_rows_that_no_stream_takes_hold_up_none_and_are_let_be(
    leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_ROWS_MAX", 20)
    await leftovers.leave("nowhere.evt.x.y", *range(100), age_seconds=_SINCE + 10)
    await leftovers.leave("stage.evt.ann.rang", 1, 2)
    assert await leftovers.sweep() == 22  # one page of those that are refused, and what is behind all of them
    assert await leftovers.waiting("stage.%") == 0
    assert await leftovers.waiting("nowhere.%") == 100
    leftovers.published.clear()
    await leftovers.leave("stage.evt.ben.rang", 3)
    assert await leftovers.sweep() == 1
    assert leftovers.published == ["stage.evt.ben.rang"]
    assert relay.metrics.OUTBOX_AGE_SECONDS._value.get() == pytest.approx(_SINCE + 10, abs=30)


async def test_what_was_refused_is_tried_again_less_and_less_often_and_goes_when_its_stream_is_there(
    leftovers: Leftovers,
) -> None:
    await leftovers.leave("nowhere.evt.x.y", *range(10))
    for seconds in (5.0, 10.0, 20.0, 40.0, 60.0, 60.0):
        assert await leftovers.sweep() == 10
        pause = leftovers.relay._put_off["nowhere.evt"]
        assert pause.seconds == seconds
        pause.until = 0.0
    await leftovers.stage.js.add_stream(name="NOWHERE_EVT", subjects=["nowhere.evt.>"])
    assert await leftovers.sweep() == 10
    assert await leftovers.waiting() == 0
    assert leftovers.relay._put_off == {}


async def test_a_row_of_a_time_to_come_is_a_leftover_of_a_clock_that_was_set_back(leftovers: Leftovers) -> None:
    await leftovers.leave("stage.evt.ann.rang", 1, age_seconds=-3600)
    await leftovers.leave("stage.evt.ben.rang", 2, age_seconds=-30)  # a replica's clock may be ahead a little
    await leftovers.leave("stage.evt.cat.rang", 3, age_seconds=1)  # its turn may be publishing it just now
    assert await leftovers.sweep() == 1
    assert leftovers.published == ["stage.evt.ann.rang"]
    assert await leftovers.waiting() == 2


async def test_while_jetstream_does_not_answer_a_sweep_ends_with_its_first_page(
    leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_ROWS_MAX", 5)
    await leftovers.leave("stage.evt.ann.rang", *range(20))
    # Somebody hears it and does not answer: to a publisher, a stream that is too slow.
    await leftovers.stage.js.delete_stream("STAGE_EVT")
    await leftovers.stage.nc.subscribe("stage.evt.>", cb=_say_nothing)
    await leftovers.stage.nc.flush()
    assert await leftovers.sweep() == 5
    assert await leftovers.waiting() == 20


async def test_a_stream_that_does_not_answer_holds_up_no_other(
    leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NATS denies a subject without a word to the publisher, and a stream may have lost its leader."""
    monkeypatch.setattr(relay, "_ROWS_MAX", 5)
    await leftovers.leave("silent.evt.x.y", *range(20), age_seconds=_SINCE + 10)
    await leftovers.leave("stage.evt.ann.rang", 1, 2)
    await leftovers.stage.nc.subscribe("silent.evt.>", cb=_say_nothing)
    await leftovers.stage.nc.flush()
    assert await leftovers.sweep() == 7
    assert await leftovers.waiting("stage.%") == 0
    assert await leftovers.waiting("silent.%") == 20
    assert leftovers.relay._put_off["silent.evt"].seconds == 5.0


async def test_a_row_that_is_too_large_holds_up_nothing(leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_ROWS_MAX", 5)
    await leftovers.leave("stage.evt.ann.rang", *range(10), age_seconds=_SINCE + 10)
    await leftovers.stage.connection.execute("update outbox set body = $1", b"x" * (leftovers.stage.nc.max_payload + 1))
    await leftovers.leave("stage.evt.ben.rang", 1)
    assert await leftovers.sweep() == 11
    assert await leftovers.waiting("stage.evt.ben.%") == 0
    assert await leftovers.waiting("stage.evt.ann.%") == 10
    assert leftovers.relay._put_off == {}


async def _say_nothing(_: Any) -> None:
    """Never answer."""


async def test_two_replicas_may_sweep_at_once(leftovers: Leftovers) -> None:
    await leftovers.leave("stage.evt.ann.rang", *range(300))
    other = Relay(leftovers.pool, leftovers.relay._publisher, SystemClock())
    await asyncio.gather(leftovers.sweep(), other.sweep(patience_seconds=5))
    assert await leftovers.waiting() == 0
    assert len({name for name, _ in await leftovers.stage.events()}) == 300
    info = await leftovers.stage.js.stream_info("STAGE_EVT")
    assert info.state.messages == 300
