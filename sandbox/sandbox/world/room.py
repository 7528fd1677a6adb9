"""Groups, supergroups and channels: who is in there, and what the bot may do."""

from typing import Any

from sandbox.errors import bad_request, forbidden, migrated
from sandbox.world.chat import Chat
from sandbox.world.player import Player

KINDS = ("group", "supergroup", "channel")
_FIRST_MESSAGE_ID = 2
"""As a thread 1 is a forum's general topic."""
_FIRST_SUPERGROUP_ID = -1_000_000_000_000


def room_id(number: int, kind: str) -> int:
    """The id of a room: groups have short ones, supergroups and channels long ones, all below 0."""
    return -number if kind == "group" else _FIRST_SUPERGROUP_ID - number


class Room(Chat):
    """A chat of many. Its `player` is nobody: it holds the room's id and Chat object, as everywhere else here."""

    __slots__ = ("kicked", "kind", "members", "moved_to", "muted", "title")

    def __init__(self, chat_id: int, title: str, kind: str, *, forum: bool, keep: int) -> None:
        super().__init__(Player(chat_id, title, ""), _FIRST_MESSAGE_ID, keep)
        self.title = title
        self.kind = kind
        self.members: dict[int, None] = {}
        """Ids of the players who are in it, in the order they came."""
        self.moved_to: int | None = None
        self.kicked = False
        self.muted = False
        self.player.chat = {"id": chat_id, "title": title, "type": kind} | ({"is_forum": True} if forum else {})

    def view(self) -> dict[str, Any]:
        """The room as the JSON API and the page show it."""
        return {
            **self.player.chat,
            "members": list(self.members),
            "topics": self.topic_views(),
            "moved_to": self.moved_to,
            "kicked": self.kicked,
        }

    def require_reachable(self) -> None:
        """400 or 403 as Telegram answers a bot that was thrown out, may not write, or calls a group that moved."""
        if self.moved_to is not None:
            raise migrated(self.moved_to)
        if self.kicked:
            raise forbidden(f"bot was kicked from the {self.kind} chat")
        if self.muted:
            raise bad_request("not enough rights to send text messages to the chat")
