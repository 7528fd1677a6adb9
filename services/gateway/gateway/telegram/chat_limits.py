"""How fast one chat may be written to: 1 message a second with a short burst, groups 20 a minute (DOMAIN §11).

Telegram publishes no figure for edits. In private chats they have a pace of their own, above what a player who reads
can tap and below what taps are limited to; in groups they count as messages.
"""

from datetime import datetime

from actors.token_bucket import Rate, TokenBuckets

MESSAGES = Rate(per_second=1.0, burst=5)
EDITS = Rate(per_second=3.0, burst=10)
GROUP = Rate(per_second=20 / 60, burst=3)
BUCKETS_MAX = 20_000


class ChatPace:
    """Token buckets of the chats written to lately. One replica at a time serves a chat's lane, so memory does."""

    def __init__(self) -> None:
        """Start with every bucket full."""
        self._buckets = TokenBuckets[tuple[int, bool]](BUCKETS_MAX)

    def take(self, chat_id: int, now: datetime, *, edit: bool = False) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        edit = edit and chat_id > 0
        rate = GROUP if chat_id < 0 else EDITS if edit else MESSAGES
        return self._buckets.take((chat_id, edit), now, rate)
