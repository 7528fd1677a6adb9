"""One POST to a provider, and what it means for the notices: taken, later, or never (DOMAIN §10)."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from actors.bounded_body import BodyTooLongError, read_bounded
from alerts.domain.notice import Delivered, Later, Outcome, Refused
from contracts.foreign_text import as_said

TIMEOUT_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 64 * 1024
RETRY_AFTER_S_MAX: Final = 3600.0
"""A provider that wants to be left alone for longer is asked again all the same: an alert is worth the call."""
_LINE_LENGTH_MAX: Final = 160
_TOO_MANY, _LEAST_OF_SERVER = 429, 500

Understands = Callable[[int, bytes], bool]
"""Whether a 2xx with this body is the provider's own yes: a proxy in between says 200 as well."""


class Posting:
    """Posts JSON to one address, whose secrets are never in what is reported of it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        secret: str,
        understands: Understands,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """`secret` is what the provider might quote and nobody may read; a call gets `timeout_seconds` in all."""
        self._session = session
        self._url = url
        self._secret = secret
        self._understands = understands
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def post(self, body: bytes) -> Outcome:
        """Post once; raises nothing for what the network or the provider does. Redirects are not followed."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as answer:
                return await self._judge(answer)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return Later(None, _cause(error))

    async def _judge(self, answer: aiohttp.ClientResponse) -> Outcome:
        """Only a 4xx that is no 429 is never; whatever else is not the provider's yes is for later."""
        try:
            said = await read_bounded(answer.content, ANSWER_BYTES_MAX)
        except BodyTooLongError:
            said = b"(a body without end)"
        status = answer.status
        if 200 <= status < 300 and self._understands(status, said):
            return Delivered()
        reason = f"HTTP {status}: {self._line(said)}".removesuffix(": ")
        if 400 <= status < _LEAST_OF_SERVER and status != _TOO_MANY:
            return Refused(reason)
        return Later(retry_after_s(answer.headers.get("Retry-After", ""), answer.headers.get("Date", "")), reason)

    def _line(self, said: bytes) -> str:
        """Return the beginning of an answer as one line, without our secret."""
        text = as_said(said.decode(errors="replace"), secret=self._secret)
        return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LINE_LENGTH_MAX]


def retry_after_s(header: str, date: str) -> float | None:
    """Return how many seconds `Retry-After` asks for: 1 to RETRY_AFTER_S_MAX; None where it says nothing of use.

    It holds seconds, or a time (RFC 9110 §10.2.3), which is held against the answer's own `date`: our clock may differ.
    """
    text = header.strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:12])
    elif (until := _time(text)) is not None and (now := _time(date.strip())) is not None:
        seconds = (until - now).total_seconds()
    else:
        return None
    return min(max(seconds, 1.0), RETRY_AFTER_S_MAX)


def _time(text: str) -> datetime | None:
    """Return an HTTP date, which is in GMT; None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def _cause(error: Exception) -> str:
    """Return what went wrong on the way, without the address, which may be a secret."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    system = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {system}" if system else type(error).__name__
