"""The bot's command menu, per scope and language, and which list a player sees."""

from typing import Any

from sandbox.world.player import Player
from sandbox.world.room import Room

Command = dict[str, Any]


def scope_key(scope: dict[str, Any] | None) -> str:
    """A scope as one word: `default`, `all_private_chats`, `chat:<id>`, …"""
    if scope is None:
        return "default"
    parts = [str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope]
    return ":".join(parts)


class Commands:
    """Lists of commands keyed by (scope, language); an empty language is for everybody."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], list[Command]] = {}

    def set(self, scope: dict[str, Any] | None, language_code: str, commands: list[Command]) -> None:
        """Replace one list; an empty list deletes it, as Telegram does."""
        key = (scope_key(scope), language_code)
        if commands:
            self._lists[key] = commands
        else:
            self._lists.pop(key, None)

    def get(self, scope: dict[str, Any] | None, language_code: str) -> list[Command]:
        """Exactly the list that was set for this scope and language."""
        return self._lists.get((scope_key(scope), language_code), [])

    def seen_by(self, player: Player, room: Room | None = None) -> list[Command]:
        """What the player's menu shows in the private chat, or in a group that this player is no admin of.

        The narrowest scope comes first, in it their language before the general list.
        """
        if room is None:
            scopes = (f"chat:{player.id}", "all_private_chats", "default")
        else:
            member = f"chat_member:{room.player.id}:{player.id}"
            scopes = (member, f"chat:{room.player.id}", "all_group_chats", "default")
        for scope in scopes:
            for language in (player.language_code, ""):
                commands = self._lists.get((scope, language))
                if commands:
                    return commands
        return []
