"""A NATS client that no message can stop.

nats-py's reader ends, or reconnects for ever, on a subject that is not UTF-8 or has a form feed in it, and on headers
that are not as they should be. JetStream stores all of these, so one message would stop whoever consumes it, for good
and with every light green. Here it comes through like any other, and `actors.engine.delivery` finds it unreadable.

Headers as services write them are read and written at once: nats-py looks at each header, and of its name at each
character, which took an eighth of what a tap costs the gateway. All others are left to nats-py.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol import command, parser

MALFORMED_HEADERS: Final = "malformed-headers"
"""The only header of a message whose headers cannot be read: their bytes, one character each."""

# The protocol separates by blanks and tabs; nats-py takes any white space for a separator, also within a subject.
_ADDRESSED: Final = rb"[ \t]+([^ \t\r\n]+)[ \t]+(\d+)[ \t]+(([^ \t\r\n]+)[ \t]+)?"
parser.MSG_RE = re.compile(rb"\AMSG" + _ADDRESSED + rb"(\d+)\r\n")
parser.HMSG_RE = re.compile(rb"\AHMSG" + _ADDRESSED + rb"(\d+)[ \t]+(\d+)\r\n")
_FIRST_LINE: Final = b"NATS/1.0\r\n"
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_END: Final = b"\r\n\r\n"


def read_plain(block: bytes) -> dict[str, str] | None:
    """Return headers that are as services write them: visible ASCII, one a line, `name: value`.

    None for all others, which nats-py may read.
    """
    if not (block.isascii() and block.endswith(_END) and block.startswith(_FIRST_LINE)):
        return None
    text = block[len(_FIRST_LINE) : -len(_END)].decode("ascii")
    lines = text.split("\r\n")
    if not "".join(lines).isprintable() or ":  " in text or " \r\n" in text or text[-1:] in ("", " "):
        return None
    try:
        headers = dict([line.split(": ", 1) for line in lines])
    except ValueError:  # a line without a name, or without a value
        return None
    names = "".join(headers)
    return None if " " in names or ":" in names or "" in headers else headers


def write_plain(headers: Mapping[str, str]) -> bytes | None:
    """Return a block that reads as these headers; None when they are not plain, and nats-py has to clean them."""
    lines = "\r\n".join([f"{name}: {value}" for name, value in headers.items()])
    block = b"".join((_FIRST_LINE, lines.encode(errors="replace"), _END))
    return block if read_plain(block) == headers and _are_names(tuple(headers)) else None


@lru_cache(maxsize=256)
def _are_names(names: tuple[str, ...]) -> bool:
    """Whether nats-py takes these for names of headers; the services' are of a few kinds."""
    return all(_NAME.fullmatch(name) for name in names)


class SturdyClient(Client):
    """A connection to NATS that hands on what it cannot decode."""

    async def _send_publish(
        self, subject: str, reply: str, payload: bytes, payload_size: int, headers: dict[str, Any] | None
    ) -> None:
        block = write_plain(headers) if headers and subject else None
        if block is None:
            await super()._send_publish(subject, reply, payload, payload_size, headers)
            return
        self.stats["out_msgs"] += 1
        self.stats["out_bytes"] += payload_size
        await self._send_command(command.hpub_cmd(subject, reply, block, payload))
        if self._flush_queue is not None and self._flush_queue.empty():
            await self._flush_pending()

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        plain = read_plain(headers) if headers else None
        if plain is not None:
            return plain
        try:
            return await super()._process_headers(headers)
        except Exception:
            return {MALFORMED_HEADERS: headers.decode("latin-1")}

    def _build_message(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: dict[str, str] | None
    ) -> Msg:
        """Make the message; what is no UTF-8 in its subject becomes half of a surrogate pair, which marks it."""
        return self.msg_class(
            subject=subject.decode(errors="surrogateescape"),
            reply=reply.decode(errors="replace"),
            data=data,
            headers=headers,
            _client=self,
            _sid=sid,
        )
