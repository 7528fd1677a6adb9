"""What players do: write, tap, block the bot. Each act changes the chat and makes an update for the bot."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.entities.detect import detect
from sandbox.world.callbacks import Tap
from sandbox.world.chat import Chat
from sandbox.world.message import Message
from sandbox.world.state import World

DATA_BYTES_MAX = 64
_START_LINK = re.compile(
    r"(?:https?://)?(?:t|telegram)\.me/(?P<bot>\w+)(?:\?start=(?P<payload>[\w-]{0,64}))?", re.ASCII
)


class ActionError(Exception):
    """The act is impossible as asked: HTTP status, what is wrong, and what to do instead."""

    def __init__(self, status: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.remedy = remedy


@dataclass(slots=True, frozen=True)
class Sent:
    """Ids of what an act made; `at` is unix seconds."""

    message_id: int
    update_id: int
    at: float


class PlayerActions:
    """What players do in the chat; each act becomes an update for the bot."""

    def __init__(self, world: World, updates: UpdateQueue) -> None:
        self._world = world
        self._updates = updates

    def chat(self, player_id: int) -> Chat:
        """The player's chat; 404 for an unknown player."""
        chat = self._world.chats.get(player_id)
        if chat is None:
            raise ActionError(404, f"there is no player {player_id}", "GET /sandbox/api/players lists them")
        return chat

    def say(self, player_id: int, text: str) -> Sent:
        """Write a message to the bot. A t.me link to the bot with a start payload is sent as `/start <payload>`."""
        chat = self.present(player_id)
        text = self._followed(text)
        world = self._world
        message = Message(chat.next_id(), int(world.clock.now()), False, text, detect(text, []))
        chat.player.started = True
        chat.add(message)
        at = world.emit("sent", player_id, message.id, message)
        return Sent(message.id, self._updates.make("message", player_id, world.message_object(chat, message)), at)

    def tap(self, player_id: int, message_id: int, data: str, *, force: bool = False) -> tuple[Tap, int]:
        """Press a callback button in the private chat; returns the open tap and the update_id."""
        return self.press(self.present(player_id), player_id, message_id, data, force=force)

    def press(self, chat: Chat, player_id: int, message_id: int, data: str, *, force: bool) -> tuple[Tap, int]:
        """Press a callback button below a message of any chat; returns the open tap and the update_id.

        Without `force` the message must be there (404) and carry the data (400). With it anything is sent, as a forged
        client could: a message that is gone arrives as Telegram's InaccessibleMessage (date 0).
        """
        world, chat_id = self._world, chat.player.id
        message = chat.messages.get(message_id)
        if not force:
            _check_button(message, message_id, data)
        query: dict[str, Any] = {"id": "", "from": self.chat(player_id).player.user, "chat_instance": str(chat_id)}
        if message is None:
            query["message"] = {"chat": chat.player.chat, "message_id": message_id, "date": 0}
        else:
            query["message"] = world.message_object(chat, message)
        tap = world.callbacks.open(player_id, chat_id, message_id, world.clock.now())
        query |= {"id": tap.id, "data": data}
        update_id = self._updates.make("callback_query", player_id, query)
        extra = {"callback_query_id": tap.id, "player_id": player_id, "data": data}
        world.emit("tap", chat_id, message_id, extra=extra)
        return tap, update_id

    async def answer_of(self, tap: Tap, timeout_seconds: float) -> dict[str, Any] | None:
        """The bot's answer to a tap: `{text, show_alert, url}`; None when it does not come in time."""
        if tap.answer is not None:
            return tap.answer
        tap.waiter = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(tap.waiter, timeout_seconds)
        except TimeoutError:
            return None
        finally:
            tap.waiter = None

    def block(self, player_id: int, *, blocked: bool) -> int | None:
        """Block or unblock the bot; the update_id of `my_chat_member`, or None when nothing changed."""
        chat = self.chat(player_id)
        player = chat.player
        if player.blocked == blocked:
            return None
        player.blocked = blocked
        world = self._world
        world.emit("player", player_id, 0, extra=player.view())
        member, gone = {"user": world.bot_user, "status": "member"}, {"user": world.bot_user, "status": "kicked"}
        change: dict[str, Any] = {"chat": player.chat, "from": player.user, "date": int(world.clock.now())}
        change["old_chat_member"] = member if blocked else {**gone, "until_date": 0}
        change["new_chat_member"] = {**gone, "until_date": 0} if blocked else member
        return self._updates.make("my_chat_member", player_id, change)

    def deactivate(self, player_id: int) -> None:
        """Delete the player's Telegram account; the bot hears nothing of it until it writes (403)."""
        player = self.chat(player_id).player
        player.deactivated = True
        self._world.emit("player", player_id, 0, extra=player.view())

    def present(self, player_id: int) -> Chat:
        """The chat of a player who can act: 409 for one who blocked the bot or whose account is gone."""
        chat = self.chat(player_id)
        if chat.player.deactivated:
            raise ActionError(409, "this player's account is deleted", "use another player")
        if chat.player.blocked:
            remedy = f"POST /sandbox/api/players/{player_id}/unblock first"
            raise ActionError(409, "this player has blocked the bot", remedy)
        return chat

    def _followed(self, text: str) -> str:
        link = _START_LINK.fullmatch(text.strip())
        if link is None or link["bot"].lower() != self._world.settings.bot_username.lower():
            return text
        return f"/start {link['payload']}" if link["payload"] else "/start"


def _check_button(message: Message | None, message_id: int, data: str) -> None:
    if message is None:
        raise ActionError(
            404,
            f"there is no message {message_id} in this chat",
            'GET …/messages lists those there are; "force": true taps on a message that is gone',
        )
    if not message.has_data(data):
        raise ActionError(
            400,
            f'field "data": message {message_id} has no button with this data',
            'take data from the message\'s buttons, or send "force": true to forge it',
        )
