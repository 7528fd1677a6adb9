"""How connections of the webhook's HTTP server end: by the clock, by their client, by a fault, by the server's stop."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Coroutine

import pytest
import uvloop
from tests.gateway import test_http as requests
from tests.gateway.http_stage import Client, Stage, stage
from tests.gateway.test_http import post


@pytest.mark.parametrize("begun", [b"", b"P", b"POST / HTTP/1.1\r\nHost:"])
async def test_a_head_that_is_never_finished_is_cut_off_and_others_are_not(begun: bytes) -> None:
    async with stage(idle_seconds_max=1.0) as one:
        busy, client, fresh = await one.client(), await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post())
        await client.send(post("/quick") + begun)
        await fresh.send(begun)
        assert await client.statuses(1) == [200]
        assert (await client.ended(), await fresh.ended()) == (b"", b"")
        one.gate.set()
        assert await busy.statuses(1) == [200]


@pytest.mark.parametrize("begun", [post("/", b"body")[:-1], requests.chunks(b"x") + b"1\r\n"])
async def test_a_body_that_is_never_finished_is_refused_and_others_are_not(begun: bytes) -> None:
    async with stage(body_seconds_max=0.1, linger_seconds=0.05) as one:
        idle, busy, client = await one.client(), await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post())
        await client.send(post("/quick") + begun)
        assert await client.statuses(2) == [200, 408]
        assert await client.ended() == b""
        one.gate.set()
        assert await busy.statuses(1) == [200]
        await idle.send(post())
        assert await idle.statuses(1) == [200]


async def test_who_is_made_to_wait_in_the_middle_of_a_request_has_the_time_anew() -> None:
    async with stage(body_seconds_max=1.5, idle_seconds_max=1.5) as one:
        client = await one.client()
        one.gate.clear()
        await client.send(post() * 17 + post("/half", b"body")[:-1])
        await one.until(lambda: one.heard)
        await asyncio.sleep(1.6)  # longer than either limit
        one.gate.set()
        assert await client.statuses(17) == [200] * 17
        await client.send(b"y")
        assert await client.statuses(1) == [200]


async def test_an_idle_connection_is_closed_and_one_with_work_under_way_is_not() -> None:
    async with stage(idle_seconds_max=1.0) as one:
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
        client = await one.client(receive_bytes=4096)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await one.until(lambda: one.connections)
        own = one.connections[0].transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with contextlib.suppress(ConnectionError, TimeoutError):
            await client.send(*[post("/nowhere") * 10] * 10_000)
        await one.until(lambda: not one.connections)
        assert len(one.judged) < 100_000


async def test_a_fault_of_the_handler_is_500_and_nobody_else_s() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(post("/broken") + post("/broken-judge", b"body") + post("/fine"))
        assert await client.statuses(3) == [500, 500, 200]
        assert one.targets == ["/broken", "/fine"]


async def test_a_client_that_is_gone_in_the_middle_of_its_body_is_no_fault_of_ours() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(post("/", b"body")[:-1])
        await one.until(lambda: one.judged)
        client.writer.transport.abort()
        await one.until(lambda: one.counted)
        assert (one.counted, one.heard) == ([400], [])


@pytest.mark.parametrize(
    "ends", [lambda client: client.writer.write_eof(), lambda client: client.writer.transport.abort()]
)
async def test_a_client_that_is_gone_takes_its_waiting_requests_along_and_the_one_under_way_is_finished(
    ends: Callable[[Client], None],
) -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        await client.send(post("/1") + post("/2"))
        await one.until(lambda: one.heard)
        (connection,) = one.connections
        ends(client)
        await one.until(lambda: connection.transport is None)
        one.gate.set()
        await one.until(lambda: not one.connections)
        assert (one.targets, one.counted, one.cancelled) == (["/1"], [200], 0)


async def test_the_kernel_watches_over_connections() -> None:
    async with stage() as one:
        client = await one.client()
        await one.until(lambda: one.connections)
        own = one.connections[0].transport.get_extra_info("socket")
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        client.writer.close()


async def _stopped(one: Stage) -> float:
    started = time.monotonic()
    await one.server.stop()
    return time.monotonic() - started


async def test_stopping_closes_the_idle_and_answers_what_is_under_way() -> None:
    async with stage() as one:
        idle, busy = await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post("/1") + post("/2"))
        await one.until(lambda: one.heard and len(one.connections) == 2)
        stopping = asyncio.create_task(_stopped(one))
        assert await idle.ended() == b""
        with pytest.raises(ConnectionError):
            await one.client()
        assert not stopping.done()
        one.gate.set()
        assert await busy.statuses(1) == [200]
        assert await busy.ended() == b"", "what waited behind it is Telegram's to repeat"
        assert await stopping < 2.5
        assert (one.targets, one.connections) == (["/1"], [])


async def test_stopping_does_not_wait_for_ever() -> None:
    async with stage(stop_seconds_max=0.2) as one:
        busy, half, body = await one.client(), await one.client(), await one.client()
        one.gate.clear()
        await busy.send(post())
        await half.send(b"POST / HTTP/1.1\r\n")
        await body.send(post("/body", b"body")[:-1])
        await one.until(lambda: one.heard and len(one.judged) == 2 and len(one.connections) == 3)
        assert 0.15 <= await _stopped(one) < 2
        assert (await busy.ended(), await half.ended(), await body.ended()) == (b"", b"", b"")
        await one.until(lambda: one.cancelled == 1 and not one.connections)


@pytest.mark.parametrize(
    "scenario",
    [
        requests.test_pipelined_requests_are_answered_in_order_one_at_a_time,
        requests.test_with_enough_waiting_nothing_more_is_read_until_they_are_worked_off,
        requests.test_bodies_that_nobody_reads_yet_are_left_with_their_sender,
        requests.test_who_sends_all_of_a_body_too_long_before_reading_still_sees_the_answer,
        test_an_idle_connection_is_closed_and_one_with_work_under_way_is_not,
        test_who_does_not_read_answers_is_cut_off,
        test_stopping_closes_the_idle_and_answers_what_is_under_way,
        test_stopping_does_not_wait_for_ever,
    ],
)
def test_it_is_the_same_on_the_loop_that_services_run_on(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario())
