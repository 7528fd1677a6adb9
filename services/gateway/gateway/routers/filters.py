"""Async filters."""

from aiogram.filters import BaseFilter
from aiogram.types import Message

from gateway.handlers.visit import Visit


class Typed(BaseFilter):
    """Passes the command of that name, if the registry knows it and the player's role may use it."""

    def __init__(self, name: str) -> None:
        """Look for `/name`."""
        self.name = name

    async def __call__(self, _: Message, visit: Visit) -> bool:
        """Compare with what was typed."""
        if visit.command != self.name:
            return False
        return visit.front.registry.find(self.name, visit.chat.role) is not None


class AnyCommand(BaseFilter):
    """Passes whatever begins with a slash."""

    async def __call__(self, _: Message, visit: Visit) -> bool:
        """Whether a command was typed."""
        return bool(visit.command)


class InGroup(BaseFilter):
    """Passes messages of chats with more than one player."""

    async def __call__(self, message: Message) -> bool:
        """Whether the chat is not private."""
        return message.chat.type != "private"
