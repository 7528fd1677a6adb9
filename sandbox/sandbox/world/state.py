"""The whole state of this Telegram in one place: who is there, what was said, what the bot set up."""

from typing import Any

from sandbox.bus import Bus, Effect
from sandbox.clock import Clock
from sandbox.errors import bad_request
from sandbox.settings import Settings
from sandbox.stats import Stats
from sandbox.world.callbacks import Callbacks
from sandbox.world.chat import Chat
from sandbox.world.checkouts import Checkouts
from sandbox.world.commands import Commands
from sandbox.world.files import Files
from sandbox.world.message import Message, telegram_message
from sandbox.world.player import Player
from sandbox.world.room import Room, room_id
from sandbox.world.stars import Stars

FIRST_DEMO_PLAYER_ID = 5_000_000_001
"""Above 2**32, as today's Telegram ids are: a column that is too narrow shows at once. The same after every start."""
FIRST_PLAYER_ID = 6_000_000_000
PLAYER_IDS_PER_SECOND = 1000
SECONDS_2025 = 1_735_689_600
DEMO_PLAYERS = (("Anna", "de"), ("Ben", "en"), ("Clara", "de"), ("David", "en"), ("Elif", "de"), ("Finn", "en"))


class World:
    """Players and chats by id. Ids of messages and added players start from the clock: no restart repeats one."""

    def __init__(self, settings: Settings, clock: Clock, stats: Stats) -> None:
        self.settings = settings
        self.clock = clock
        self.stats = stats
        self.bus = Bus()
        self.commands = Commands()
        self.texts: dict[tuple[str, str], str] = {}
        self.files = Files(settings.keep_file_bytes)
        self.callbacks = Callbacks(settings.callback_answer_seconds, stats)
        self.checkouts = Checkouts(settings.pre_checkout_seconds, clock, stats)
        self.stars = Stars(settings.seed)
        self.chats: dict[int, Chat] = {}
        self.rooms: dict[int, Room] = {}
        self._next_player_id = FIRST_PLAYER_ID + (int(clock.now()) - SECONDS_2025) * PLAYER_IDS_PER_SECOND
        self.bot_user: dict[str, Any] = {
            "id": settings.bot_id,
            "is_bot": True,
            "first_name": settings.bot_name,
            "username": settings.bot_username,
        }

    def add_player(
        self, first_name: str, language_code: str, *, started: bool = False, stars: int | None = None
    ) -> Player:
        """Make a player with a new id, an empty chat with the bot, and `stars` (or the usual number) in the wallet."""
        self._next_player_id += 1
        stars = self.settings.start_stars if stars is None else stars
        return self._enter(Player(self._next_player_id, first_name, language_code, started=started, stars=stars))

    def _enter(self, player: Player) -> Player:
        first_message_id = int(self.clock.now()) - SECONDS_2025
        self.chats[player.id] = Chat(player, first_message_id, self.settings.keep_messages)
        self.emit("player", player.id, 0, extra=player.view())
        return player

    def add_room(self, title: str, kind: str, *, forum: bool = False) -> Room:
        """Make a group, a supergroup or a channel with the bot in it."""
        self._next_player_id += 1
        room = Room(room_id(self._next_player_id, kind), title, kind, forum=forum, keep=self.settings.keep_messages)
        self.rooms[room.player.id] = room
        self.emit("room", room.player.id, 0, extra=room.view())
        return room

    def add_demo_players(self, count: int) -> None:
        """The players that are there from the start, so that the chat page is not empty."""
        for number in range(count):
            generation, place = divmod(number, len(DEMO_PLAYERS))
            name, language = DEMO_PLAYERS[place]
            name = f"{name} {generation + 1}" if generation else name
            self._enter(Player(FIRST_DEMO_PLAYER_ID + number, name, language, stars=self.settings.start_stars))

    def chat(self, chat_id: int | str) -> Chat:
        """The chat a bot names; 400 `chat not found` for every other, channel names included."""
        chat = self.chats.get(chat_id, self.rooms.get(chat_id)) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def message_object(self, chat: Chat, message: Message) -> dict[str, Any]:
        """Telegram's Message object for a message of this chat; of a chain of replies it shows one link."""
        body = self._plain_object(chat, message)
        replied = chat.messages.get(message.reply_to) if message.reply_to is not None else None
        if replied is not None:
            body["reply_to_message"] = self._plain_object(chat, replied)
        return body

    def _plain_object(self, chat: Chat, message: Message) -> dict[str, Any]:
        sender = self.bot_user if message.from_bot else chat.player.user
        return telegram_message(message, sender, chat.player.chat)

    def emit(
        self,
        kind: str,
        chat_id: int,
        message_id: int,
        message: Message | None = None,
        extra: dict[str, Any] | None = None,
    ) -> float:
        """Tell the watchers about a change; returns its time in unix seconds."""
        now = self.clock.now()
        self.bus.emit(Effect(kind, chat_id, message_id, now, message, extra))
        return now
