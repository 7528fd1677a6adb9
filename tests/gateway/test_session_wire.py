"""Calls of the Bot API over raw sockets: whatever may be answered to a POST, kept connections, and ones that end."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from aiogram.client.telegram import TelegramAPIServer

from gateway.telegram import session
from gateway.telegram.session import LeanSession, UnreachableError

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_BYE = "bye"
_SILENCE = "silence"


class Server:
    """Answers each request with the next of its answers: bytes, or `bye` (close), or `silence`."""

    def __init__(self) -> None:
        self.answers: list[bytes | str] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.bytes_at_once = 1_000_000

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"Content-Length: (\d+)", head)
                assert length is not None
                self.requests.append(head + await reader.readexactly(int(length[1])))
                self.heard.put_nowait(head)
                answer = self.answers.pop(0) if self.answers else _OK
                if answer == _BYE:
                    return
                if isinstance(answer, bytes):
                    await self._say(writer, answer)
                    if self.answers[:1] == [_BYE]:
                        self.answers.pop(0)
                        return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            self.gone.set()

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        for start in range(0, len(answer), self.bytes_at_once):
            writer.write(answer[start : start + self.bytes_at_once])
            await writer.drain()
            await asyncio.sleep(0)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server()
    listening = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
    yield one
    listening.close()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[LeanSession]:
    one = LeanSession("1:x", TelegramAPIServer.from_base(server.address))  # type: ignore[attr-defined]
    yield one
    await one.close()


async def post(client: LeanSession, body: bytes = b"{}", *, seconds: float = 5.0) -> tuple[int, bytes]:
    return await client._post("getMe", body, seconds)


async def test_a_call_is_a_post_with_its_length(client: LeanSession, server: Server) -> None:
    assert await post(client, b'{"text":"\xc3\xbc"}') == (200, b"ok")
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /bot1:x/getMe HTTP/1.1"
    assert b"Host: 127.0.0.1:" in head
    assert b"Content-Type: application/json" in head
    assert body == b'{"text":"\xc3\xbc"}'


ANSWERS = {
    "length": (b"HTTP/1.1 429 Too Many\r\ncontent-length:  5\r\nX: y\r\n\r\nhello", 429, b"hello"),
    "empty": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\nA\r\n 0\r\n\r\nworl\r\n0\r\n\r\n",
        200,
        b"hello 0\r\n\r\nworl",
    ),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n", 200, b"ok"),
    "early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + _OK, 200, b"ok"),
}


@pytest.mark.parametrize("at_once", [1, 3, 1_000_000])
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_read_whatever_pieces_it_comes_in(
    client: LeanSession, server: Server, name: str, at_once: int
) -> None:
    answer, status, body = ANSWERS[name]
    server.bytes_at_once = at_once
    server.answers = [answer]
    assert await post(client) == (status, body)
    assert await post(client) == (200, b"ok")
    assert server.connections == 1


async def test_an_answer_of_unknown_length_ends_with_its_connection(client: LeanSession, server: Server) -> None:
    server.answers = [b"HTTP/1.1 200 OK\r\n\r\nall of it", _BYE]
    assert await post(client) == (200, b"all of it")
    assert await post(client) == (200, b"ok")
    assert server.connections == 2


async def test_as_many_connections_as_calls_at_once_and_all_are_kept(client: LeanSession, server: Server) -> None:
    for _ in range(3):
        assert await asyncio.gather(*(post(client) for _ in range(5))) == [(200, b"ok")] * 5
    assert server.connections == 5


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nConnection: close", b"HTTP/1.0 200 OK"])
async def test_a_connection_that_will_be_closed_is_not_used_again(
    client: LeanSession, server: Server, head: bytes
) -> None:
    server.answers = [head + b"\r\nContent-Length: 2\r\n\r\nok"]
    assert [await post(client), await post(client)] == [(200, b"ok")] * 2
    assert server.connections == 2


async def test_a_connection_that_the_server_closed_or_that_is_old_is_not_used_again(
    client: LeanSession, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers = [_OK, _BYE]
    await post(client)
    await asyncio.wait_for(server.gone.wait(), 5)
    await asyncio.sleep(0.05)  # the end of a connection is told to nobody
    assert await post(client) == (200, b"ok")
    assert server.connections == 2
    await client.close()
    monkeypatch.setattr(session, "IDLE_SECONDS", 0.01)
    assert await post(client) == (200, b"ok")
    await asyncio.sleep(0.05)
    assert await post(client) == (200, b"ok")
    assert server.connections == 4


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", _OK + b"and more", b"x" * 70_000,
    ],
)  # fmt: skip
async def test_what_is_no_response_is_an_error(client: LeanSession, server: Server, answer: bytes) -> None:
    server.answers = [answer]
    with pytest.raises(UnreachableError, match="getMe: Client"):
        await post(client)
    assert await post(client) == (200, b"ok")
    assert server.connections == 2


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", _OK[:-1]])
async def test_a_connection_lost_before_the_answer_is_whole_is_an_error(
    client: LeanSession, server: Server, answer: bytes
) -> None:
    server.answers = [answer, _BYE] if answer else [_BYE]
    with pytest.raises(UnreachableError):
        await post(client)
    assert await post(client) == (200, b"ok")


async def test_a_late_answer_is_never_another_call_s(client: LeanSession, server: Server) -> None:
    server.answers = [_SILENCE]
    with pytest.raises(UnreachableError, match="TimeoutError"):
        await post(client, seconds=0.05)
    assert await post(client) == (200, b"ok")
    assert server.connections == 2
    while not server.heard.empty():
        server.heard.get_nowait()
    server.answers = [_SILENCE]
    given_up = asyncio.create_task(post(client))
    await asyncio.wait_for(server.heard.get(), 5)
    given_up.cancel()
    await asyncio.wait({given_up})
    assert await post(client) == (200, b"ok")
    assert server.connections == 3


async def test_nobody_there_is_an_error_without_the_address() -> None:
    nowhere = LeanSession("1:x", TelegramAPIServer.from_base("http://127.0.0.1:9"))
    with pytest.raises(UnreachableError) as raised:
        await post(nowhere)
    assert (str(raised.value), raised.value.__cause__) == ("getMe: ClientConnectorError", None)
    await nowhere.close()


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_answer_without_end_is_not_read(client: LeanSession, server: Server, chunked: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    piece = b"x" * 65536
    if chunked:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        piece = b"10000\r\n" + piece + b"\r\n"
    server.answers = [head + piece * (session.ANSWER_BYTES_MAX // 65536 + 1)]
    with pytest.raises(UnreachableError, match="BodyTooLongError"):
        await post(client, seconds=60.0)
    assert await post(client) == (200, b"ok")
    assert server.connections == 2
