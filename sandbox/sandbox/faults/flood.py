"""Telegram's sending limits: about one message a second per chat with a short burst, 30 a second over all.

Only new messages count (`send…` methods); edits and callback answers do not. The exact figures are unpublished; these
are the documented ones (core.telegram.org/bots/faq).
"""

import math
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.errors import too_many_requests

CHAT_PER_SECOND, CHAT_BURST = 1.0, 4.0
ALL_PER_SECOND, ALL_BURST = 30.0, 30.0
CHATS_REMEMBERED = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Flood:
    """Token buckets that answer 429 when `enabled`."""

    def __init__(self, clock: Clock, *, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._all = _Bucket(ALL_BURST, clock.now())
        self._chats: dict[int, _Bucket] = {}

    def check(self, chat_id: int) -> None:
        """Take one token for a message to this chat; 429 with `retry_after` seconds when there is none."""
        if not self.enabled:
            return
        now = self._clock.now()
        chat = self._chats.pop(chat_id, None) or _Bucket(CHAT_BURST, now)
        self._chats[chat_id] = chat
        if len(self._chats) > CHATS_REMEMBERED:
            del self._chats[next(iter(self._chats))]
        _fill(chat, now, CHAT_PER_SECOND, CHAT_BURST)
        _fill(self._all, now, ALL_PER_SECOND, ALL_BURST)
        missing = max((1 - chat.tokens) / CHAT_PER_SECOND, (1 - self._all.tokens) / ALL_PER_SECOND)
        if missing > 0:
            raise too_many_requests(max(1, math.ceil(missing)))
        chat.tokens -= 1
        self._all.tokens -= 1


def _fill(bucket: _Bucket, now: float, per_second: float, burst: float) -> None:
    bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled_at) * per_second)
    bucket.filled_at = now
