"""Slack, by an incoming webhook."""

from typing import Final

import aiohttp
import msgspec

from alerts.channels.posting import TIMEOUT_SECONDS, Posting
from alerts.channels.slack_message import message
from alerts.domain.notice import Notice, Outcome

_OK: Final = b"ok"
_encoder: Final = msgspec.json.Encoder()


class SlackChannel:
    """Posts one message for all notices. Slack says `ok` with 200 when it took it, and nothing else."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Post to the incoming webhook `url`, which is a secret, giving each call `timeout_seconds`."""
        self._posting = Posting(
            session,
            url,
            secret=url.rpartition("/")[2],
            understands=lambda _status, said: said.strip() == _OK,
            timeout_seconds=timeout_seconds,
        )

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        """Post the notices as one message."""
        return await self._posting.post(_encoder.encode(message(notices)))
