"""What the gateway remembers of a group, a supergroup or a channel. Nobody plays there; it is no player."""

from datetime import datetime

import msgspec


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

    def move_to(self, home: "Room") -> None:
        """Become a supergroup: what was told is taken along. In whatever order, however often."""
        if home.chat_id != self.chat_id:
            self.moved_to = home.chat_id
            home.told_at = home.told_at or self.told_at
