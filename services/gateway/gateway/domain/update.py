"""The narrow view of an update: only the fields that address it, limit it, or answer a tap.

Decoding this takes about a microsecond, the full model about seventy; taps are most of the traffic.
"""

import re
from typing import Annotated

import msgspec

from gateway.domain.reading import opened, read_patiently

PAYMENT_MESSAGES = ("successful_payment", "refunded_payment")
PAYMENT_KINDS = ("pre_checkout_query", "purchased_paid_media", "subscription")
KINDS = ("message", "callback_query", "my_chat_member", *PAYMENT_KINDS)
"""Kinds of update that something is done about. What stands beside one of them is none, whatever it is called."""
MONEY_IDS = ("telegram_payment_charge_id", "provider_payment_charge_id")
"""Members by whose text money is looked up: where it must be mended, two of them must not become one."""


CONTENT = (
    "text", "caption", "animation", "audio", "checklist", "contact", "dice", "document", "game", "live_photo",
    "location", "paid_media", "photo", "poll", "rich_message", "sticker", "story", "venue", "video", "video_note",
    "voice",
)  # fmt: skip
"""What a player can send. A message without any of it tells what was done in the chat (a pin, a timer, a wallpaper,
a topic, a boost, whatever comes next year) and wants no answer."""


Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What a column keeps."""
GENERAL_TOPIC = 1
TELEGRAM = 777000
"""The user as whom Telegram itself writes, and forwards a channel's posts into its group."""
UserId = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
QUERY_ID = re.compile(r"[!-9;-~]{1,64}")
"""What a query's id may be: it travels in headers and origins, and in the ids of messages."""


class Person(msgspec.Struct, frozen=True):
    """A user as Telegram describes them; absent fields are empty."""

    id: UserId
    first_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False


class ChatView(msgspec.Struct, frozen=True):
    """A Telegram chat: private ones have the player's id, groups and channels negative ones."""

    id: Whole = 0
    type: str = "private"

    @property
    def is_private(self) -> bool:
        """Whether only one player and the bot are in it."""
        return self.type == "private" and self.id >= 0


class MessageView(msgspec.Struct, frozen=True, rename={"player": "from"}):
    """A message, as far as it matters before it is opened."""

    message_id: Whole = 0
    chat: ChatView = ChatView()
    player: Person | None = None
    """Who wrote it (the bot itself for a message whose button was tapped)."""
    text: str = ""
    message_thread_id: Whole = 0
    is_topic_message: bool = False

    @property
    def thread_id(self) -> int:
        """The topic that an answer goes to; 0 for none.

        Outside of topics Telegram numbers threads of replies alike, and refuses the number when it comes back, as it
        refuses that of a forum's general topic.
        """
        return self.message_thread_id if self.is_topic_message and self.message_thread_id > GENERAL_TOPIC else 0


class IncomingMessage(MessageView, frozen=True):
    """A message that came in, as far as anything is done about it."""

    caption: str = ""
    media_group_id: str = ""
    """The album it is a part of: each picture comes as an update of its own."""
    sender_chat: ChatView | None = None
    """The group or channel in whose name it was written: by an anonymous admin, or by whoever posts as a channel. The
    user whom Telegram then names as its sender is nobody."""
    is_automatic_forward: bool = False
    """Whether it is a channel's post, put into the group where it is discussed."""
    migrate_to_chat_id: Whole = 0
    """The supergroup that this group has become."""
    migrate_from_chat_id: Whole = 0
    """The group that this supergroup was."""

    @property
    def words(self) -> str:
        """What the player typed, below a picture or without one."""
        return self.text or self.caption

    @property
    def author(self) -> Person | None:
        """Whoever wrote it; None for what was written in a chat's name, or by nobody."""
        return None if self.sender_chat is not None or self.is_of_telegram else self.player

    @property
    def is_of_telegram(self) -> bool:
        """Whether nobody wrote it: Telegram put it there."""
        return self.is_automatic_forward or (self.player is not None and self.player.id == TELEGRAM)

    @property
    def moves(self) -> bool:
        """Whether it tells of a group that became a supergroup."""
        return (self.migrate_to_chat_id or self.migrate_from_chat_id) < 0 > self.chat.id


class Member(msgspec.Struct, frozen=True):
    """What the bot is in a chat."""

    status: str = ""


class Membership(msgspec.Struct, frozen=True):
    """A change of what the bot is in a chat."""

    chat: ChatView = ChatView()
    new_chat_member: Member = Member()


class Tap(msgspec.Struct, frozen=True, rename={"player": "from"}):
    """A tap on a button."""

    id: str
    """Telegram's name for it, by which it is answered."""
    player: Person | None = None
    """None when nothing that can be read says who tapped."""
    message: MessageView | None = None
    """None when the message was sent inline."""
    data: str = ""

    @property
    def query_id(self) -> str:
        """The id as it travels in headers and origins; empty for one that cannot: nobody could answer it."""
        return self.id if QUERY_ID.fullmatch(self.id) else ""


class TapUpdate(msgspec.Struct, frozen=True):
    """An update of the kind that is most of the traffic."""

    callback_query: Tap
    update_id: Whole = 0


class MessageUpdate(msgspec.Struct, frozen=True):
    """An update that brings a message, or a channel's post."""

    message: IncomingMessage | None = None
    channel_post: IncomingMessage | None = None


class MembershipUpdate(msgspec.Struct, frozen=True):
    """An update that tells what the bot is in a chat from now on."""

    my_chat_member: Membership


tap_decoder = msgspec.json.Decoder(TapUpdate)
message_decoder = msgspec.json.Decoder(MessageUpdate)


def read_tap(raw: bytes | msgspec.Raw) -> TapUpdate | None:
    """Return a tap as far as it can be read; None for one without an id: nobody can answer it."""
    try:
        return tap_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return read_patiently(TapUpdate, raw)


def read_message(raw: bytes | msgspec.Raw, kind: str = "message") -> IncomingMessage | None:
    """Return the message that an update of this kind brings, as far as it can be read; None for what is none."""
    try:
        found = message_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = read_patiently(MessageUpdate, raw)
    return None if found is None else found.channel_post if kind == "channel_post" else found.message


def read_membership(raw: bytes | msgspec.Raw) -> Membership | None:
    """Return a change of membership as far as it can be read; None for what is none."""
    found = read_patiently(MembershipUpdate, raw)
    return None if found is None else found.my_chat_member


def has_content(raw: bytes | msgspec.Raw) -> bool:
    """Whether a message brings anything that a player sent."""
    message: dict[str, object] = opened(raw)["message"]
    return any(message.get(name) not in (None, "") for name in CONTENT)
