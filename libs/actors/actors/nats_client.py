"""A NATS client that no message can stop.

nats-py's reader ends, or reconnects for ever, on a subject that is not UTF-8 or has a form feed in it, and on headers
that are not as they should be. JetStream stores all of these, so one message would stop whoever consumes it, for good
and with every light green. Here it comes through like any other, and `actors.delivery` finds it unreadable.
"""

import re
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol import parser

MALFORMED_HEADERS: Final = "malformed-headers"
"""The only header of a message whose headers cannot be read: their bytes, one character each."""

# The protocol separates by blanks and tabs; nats-py takes any white space for a separator, also within a subject.
_ADDRESSED: Final = rb"[ \t]+([^ \t\r\n]+)[ \t]+(\d+)[ \t]+(([^ \t\r\n]+)[ \t]+)?"
parser.MSG_RE = re.compile(rb"\AMSG" + _ADDRESSED + rb"(\d+)\r\n")
parser.HMSG_RE = re.compile(rb"\AHMSG" + _ADDRESSED + rb"(\d+)[ \t]+(\d+)\r\n")


class SturdyClient(Client):
    """A connection to NATS that hands on what it cannot decode."""

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
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
