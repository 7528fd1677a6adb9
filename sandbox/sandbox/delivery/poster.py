"""Posts updates to the bot's address, over connections that are kept alive.

When the bot closes an idle connection just as an update leaves on it, that attempt has failed like any other; the first
retry comes at once, and on another connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

_NOT_SENT = ("Accept", "Accept-Encoding", "User-Agent")
"""What aiohttp would add, and Telegram does not send."""


@dataclass(slots=True, frozen=True)
class Reply:
    """What the webhook answered; names of headers in any case find them."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Poster:
    """One address. How many posts are under way at once, the caller decides."""

    def __init__(self, url: str, secret_token: str | None, timeout_seconds: float) -> None:
        """ValueError for anything but http(s) with a host; needs a running event loop."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"no http(s) address: {url}")
        self._url = URL(url, encoded=True)
        headers = {"Content-Type": "application/json"}
        if secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret_token
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            skip_auto_headers=_NOT_SENT,
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
        )

    async def post(self, body: bytes) -> Reply:
        """One POST; redirects are answers like others. OSError (also for no HTTP) or TimeoutError without an answer."""
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as answer:
                return Reply(answer.status, answer.headers, await answer.read())
        except TimeoutError:
            raise
        except aiohttp.ClientError as problem:
            raise ConnectionError(str(problem) or type(problem).__name__) from problem

    async def close(self) -> None:
        """Drop every connection."""
        await self._session.close()
