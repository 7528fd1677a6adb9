"""What happens in groups and channels: who comes, writes and taps there, topics, letting the bot in and out."""

from typing import Any

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.entities.detect import detect
from sandbox.player_actions import ActionError, PlayerActions, Sent
from sandbox.world.callbacks import Tap
from sandbox.world.chat import Chat, Topic
from sandbox.world.message import Message
from sandbox.world.room import Room
from sandbox.world.state import World

ANONYMOUS = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136_817_688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM = {"id": 777_000, "is_bot": False, "first_name": "Telegram"}
"""The users whom Telegram names as senders of what no user wrote."""
CHANNEL = {"id": -1_000_000_000_042, "title": "Deutsch lernen", "type": "channel"}
"""The channel that writes in groups, and whose posts come into the group linked to it."""
VOICES = ("player", "anonymous", "channel", "linked")


class GroupActions:
    """Hands in chats of many."""

    def __init__(self, world: World, updates: UpdateQueue, actions: PlayerActions) -> None:
        self._world = world
        self._updates = updates
        self._actions = actions

    def room(self, chat_id: int) -> Room:
        """The room; 404 for an unknown one."""
        room = self._world.rooms.get(chat_id)
        if room is None:
            raise ActionError(404, f"there is no room {chat_id}", "GET /sandbox/api/rooms lists them")
        return room

    def say(self, chat_id: int, text: str, voice: str, player_id: int, thread: dict[str, Any]) -> Sent:
        """Write in a room, as a player or in the name of the group or a channel. A channel knows its posts alone."""
        room = self.room(chat_id)
        entities = detect(text, [])
        words = {"text": text, **({"entities": entities} if entities else {}), **thread}
        if room.kind == "channel":
            return self._tell(room, "channel_post", {"sender_chat": room.player.chat, **words})
        match voice:
            case "anonymous":
                sender: dict[str, Any] = {"from": ANONYMOUS, "sender_chat": room.player.chat}
            case "channel":
                sender = {"from": CHANNEL_BOT, "sender_chat": CHANNEL}
            case "linked":
                sender = {"from": TELEGRAM, "sender_chat": CHANNEL, "is_automatic_forward": True}
            case _:
                sender = {"from": self._member(room, player_id)}
        return self._tell(room, "message", sender | words)

    def tap(self, chat_id: int, player_id: int, message_id: int, data: str, *, force: bool) -> tuple[Tap, int]:
        """Press a callback button below a message of a room; see `Acts.press`."""
        room = self.room(chat_id)
        self._member(room, player_id)
        return self._actions.press(room, player_id, message_id, data, force=force)

    def join(self, chat_id: int, player_id: int) -> Sent | None:
        """Come into a room → the message of it, for all there and the bot; a channel tells nobody. 409 for a member."""
        room = self.room(chat_id)
        if player_id in room.members:
            raise ActionError(409, f"player {player_id} is in room {chat_id} already", "nothing is to be done")
        user = self._member(room, player_id)
        if room.kind == "channel":
            return None
        return self._tell(room, "message", {"from": user, "new_chat_members": [user]})

    def open_topic(self, chat: Chat, name: str, player_id: int) -> int:
        """Make a topic of a forum or a private chat → its thread id, which is that of the message that tells of it."""
        created = {"forum_topic_created": {"name": name, "icon_color": 7_322_096}}
        thread_id = chat.next_id()
        chat.topics[thread_id] = Topic(name)
        self._changed(chat)
        thread = {"message_thread_id": thread_id, "is_topic_message": True}
        self._tell(chat, "message", {"from": self._actions.chat(player_id).player.user, **thread, **created})
        return thread_id

    def end_topic(self, chat: Chat, thread_id: int, *, deleted: bool) -> None:
        """Close a topic, or delete it with its messages; the bot is told of neither here."""
        if thread_id not in chat.topics:
            raise ActionError(404, f"there is no topic {thread_id} in this chat", "POST …/topics makes one")
        if not deleted:
            chat.topics[thread_id].is_open = False
        else:
            del chat.topics[thread_id]
            for message_id in [one.id for one in chat.messages.values() if one.thread_id == thread_id]:
                chat.remove(message_id)
        self._changed(chat)

    def migrate(self, chat_id: int, player_id: int) -> Room:
        """Make a supergroup of a group: it has another id, its messages begin anew, and both tell of it."""
        old = self.room(chat_id)
        if old.kind != "group" or old.moved_to is not None:
            raise ActionError(409, f"{chat_id} is no group that could become a supergroup", "make one of type group")
        home = self._world.add_room(old.title, "supergroup")
        home.members = dict(old.members)
        sender = {"from": self._actions.chat(player_id).player.user}
        self._tell(old, "message", {**sender, "migrate_to_chat_id": home.player.id})
        self._tell(home, "message", {**sender, "migrate_from_chat_id": chat_id})
        old.moved_to = home.player.id
        self._changed(home)
        self._changed(old)
        return home

    def admit(self, chat_id: int, player_id: int, *, admitted: bool) -> int | None:
        """Let the bot in, or throw it out → update_id of my_chat_member, or None when nothing changed."""
        room, world = self.room(chat_id), self._world
        if room.kicked is not admitted:
            return None
        room.kicked = not admitted
        self._changed(room)
        change: dict[str, Any] = {"chat": room.player.chat, "from": self._actions.chat(player_id).player.user}
        change["date"] = int(world.clock.now())
        member = {"user": world.bot_user, "status": "member"}
        gone = {"user": world.bot_user, "status": "kicked", "until_date": 0}
        change["old_chat_member"], change["new_chat_member"] = (gone, member) if admitted else (member, gone)
        return self._updates.make("my_chat_member", chat_id, change)

    def _member(self, room: Room, player_id: int) -> dict[str, Any]:
        """The user of a player, who is in the room from now on: whoever does something there is."""
        user = self._actions.chat(player_id).player.user
        if player_id not in room.members:
            room.members[player_id] = None
            self._changed(room)
        return user

    def _changed(self, chat: Chat) -> None:
        """Show a room as it is now to who watches; a private chat's topics are shown to nobody."""
        if isinstance(chat, Room):
            self._world.emit("room", chat.player.id, 0, extra=chat.view())

    def _tell(self, chat: Chat, kind: str, fields: dict[str, Any]) -> Sent:
        """Add a message of these fields, and tell the bot of it."""
        world, where = self._world, chat.player.id
        now, entities = int(world.clock.now()), fields.get("entities", [])
        message = Message(chat.next_id(), now, False, fields.get("text", ""), entities, raw=fields)
        message.thread_id = fields.get("message_thread_id") if fields.get("is_topic_message") else None
        chat.add(message)
        at = world.emit("sent", where, message.id, message)
        shown = world.message_object(chat, message)
        if kind == "channel_post":
            del shown["from"]
        return Sent(message.id, self._updates.make(kind, where, shown), at)
