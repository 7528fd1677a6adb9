"""What the gateway remembers of a group, a supergroup or a channel. Nobody plays there; it is no player."""

from datetime import datetime, timedelta

import msgspec

MEETING_SECONDS = 60
"""So long what else is said in a chat's name is not handed on."""
ROOMS_MAX = 10_000


class Room(msgspec.Struct, kw_only=True):
    """One group or channel that spoke in its own name, or that became a supergroup."""

    chat_id: int
    told_at: datetime | None = None
    """When whoever speaks in its name was told to write in private; that is said once."""
    moved_to: int = 0
    """The supergroup that the group has become: it has another id. 0 while it has not."""

    def tell(self, now: datetime) -> bool:
        """Whether it is still to be told; from now on it is not. One that has moved is told where it is now."""
        if self.told_at is not None or self.moved_to:
            return False
        self.told_at = now
        return True

    def untell(self) -> None:
        """Take back that it was told: it was not, and who writes there another time may be."""
        self.told_at = None

    def move_to(self, home: "Room") -> None:
        """Become a supergroup: what was told is taken along. In whatever order, however often."""
        if home.chat_id != self.chat_id:
            self.moved_to = home.chat_id
            home.told_at = home.told_at or self.told_at


class RoomsMet:
    """The groups and channels that this process has just handed on.

    Whoever speaks in a chat's name has no limit of their own, for the chat is no player. A flood costs one message a
    minute and process beyond hearing it, whoever sends it.
    """

    def __init__(self) -> None:
        self._met: dict[int, tuple[str, datetime]] = {}

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._met)

    def is_new(self, chat_id: int, message_id: str, now: datetime) -> bool:
        """Whether to hand it on. The same message is new again: what came of it before may have been rolled back."""
        last = self._met.get(chat_id)
        if last is not None and last[0] != message_id and now - last[1] < timedelta(seconds=MEETING_SECONDS):
            return False
        if len(self._met) >= ROOMS_MAX:
            self._met.clear()
        self._met[chat_id] = (message_id, now)
        return True
