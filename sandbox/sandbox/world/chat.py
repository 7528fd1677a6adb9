"""The private chat of one player with the bot: the newest messages, and waiting for a change."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request, forbidden
from sandbox.world.message import Message
from sandbox.world.player import Player


@dataclass(slots=True)
class Topic:
    """A thread of its own in a forum or a private chat; nobody writes into one that is closed."""

    name: str
    is_open: bool = True


class Chat:
    """Messages by rising id, at most `keep` of them. Every change raises `rev`, which long polls wait on."""

    __slots__ = ("_keep", "_next_id", "_waiters", "gone", "messages", "player", "rev", "topics")

    def __init__(self, player: Player, first_message_id: int, keep: int) -> None:
        self.player = player
        self.messages: dict[int, Message] = {}
        self.gone: dict[int, int] = {}
        self.topics: dict[int, Topic] = {}
        """Topics by thread id; one that was deleted is not there."""
        self.rev = 0
        self._next_id = first_message_id
        self._keep = keep
        self._waiters: list[asyncio.Future[None]] = []

    def next_id(self) -> int:
        """A message id that was never used in this chat."""
        self._next_id += 1
        return self._next_id - 1

    def add(self, message: Message) -> None:
        """Append a new message; the oldest one goes when there are too many."""
        self.messages[message.id] = message
        if len(self.messages) > self._keep:
            del self.messages[next(iter(self.messages))]
        self.touch(message)

    def touch(self, message: Message) -> None:
        """Note that a message changed and wake who waits for it."""
        self.rev += 1
        message.rev = self.rev
        self._wake()

    def remove(self, message_id: int) -> None:
        """Take a message away; its id and revision are remembered for a while, for who polls by revision."""
        del self.messages[message_id]
        self.rev += 1
        self.gone[message_id] = self.rev
        if len(self.gone) > self._keep:
            del self.gone[next(iter(self.gone))]
        self._wake()

    def require_reachable(self) -> None:
        """403 or 400 as Telegram answers a bot that writes to someone who blocked it, left, or never wrote first."""
        player = self.player
        if player.deactivated:
            raise forbidden("user is deactivated")
        if player.blocked:
            raise forbidden("bot was blocked by the user")
        if not player.started:
            raise bad_request("chat not found")

    def require_topic(self, thread_id: int | None) -> None:
        """400 as Telegram answers a message to a topic that is not there, or that is closed."""
        if thread_id is None:
            return
        if thread_id not in self.topics:
            raise bad_request("message thread not found")
        if not self.topics[thread_id].is_open:
            raise bad_request("TOPIC_CLOSED")

    def topic_views(self) -> list[dict[str, Any]]:
        """The topics as JSON: `[{thread_id, name, open}]`, in the order they were made."""
        return [{"thread_id": one, "name": topic.name, "open": topic.is_open} for one, topic in self.topics.items()]

    async def changed(self, timeout_seconds: float) -> bool:
        """Wait for the next change; False when the time is over first."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await asyncio.wait_for(waiter, timeout_seconds)
        except TimeoutError:
            return False
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
        return True

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
