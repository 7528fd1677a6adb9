"""The webhook's HTTP server, over raw sockets: the order of answers, every limit, and how connections end."""

import asyncio
import contextlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from tests.gateway.http_stage import BODY_BYTES_MAX, stage

from gateway.ingress.http import HEADERS_MAX, LINE_BYTES_MAX

WAITING_MAX = 32
"""Requests that aiohttp keeps waiting behind the one under way."""


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
            assert headers.keys() == {"Content-Length", "Date", "Server"}
            assert (headers["Content-Length"], headers["Server"]) == ("0", "gateway")
            assert abs((parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)).total_seconds()) < 2
        assert one.heard == [("POST", f"/{number}", b"body") for number in range(3)]
        assert one.counted == [200] * 3


@pytest.mark.parametrize(
    "request_bytes",
    [
        post("/", b"x", "Connection: close"), post("/", b"x", version="1.0"),
    ],
)  # fmt: skip
async def test_who_wants_it_closed_or_speaks_1_0_has_it_closed_after_one_answer(request_bytes: bytes) -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(request_bytes)
        status, headers = await client.answer()
        assert (status, headers.get("Connection")) == (200, "close" if b"HTTP/1.1" in request_bytes else None)
        assert await client.ended() == b""
        assert one.targets == ["/"]


async def test_pipelined_requests_are_answered_in_order_one_at_a_time() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        targets = ["/slow", "/quick", "/nowhere", "/broken", "/quick", "/last"]
        await client.send(b"".join(post(target, target.encode()) for target in targets))
        await one.until(lambda: one.targets)
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


async def test_with_enough_waiting_nothing_more_is_read_until_they_are_worked_off() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        count = 3000
        await client.send(*(post(f"/{number}") for number in range(count)))
        await one.until(lambda: one.connections and not one.connections[0].transport.is_reading())
        assert WAITING_MAX // 2 < len(one.connections[0]._messages) <= WAITING_MAX
        await one.until(lambda: one.judged)
        assert len(one.judged) == 1
        one.gate.set()
        assert await client.statuses(count) == [200] * count
        assert one.targets == [f"/{number}" for number in range(count)]
        assert one.connections[0].transport.is_reading()


async def test_bodies_that_nobody_reads_yet_are_left_with_their_sender() -> None:
    async with stage() as one:
        client = await one.client()
        one.gate.clear()
        count = 400
        sending = asyncio.create_task(client.send(*[post("/", b"x" * BODY_BYTES_MAX)] * count))
        await one.until(lambda: one.connections and not one.connections[0].transport.is_reading())
        assert not sending.done()
        one.gate.set()
        assert await client.statuses(count) == [200] * count
        await sending


async def test_what_is_refused_by_its_head_is_not_kept_and_the_connection_goes_on() -> None:
    async with stage() as one:
        client = await one.client()
        body = b"x" * BODY_BYTES_MAX
        await client.send(post("/nowhere", body) + post("/here", body) + chunks(body[:99], b"", target="/nowhere"))
        assert await client.statuses(3) == [404, 200, 404]
        assert [len(body) for *_, body in one.heard] == [BODY_BYTES_MAX]
        assert one.targets == ["/here"]
        assert one.counted == [404, 200, 404]


ENDLESS = chunks(*[b"x" * 1024] * 65)
DECLARED = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"


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
        _, headers = await client.answer()
        assert status == 404 or headers["Connection"] == "close"
        assert one.counted == [status]
        await client.send(*[b"x" * 1024] * 32)
        assert not one.connections[0].transport.is_closing()
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
        for byte in post("/slowly", body[:50]):
            await client.send(bytes([byte]))
        await client.send(chunks(*halves, target="/chunks"), b"0\r\n\r\n")
        assert await client.statuses(3) == [200] * 3
        assert [body for *_, body in one.heard] == [body, body[:50], body]


@pytest.mark.parametrize("target", ["/", "/nowhere"])
async def test_what_follows_a_body_in_chunks_is_never_a_header_of_the_next_request(target: str) -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(chunks(b"x", target=target), b"0\r\nX-Secret: trailer\r\n\r\n", post("/next"))
        assert (await client.answer())[1]["Connection"] == "close"
        assert await client.ended() == b""
        assert [dict(request.headers) for request in one.judged] == [{"Host": "x", "Transfer-Encoding": "chunked"}]


async def test_a_request_without_any_body_and_headers_in_any_case() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(b"\r\nGET /?a=b HTTP/1.1\r\nHost: x\r\nX-SEcret:  s \xff \t\r\nEmpty:\r\n\r\n")
        assert await client.statuses(1) == [200]
        assert one.heard == [("GET", "/?a=b", b"")]
        assert one.judged[0].headers["x-secret"].encode(errors="surrogateescape") == b"s \xff"
        assert one.judged[0].headers["empty"] == ""


async def test_who_asks_first_is_told_to_send_the_body_or_refused() -> None:
    async with stage() as one:
        client = await one.client()
        head = b"POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: %d\r\n\r\n"
        await client.send(head % (b"/", 4))
        assert (await client.answer()) == (100, {})
        await client.send(b"body")
        assert await client.statuses(1) == [200]
        await client.send(head % (b"/nowhere", 4))
        assert await client.statuses(1) == [404]
        other = await one.client()
        await other.send(head % (b"/", BODY_BYTES_MAX + 1))
        assert await other.statuses(1) == [413]
        old = await one.client()
        await old.send(post("/", b"x", "Expect: 100-continue", version="1.0"))
        assert await old.statuses(1) == [200]


BAD = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01", b"hello\r\n\r\n", b"POST / HTTP/3.7\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
    chunks() + b"zz\r\n", chunks(b"x") + b"-1\r\n",
    b"POST / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]  # fmt: skip
HEADER = b"POST / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n"
LONG = [
    HEADER % (b"x" * (LINE_BYTES_MAX + 1)), b"POST /" + b"x" * LINE_BYTES_MAX + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\n" + b"X: yz\r\n" * (HEADERS_MAX + 1) + b"\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\n" + b"x" * (LINE_BYTES_MAX + 1) + b": yz\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("sent", BAD + LONG)
async def test_what_is_no_request_or_too_long_a_head_is_refused_and_nobody_else(sent: bytes) -> None:
    async with stage(linger_seconds=0.05) as one:
        client, neighbour = await one.client(), await one.client()
        one.gate.clear()
        await client.send(post("/1"))
        await neighbour.send(post("/neighbour"))
        await one.until(lambda: len(one.heard) == 2)
        await client.send(sent)
        one.gate.set()
        assert await client.statuses(2) == [200, 400]
        assert await client.ended() == b""
        assert sorted(one.counted) == [200, 200, 400]
        assert await neighbour.statuses(1) == [200]
        await neighbour.send(post())
        assert await neighbour.statuses(1) == [200]


@pytest.mark.parametrize("start", [b"POST / HTTP/1.1\r\nX: ", b"POST /", chunks(b"x") + b"0\r\nX: "])
async def test_a_line_without_an_end_is_refused(start: bytes) -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(start)
        with contextlib.suppress(ConnectionError):
            await client.send(*[b"x" * 1024] * 1000)  # 100 s of it would fill the memory
        await one.until(lambda: not one.connections)
        assert one.heard == []
        assert set(one.counted) <= {400}


async def test_a_head_just_short_enough_is_let_in() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(HEADER % (b"x" * (LINE_BYTES_MAX - 100)) + post())
        assert await client.statuses(2) == [200, 200]


async def test_nobody_is_upgraded() -> None:
    async with stage() as one:
        client = await one.client()
        await client.send(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"
        )
        assert await client.statuses(1) == [200]
        assert one.heard == [("GET", "/", b"")]
