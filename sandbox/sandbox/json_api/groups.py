"""Groups, channels and topics over HTTP."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.group_actions import VOICES, GroupActions
from sandbox.json_api.fields import Fields, answer, body_fields, query_number
from sandbox.player_actions import PlayerActions
from sandbox.world.chat import Chat
from sandbox.world.message import message_view
from sandbox.world.room import KINDS, Room
from sandbox.world.state import World

TEXT_LENGTH_MAX = 4096
ID_MAX = 2**53


class GroupRoutes:
    """Handlers of /sandbox/api/rooms… and of topics of private chats."""

    def __init__(self, world: World, actions: PlayerActions, rooms: GroupActions) -> None:
        self._world = world
        self._actions = actions
        self._rooms = rooms

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        one, topic = r"/sandbox/api/rooms/{id:-\d+}", r"/topics/{thread:\d+}"
        player = r"/sandbox/api/players/{id:\d+}"
        return [
            web.post("/sandbox/api/rooms", self.add),
            web.get("/sandbox/api/rooms", self.list),
            web.post(one + "/send", self.send),
            web.get(one + "/messages", self.messages),
            web.post(one + "/migrate", self.migrate),
            web.post(one + "/join", self.join),
            web.post(one + "/{how:kick|admit}", self.admit),
            web.get(one + "/commands", self.commands),
            web.post(one + "/mute", self.mute),
            *(web.post(chat + "/topics", self.open_topic) for chat in (one, player)),
            *(web.post(chat + topic + "/{how:close|delete}", self.end_topic) for chat in (one, player)),
        ]

    async def add(self, request: web.Request) -> web.Response:
        """{title, type, forum?} → {id}."""
        fields = await body_fields(request, "title", "type", "forum")
        kind, forum = fields.choice("type", KINDS), fields.flag("forum", default=False)
        return answer({"id": self._world.add_room(fields.text("title", 128), kind, forum=forum).player.id})

    async def list(self, _request: web.Request) -> web.Response:
        """All rooms, with their topics."""
        return answer([room.view() for room in self._world.rooms.values()])

    async def send(self, request: web.Request) -> web.Response:
        """{text, as?, player_id?, thread_id?, topic?} → {message_id, update_id, at}."""
        fields = await body_fields(request, "text", "as", "player_id", "thread_id", "topic")
        text, voice = fields.text("text", TEXT_LENGTH_MAX), fields.choice("as", VOICES, "player")
        thread = _thread(fields)
        return answer(asdict(self._rooms.say(_id(request), text, voice, self._player(fields), thread)))

    async def messages(self, request: web.Request) -> web.Response:
        """All messages that are kept."""
        return answer([message_view(one) for one in self._rooms.room(_id(request)).messages.values()])

    async def migrate(self, request: web.Request) -> web.Response:
        """{player_id?} → {id} of the supergroup."""
        fields = await body_fields(request, "player_id")
        return answer({"id": self._rooms.migrate(_id(request), self._player(fields)).player.id})

    async def join(self, request: web.Request) -> web.Response:
        """{player_id} → {update_id}: the player comes in."""
        fields = await body_fields(request, "player_id")
        told = self._rooms.join(_id(request), fields.integer("player_id", 1, ID_MAX))
        return answer({"update_id": None if told is None else told.update_id})

    async def admit(self, request: web.Request) -> web.Response:
        """{player_id?} → {update_id}: the bot is let in or thrown out, and by whom."""
        fields, admitted = await body_fields(request, "player_id"), request.match_info["how"] == "admit"
        return answer({"update_id": self._rooms.admit(_id(request), self._player(fields), admitted=admitted)})

    async def commands(self, request: web.Request) -> web.Response:
        """The command menu that `?player=` sees in this room."""
        room, player_id = self._rooms.room(_id(request)), int(query_number(request, "player", 0, ID_MAX))
        return answer(self._world.commands.seen_by(self._actions.chat(player_id).player, room))

    async def mute(self, request: web.Request) -> web.Response:
        """{muted} → {muted}: whether the bot may not write."""
        fields = await body_fields(request, "muted")
        room = self._rooms.room(_id(request))
        room.muted = fields.flag("muted", default=True)
        return answer({"muted": room.muted})

    async def open_topic(self, request: web.Request) -> web.Response:
        """{name, player_id?} → {thread_id}."""
        fields = await body_fields(request, "name", "player_id")
        chat = self._chat(request)
        player_id = self._player(fields) if isinstance(chat, Room) else chat.player.id
        return answer({"thread_id": self._rooms.open_topic(chat, fields.text("name", 128), player_id)})

    async def end_topic(self, request: web.Request) -> web.Response:
        """Close or delete a topic → {topics}."""
        thread_id, deleted = int(request.match_info["thread"]), request.match_info["how"] == "delete"
        chat = self._chat(request)
        self._rooms.end_topic(chat, thread_id, deleted=deleted)
        return answer({"topics": chat.topic_views()})

    def _chat(self, request: web.Request) -> Chat:
        chat_id = _id(request)
        return self._rooms.room(chat_id) if chat_id < 0 else self._actions.chat(chat_id)

    def _player(self, fields: Fields) -> int:
        return fields.integer("player_id", 1, ID_MAX, next(iter(self._world.chats), 0))


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _thread(fields: Fields) -> dict[str, Any]:
    """What a message says of its thread; with `topic` false it is one of replies, which is no topic."""
    if "thread_id" not in fields:
        return {}
    thread: dict[str, Any] = {"message_thread_id": fields.integer("thread_id", 1, ID_MAX)}
    return thread | ({"is_topic_message": True} if fields.flag("topic", default=True) else {})
