"""Headers read and written at once say what nats-py would have read and written."""

import asyncio
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from nats.aio.client import Client

from actors.engine.nats_client import SturdyClient, read_plain, write_plain

USUAL = {
    "ce-id": "tg:42",
    "ce-type": "gameplay.evt.round_completed.v1",
    "ce-time": "2026-11-30T08:28:35.123456+00:00",
    "Nats-Msg-Id": "tg:42",
}
pieces = st.sampled_from([*"ab: -\t\r\n\0\x7fäß", ": ", "\r\n", " \r\n", "Status", "\u2028", "\x1c", "😀"])
texts = st.lists(pieces, max_size=6).map("".join)


class Wire(SturdyClient):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    async def _send_command(self, cmd: bytes, priority: bool = False) -> None:
        self.sent.append(bytes(cmd))


def written(kind: Any, headers: dict[str, str]) -> list[bytes] | str:
    wire = Wire()
    try:
        asyncio.run(kind._send_publish(wire, "a.b", "r", b"{}", 2, headers))
    except Exception as error:
        return type(error).__name__
    return wire.sent


def test_what_services_write_is_read_at_once() -> None:
    block = write_plain(USUAL)
    assert block is not None
    assert read_plain(block) == USUAL


@given(st.lists(texts, max_size=4).map("\r\n".join).map(lambda text: f"NATS/1.0{text}\r\n\r\n".encode()))
@example(b"NATS/1.0\r\na: b\r\n\r\n")
@example(b"NATS/1.0\r\na:b: c\r\n\r\n")
@example(b"NATS/1.0\r\na: b\r\na: c\r\n\r\n")
@example(b"NATS/1.0\r\na: b \r\n\r\n")
@example(b"NATS/1.0\r\na : b\r\n\r\n")
@example(b"NATS/1.0\r\n: b\r\n\r\n")
@example(b"NATS/1.0\r\na: \r\n\r\n")
@example(b"NATS/1.0\r\n\r\na: b\r\n\r\n")
@example(b"NATS/1.0\r\na: b\r\n\r\n\r\n")
@example(b"NATS/1.0 404 No Messages\r\n\r\n")
def test_what_is_read_at_once_is_what_nats_py_reads(block: bytes) -> None:
    plain = read_plain(block)
    if plain is not None:
        assert plain == asyncio.run(Client._process_headers(Client(), block))


@given(st.dictionaries(texts, texts, max_size=4))
@example(USUAL)
@example({"a": "b\r\nc: d"})
@example({" a": "b"})
@example({"a:b": "c"})
@example({"a": ""})
@example({"a": "b", "": "c"})
@example({"a(b": "c"})
def test_what_is_written_at_once_is_what_nats_py_writes(headers: dict[str, str]) -> None:
    assert written(SturdyClient, headers) == written(Client, headers)
