"""Messages that are more than text: albums, service messages, and whatever fields a script wants to be sent."""

from typing import Any

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.entities.detect import detect
from sandbox.player_actions import PlayerActions, Sent
from sandbox.world.message import Message
from sandbox.world.state import World

_PICTURE = {"file_id": "AgACalbum", "file_unique_id": "album", "width": 640, "height": 480, "file_size": 20_000}
SERVICE: dict[str, dict[str, Any]] = {
    "timer": {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400}},
    "wallpaper": {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "🌷"}}},
    "topic": {"forum_topic_created": {"name": "Deutsch", "icon_color": 7_322_096}, "is_topic_message": True},
    "boost": {"boost_added": {"boost_count": 1}},
    "access": {"write_access_allowed": {"from_request": True}},
    "video_chat": {"video_chat_started": {}},
}
"""What Telegram tells of things done in a chat. A pin is made apart: it shows the message that was pinned."""
SERVICE_KINDS = ("pin", *SERVICE)


class Contents:
    """Players' hands, for what is no plain text."""

    def __init__(self, world: World, updates: UpdateQueue, actions: PlayerActions) -> None:
        self._world = world
        self._updates = updates
        self._actions = actions

    def send(self, player_id: int, fields: dict[str, Any]) -> Sent:
        """Send a message with these fields as they are. They may replace its id, sender, chat or date too."""
        chat, world = self._actions.present(player_id), self._world
        shown = fields.get("text") or fields.get("caption") or ""
        text = shown if isinstance(shown, str) else ""
        message = Message(chat.next_id(), int(world.clock.now()), False, text, raw=fields)
        chat.player.started = True
        chat.add(message)
        at = world.emit("sent", player_id, message.id, message)
        return Sent(message.id, self._updates.make("message", player_id, world.message_object(chat, message)), at)

    def album(self, player_id: int, count: int, caption: str, captioned: int) -> tuple[str, list[Sent]]:
        """Send pictures as one album: each is an update of its own, all have one id → (that id, what was made)."""
        group = str(10**16 + self._updates.next_id())
        sent: list[Sent] = []
        for place in range(1, count + 1):
            fields: dict[str, Any] = {"media_group_id": group, "photo": [_PICTURE]}
            if caption and place == captioned:
                fields["caption"] = caption
                fields["caption_entities"] = detect(caption, [])
            sent.append(self.send(player_id, fields))
        return group, sent

    def tell(self, player_id: int, what: str) -> Sent:
        """Do something to the chat that Telegram tells the bot of."""
        if what != "pin":
            return self.send(player_id, SERVICE[what])
        chat = self._actions.present(player_id)
        pinned = next((one for one in reversed(chat.messages.values()) if one.raw is None), None)
        gone = {"chat": chat.player.chat, "message_id": 1, "date": 0}
        shown = gone if pinned is None else self._world.message_object(chat, pinned)
        return self.send(player_id, {"pinned_message": shown})
