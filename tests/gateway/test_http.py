"""The webhook's HTTP server, over raw sockets: the order of answers, every limit, and how connections end."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from tests.gateway.http_stage import BODY_BYTES_MAX, stage

from gateway.door import http

HEAD_BYTES_MAX = 32 * 1024


def post(target: str = "/", body: bytes = b"", *headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST {target} HTTP/{version}", "Host: x", f"Content-Length: {len(body)}", *headers]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


def chunks(*pieces: bytes, target: str = "/") -> bytes:
    head = f"POST {target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


async def test_a_connection_is_kept_and_an_answer_is_a_status_with_its_date() -> None:
    async with stage() as one:
        client = await one.client()
        for number in range(3):
            await client.send(post(f"/{number}", b"body"))
            status, headers = await client.answer()
            assert status == 200
            assert headers.keys() == {"Content-Length", "Date", "X-Target"}
            assert (headers["Content-Length"], headers["X-Target"]) == ("0", f"/{number}")
            assert abs((parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)).total_seconds()) < 2
        assert one.heard == [(b"POST", b"/0", b"body"), (b"POST", b"/1", b"body"), (b"POST", b"/2", b"body")]
        assert one.counted == [200] * 3


async def test_the_date_is_of_this_second(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as one:
        for now, date in [(0.5, b"00:00:00"), (0.9, b"00:00:00"), (1.0, b"00:00:01"), (86399.0, b"23:59:59")]:
            monkeypatch.setattr(http.time, "time", lambda now=now: now)
            assert one.server.date_line() == b"Date: Thu, 01 Jan 1970 " + date + b" GMT\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        post("/", b"x", "Connection: close"), post("/", b"x", version="1.0"),
        post("/", b"x", "Connection: keep-alive", version="1.0") + post("/second", version="1.0"),
        post("/", b"x", "Connection: close") + post("/second"),
    ],
)  # fmt: skip
async def test_who_wants_it_closed_or_speaks_1_0_has_it_closed_after_one_answer(request_bytes: bytes) -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(request_bytes)
        status, headers = await client.answer()
        assert (status, headers["Connection"]) == (200, "close")
        assert await client.ended() == b""
        assert one.targets == ["/"]


async def test_pipelined_requests_are_answered_in_order_one_at_a_time() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        targets = ["/slow", "/quick", "/nowhere", "/broken", "/quick", "/last"]
        await client.send(b"".join(post(target, target.encode()) for target in targets))
        await one.until(lambda: len(one.judged) == len(targets))
        assert one.targets == ["/slow"]
        assert one.counted == []
        one.gate.set()
        assert await client.statuses(6) == [200, 200, 404, 500, 200, 200]
        assert one.targets == [target for target in targets if target != "/nowhere"]
        assert one.at_once_max == 1
        one.gate.clear()
        both = [await one.client(), await one.client()]
        for other in both:
            await other.send(post())
        await one.until(lambda: one.at_once_max == 2)


async def test_with_sixteen_waiting_nothing_more_is_read_until_they_are_worked_off() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        count, body = 80, b"x" * BODY_BYTES_MAX
        sending = asyncio.create_task(client.send(*(post(f"/{number}", body) for number in range(count))))
        await one.until(lambda: one.connections and one.connections[0]._paused)
        assert not one.connections[0]._transport.is_reading()
        waiting = len(one.connections[0]._waiting)
        assert 16 <= waiting <= 16 + 4  # what one read held
        await one.swept()
        assert len(one.judged) <= 1 + waiting + 1
        one.gate.set()
        answers = [await client.answer() for _ in range(count)]
        assert [headers["X-Target"] for _, headers in answers] == [f"/{number}" for number in range(count)]
        await sending
        assert one.connections[0]._transport.is_reading()


async def test_what_is_refused_by_its_head_is_not_kept_and_the_connection_goes_on() -> None:
    async with stage() as one:
        client = await one.client()
        body = b"x" * BODY_BYTES_MAX
        await client.send(post("/nowhere", body) + chunks(body[:99], b"", target="/nowhere") + post("/here", body))
        assert await client.statuses(3) == [404, 404, 200]
        assert [len(request.body) for request in one.judged] == [0, 0, BODY_BYTES_MAX]
        assert one.targets == ["/here"]
        assert one.counted == [404, 404, 200]


ENDLESS = chunks(*[b"x" * 1024] * 65)
DECLARED = b"POST %s HTTP/1.1\r\nContent-Length: 65537\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (DECLARED % b"/", 413), (ENDLESS, 413), (DECLARED % b"/nowhere", 404),
        (ENDLESS.replace(b"POST /", b"POST /nowhere"), 404),
    ],
)  # fmt: skip
async def test_a_body_too_long_is_refused_at_once_and_what_follows_is_dropped(sent: bytes, status: int) -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(sent)
        assert (await client.answer())[1]["Connection"] == "close"
        assert one.counted == [status]
        await client.send(*[b"POST /more HTTP/1.1\r\n\r\n" * 2000] * 20)
        assert not one.connections[0]._transport.is_closing()
        assert (len(one.judged), one.heard) == (1, [])


async def test_who_sends_all_of_a_body_too_long_before_reading_still_sees_the_answer() -> None:
    async with stage(linger_seconds=0.3) as one:
        client = await one.client()
        await client.send(post("/", b"x" * 8_000_000))
        assert await client.statuses(1) == [413]
        assert await client.ended() == b""
        await one.until(lambda: not one.connections)


@pytest.mark.parametrize("size", [0, 1, BODY_BYTES_MAX])
async def test_bodies_of_every_allowed_size_whatever_pieces_they_come_in(size: int) -> None:
    body = (b"0123456789abcdef" * (BODY_BYTES_MAX // 16))[:size]
    async with stage() as one:
        client = await one.client()
        await client.send(post("/declared", body))
        halves = [piece for piece in (body[: size // 3], body[size // 3 :]) if piece]
        await client.send(chunks(*halves, target="/chunks"), b"0\r\nHost: trailer\r\n\r\n")
        for byte in post("/slowly", body[:50]):
            await client.send(bytes([byte]))
        assert await client.statuses(3) == [200] * 3
        assert [body for *_, body in one.heard] == [body, body, body[:50]]
        assert one.judged[1].headers == {b"host": b"x", b"transfer-encoding": b"chunked"}


async def test_a_request_without_any_body_and_headers_in_any_case() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(b"\r\nGET /?a=b HTTP/1.1\r\nX-SEcret:  s \xff \t\r\nEmpty:\r\n\r\n")
        assert await client.statuses(1) == [200]
        assert one.heard == [(b"GET", b"/?a=b", b"")]
        assert one.judged[0].headers == {b"x-secret": b"s \xff", b"empty": b""}


async def test_who_asks_first_is_told_to_send_the_body_or_refused() -> None:
    async with stage() as one:
        client = await one.client()
        head = b"POST %s HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: %d\r\n\r\n"
        await client.send(head % (b"/", 4))
        assert (await client.answer()) == (100, {})
        await client.send(b"body")
        assert await client.statuses(1) == [200]
        await client.send(head % (b"/nowhere", 4))
        status, headers = await client.answer()
        assert (status, headers["Connection"]) == (404, "close")
        other = await one.client()
        await other.send(head % (b"/", BODY_BYTES_MAX + 1))
        assert await other.statuses(1) == [413]
        old = await one.client()
        await old.send(post("/", b"x", "Expect: 100-continue", version="1.0"))
        assert await old.statuses(1) == [200]


BAD = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01", b"hello\r\n\r\n", b"POST / HTTP/3.7\r\n\r\n",
    b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
    chunks() + b"zz\r\n", chunks(b"x") + b"-1\r\n",
    b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello",
    b"CONNECT x:1 HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]  # fmt: skip
HEADER = b"POST / HTTP/1.1\r\nX: %s\r\n\r\n"
LONG = [
    HEADER % (b"x" * HEAD_BYTES_MAX), b"POST /" + b"x" * HEAD_BYTES_MAX + b" HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + b"X: yz\r\n" * (HEAD_BYTES_MAX // 7 + 1) + b"\r\n",
    chunks(b"x") + b"0\r\n" + b"X: yz\r\n" * (HEAD_BYTES_MAX // 7 + 1),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status"), [(sent, 400) for sent in BAD] + [(sent, 431) for sent in LONG])
async def test_what_is_no_request_or_too_long_a_head_is_refused_after_those_before_it(sent: bytes, status: int) -> None:
    async with stage(linger_seconds=0.05) as one:
        client, neighbour = await one.client(), await one.client()
        one.gate.clear()
        await client.send(post("/1") + post("/2") + sent)
        await neighbour.send(post("/neighbour"))
        await one.until(lambda: one.connections and any(connection._deaf for connection in one.connections))
        one.gate.set()
        assert await client.statuses(3) == [200, 200, status]
        assert await client.ended() == b""
        assert sorted(one.targets) == ["/1", "/2", "/neighbour"]
        assert await neighbour.statuses(1) == [200]
        await neighbour.send(post())
        assert await neighbour.statuses(1) == [200]


@pytest.mark.parametrize("start", [b"POST / HTTP/1.1\r\nX: ", chunks(b"x") + b"0\r\nX: "])
async def test_a_header_without_an_end_is_431(start: bytes) -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(start)
        answer = asyncio.create_task(client.answer())
        for _ in range(1000):
            if answer.done():
                break
            await client.send(b"x" * 1024)
            await asyncio.sleep(0)
        assert (await answer)[0] == 431


async def test_a_head_just_short_enough_is_let_in() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(HEADER % (b"x" * (HEAD_BYTES_MAX - 100)) + post())
        assert await client.statuses(2) == [200, 200]
