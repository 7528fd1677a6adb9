"""What carries updates to the webhook, against a server that answers in its own way."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from sandbox.delivery.poster import Poster

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncGenerator[Poster]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    poster = Poster(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/h?x=1%20&y", "s", 2.0)
    try:
        yield poster
    finally:
        await poster.close()
        server.close()


async def request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


REPLIES = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 200, b"abcd"),
    (b"HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 500, b"x"),
]


@pytest.mark.parametrize(("reply", "status", "body"), REPLIES)
async def test_replies_in_any_pieces(reply: bytes, status: int, body: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            await request(reader)
            for at in range(0, len(reply), 7):
                writer.write(reply[at : at + 7])
                await writer.drain()
            if b"Connection: close" in reply:
                writer.close()
                return

    async with serving(answer) as poster:
        for _ in range(3):
            found = await poster.post(b'{"a":1}')
            assert (found.status, found.body) == (status, body)


async def test_a_body_without_length_ends_with_the_connection() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        writer.close()

    async with serving(answer) as poster:
        assert (await poster.post(b"x")).body == b"all of it"


async def test_a_request_is_what_telegram_sends() -> None:
    got: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await request(reader))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    async with serving(answer) as poster:
        assert (await poster.post(b"body")).headers["location"] == "/other"
    (head, body) = got[0].split(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert (first, body) == (b"POST /h?x=1%20&y HTTP/1.1", b"body"), "the address as it was given"
    assert b"X-Telegram-Bot-Api-Secret-Token: s" in headers
    names = {line.split(b":")[0] for line in headers}
    assert names == {b"Host", b"Content-Type", b"X-Telegram-Bot-Api-Secret-Token", b"Content-Length"}


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"SMTP ready\r\n\r\n"])
async def test_half_an_answer_is_a_failure(reply: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(reply)
        writer.close()

    async with serving(answer) as poster:
        with pytest.raises(OSError, match=r"(?i)disconnected|payload|bad"):
            await poster.post(b"x")


async def test_only_http_addresses() -> None:
    for wrong in ("ftp://e.org", "e.org/hook", "http://"):
        with pytest.raises(ValueError, match="no http"):
            Poster(wrong, None, 1.0)
