"""A Slack with one incoming webhook."""

import hmac
import json
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.oncall.arrivals import Arrivals
from sandbox.oncall.blocks import refusal
from sandbox.oncall.pace import Pace
from sandbox.shapes import as_object

CALLS, SECONDS = 5, 4.0
"""About a message a second; short bursts pass."""


class Slack:
    """Handler of /slack/services/{team}/{hook}/{token}. Answers are plain words, as Slack's are."""

    def __init__(self, clock: Clock, token: str) -> None:
        self._token = token.encode()
        self.messages = Arrivals(clock)
        self.pace = Pace(clock, CALLS, SECONDS)

    async def take(self, request: web.Request) -> web.Response:
        """`ok`, or why not."""
        given = request.match_info["token"].encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._token):
            return _say(403, "invalid_token")
        seconds = self.pace.wait()
        if seconds:
            return _say(429, "rate_limited", {"Retry-After": str(seconds)})
        body = _message(await request.read())
        refused = "invalid_payload" if body is None else refusal(body)
        if body is None or refused:
            return _say(400, refused)
        self.messages.take(f"{request.match_info['team']}/{request.match_info['hook']}", body)
        return _say(200, "ok")


def _message(raw: bytes) -> dict[str, Any] | None:
    try:
        return as_object(json.loads(raw))
    except ValueError:
        return None


def _say(status: int, word: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=word, content_type="text/html", headers=headers)
