"""The generic webhook: one JSON document a message, for whatever listens there."""

from typing import Final

import aiohttp
import msgspec

from alerts.channels.posting import TIMEOUT_SECONDS, Posting
from alerts.channels.wording import by_severity, one_line, worst
from alerts.domain.notice import Notice, Outcome

VERSION: Final = 1
TEXT_NOTICES_MAX: Final = 20
_encoder: Final = msgspec.json.Encoder()


class GenericChannel:
    """Posts `{"version", "text", "severity", "notices": […]}`: words for chats, fields by name for programs.

    Any 2xx means that it was taken.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Post to `url`, giving each call `timeout_seconds`."""
        self._posting = Posting(
            session,
            url,
            secret=url.partition("://")[2].partition("/")[2],
            understands=lambda _status, _said: True,
            timeout_seconds=timeout_seconds,
        )

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        """Post the notices as one document."""
        return await self._posting.post(document(notices))


def document(notices: tuple[Notice, ...]) -> bytes:
    """Return what is posted: `text` has a line for each of the worst notices, `severity` is that of the worst."""
    lines = [one_line(notice) for notice in by_severity(notices)[:TEXT_NOTICES_MAX]]
    if len(notices) > TEXT_NOTICES_MAX:
        lines.append(f"and {len(notices) - TEXT_NOTICES_MAX} more")
    told = [{**msgspec.to_builtins(notice), "dedup_key": notice.dedup_key} for notice in notices]
    said = {"version": VERSION, "text": "\n".join(lines), "severity": worst(notices), "notices": told}
    return _encoder.encode(said)
