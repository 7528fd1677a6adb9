"""How fast one chat may be written to: 1 message a second with a short burst, groups 20 a minute (DOMAIN §11)."""

from datetime import datetime

from gateway.domain.limits import Rate, refill

PRIVATE = Rate(per_second=1.0, burst=10)
GROUP = Rate(per_second=20 / 60, burst=3)
CHATS_MAX = 20_000


class ChatPace:
    """Token buckets of the chats written to lately. One replica at a time serves a chat's lane, so memory does."""

    def __init__(self) -> None:
        """Start with every bucket full."""
        self._buckets: dict[int, tuple[float, datetime]] = {}

    def take(self, chat_id: int, now: datetime) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        rate = GROUP if chat_id < 0 else PRIVATE
        tokens, since = self._buckets.pop(chat_id, (float(rate.burst), now))
        tokens = refill(tokens, since, now, rate)
        if tokens < 1:
            self._buckets[chat_id] = (tokens, now)
            return (1 - tokens) / rate.per_second
        if len(self._buckets) >= CHATS_MAX:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[chat_id] = (tokens - 1, now)
        return 0.0
