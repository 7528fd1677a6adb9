"""How connections of the webhook's HTTP server end: by the clock, by their client, by a fault, by the server's stop."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Coroutine

import pytest
import uvloop
from tests.gateway import test_http as requests
from tests.gateway.http_stage import Stage, stage
from tests.gateway.test_http import post


@pytest.mark.parametrize("begun", [b"P", b"POST / HTTP/1.1\r\nHost:", post("/", b"body")[:-1]])
async def test_a_request_that_is_never_finished_is_cut_off_and_others_are_not(begun: bytes) -> None:
    async with stage(request_seconds_max=0.1) as one:
        idle, busy, client = await one.client(), await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post())
        await client.send(post("/quick") + begun)
        assert await client.statuses(1) == [200]
        assert await client.ended() == b""
        one.gate.set()
        assert await busy.statuses(1) == [200]
        await idle.send(post())
        assert await idle.statuses(1) == [200]


async def test_who_is_made_to_wait_in_the_middle_of_a_request_has_the_time_anew() -> None:
    async with stage(request_seconds_max=0.5) as one:
        client = await one.client()
        one.gate.clear()
        await client.send(post() * 17 + post("/half", b"body")[:-1])
        await one.until(lambda: one.connections and one.connections[0]._paused)
        (connection,) = one.connections
        await one.until(lambda: connection._loop.time() > connection._deadline)
        await one.swept()
        one.gate.set()
        assert await client.statuses(17) == [200] * 17
        await one.swept()
        await client.send(b"y")
        assert await client.statuses(1) == [200]


async def test_an_idle_connection_is_closed_and_one_with_work_under_way_is_not() -> None:
    async with stage(idle_seconds_max=0.1) as one:
        silent, idle, busy = await one.client(), await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post())
        await idle.send(post("/quick") + post("/nowhere"))
        assert await idle.statuses(2) == [200, 404]
        assert (await idle.ended(), await silent.ended()) == (b"", b"")
        one.gate.set()
        assert await busy.statuses(1) == [200]
        assert await busy.ended() == b""
        await one.until(lambda: not one.connections)


async def test_who_does_not_read_answers_is_cut_off() -> None:
    async with stage() as one:
        client = await one.client()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        with contextlib.suppress(ConnectionError):
            await client.send(*[post("/long")] * 2000)
        await one.until(lambda: not one.connections)
        assert len(one.heard) < 2000


async def test_a_fault_of_the_handler_is_500_and_nobody_else_s() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(post("/broken") + post("/broken-judge", b"body") + post("/fine"))
        assert await client.statuses(3) == [500, 500, 200]
        assert one.targets == ["/broken", "/fine"]


async def test_a_client_that_stops_sending_still_gets_its_answers() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        await client.send(post("/1") + post("/2") + b"POST /half")
        client.writer.write_eof()
        await one.until(lambda: one.connections and one.connections[0]._leaving)
        one.gate.set()
        answers = [await client.answer(), await client.answer()]
        assert [headers.get("Connection") for _, headers in answers] == [None, "close"]
        assert await client.ended() == b""


async def test_a_client_that_is_gone_takes_its_waiting_requests_along_and_the_one_under_way_is_finished() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        await client.send(post("/1") + post("/2"))
        await one.until(lambda: len(one.judged) == 2)
        (connection,) = one.connections
        client.writer.transport.abort()
        await one.until(lambda: connection._lost or connection._leaving)
        connection._transport.abort()
        await one.until(lambda: connection._lost)
        assert one.connections == [connection]
        one.gate.set()
        await one.until(lambda: not one.connections)
        assert (one.targets, one.counted, one.cancelled) == (["/1"], [200], 0)


async def test_the_kernel_watches_over_connections() -> None:
    async with stage() as one:
        client = await one.client()
        await one.until(lambda: one.connections)
        own = one.connections[0]._transport.get_extra_info("socket")
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        client.writer.close()


async def _stopped(one: Stage) -> float:
    started = time.monotonic()
    await one.server.stop()
    return time.monotonic() - started


async def test_stopping_closes_the_idle_and_answers_what_is_under_way() -> None:
    async with stage() as one:
        idle, half, busy = await one.client(), await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post("/1") + post("/2"))
        await half.send(post("/half", b"body")[:-1])
        await one.until(lambda: len(one.judged) == 3 and len(one.connections) == 3)
        stopping = asyncio.create_task(_stopped(one))
        assert await idle.ended() == b""
        with pytest.raises(ConnectionError):
            await one.client()
        assert not stopping.done()
        one.gate.set()
        await half.send(b"y")
        answers = [await busy.answer(), await busy.answer(), await half.answer()]
        assert [(status, headers.get("Connection")) for status, headers in answers] == [
            (200, None), (200, "close"), (200, "close"),
        ]  # fmt: skip
        assert (await busy.ended(), await half.ended()) == (b"", b"")
        assert await stopping < 2.5
        assert one.connections == []


async def test_stopping_does_not_wait_for_ever() -> None:
    async with stage(stop_seconds_max=0.2) as one:
        busy, half = await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post())
        await half.send(b"POST / HTTP/1.1\r\n")
        await one.until(lambda: one.heard and len(one.connections) == 2)
        assert 0.15 <= await _stopped(one) < 2
        assert (await busy.ended(), await half.ended()) == (b"", b"")
        await one.until(lambda: one.cancelled == 1 and not one.connections)


@pytest.mark.parametrize(
    "scenario",
    [
        requests.test_pipelined_requests_are_answered_in_order_one_at_a_time,
        requests.test_with_sixteen_waiting_nothing_more_is_read_until_they_are_worked_off,
        requests.test_who_sends_all_of_a_body_too_long_before_reading_still_sees_the_answer,
        test_an_idle_connection_is_closed_and_one_with_work_under_way_is_not,
        test_who_does_not_read_answers_is_cut_off,
        test_a_client_that_stops_sending_still_gets_its_answers,
        test_a_client_that_is_gone_takes_its_waiting_requests_along_and_the_one_under_way_is_finished,
        test_stopping_closes_the_idle_and_answers_what_is_under_way,
        test_stopping_does_not_wait_for_ever,
    ],
)
def test_it_is_the_same_on_the_loop_that_services_run_on(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario())
