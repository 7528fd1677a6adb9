"""The generic webhook: one JSON document a message, for whatever listens there."""

from typing import Final

import aiohttp
import msgspec

from alerts.domain.notice import Delivered, Later, Notice, Outcome, Refused

TIMEOUT_SECONDS: Final = 10.0
_encoder: Final = msgspec.json.Encoder()


class GenericChannel:
    """Posts `{"version": 1, "notices": […]}`; each notice has its fields by name."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Post to `url`, giving each call `timeout_seconds`."""
        self._session = session
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        """Post the notices as one document."""
        body = _encoder.encode({"version": 1, "notices": notices})
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.post(self._url, data=body, headers=headers, timeout=self._timeout) as answer:
                return _outcome(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Later(None, type(error).__name__)


def _outcome(answer: aiohttp.ClientResponse) -> Outcome:
    if 200 <= answer.status < 300:
        return Delivered()
    if answer.status == 429 or answer.status >= 500:
        after = answer.headers.get("Retry-After", "")
        return Later(float(after) if after.isdecimal() else None, f"HTTP {answer.status}")
    return Refused(f"HTTP {answer.status}")
