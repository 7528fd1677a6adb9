"""Addresses an update without opening it: which kind, which player, is it about money?

What is an update: a JSON object with a member `update_id` that is a whole number from 0 to 2**62-1. Of members of one
name the last one counts. Its kind is another member whose name is a word of lower-case letters, the first one of: what
we know and is an object, an object, any; `unknown` when there is none. Each update is kept, whatever else is in it:
what JSON should not have, or nobody can keep, is mended here (`actors.foreign_json`), so that nobody behind the door
meets it. Of a body that begins as Telegram writes updates, `{"update_id":1,"message":`, and is no JSON further on, that
much is kept.
"""

import re
from typing import Annotated, Any, Final, cast

import msgspec

from actors.foreign_json import is_plain, read_foreign
from gateway.domain.update import KINDS, MONEY_IDS, PAYMENT_KINDS, PAYMENT_MESSAGES, TELEGRAM

UNKNOWN_KIND: Final = "unknown"
BYTES_MAX: Final = 128 * 1024
"""Of an update; the texts of a longer one are cut after TEXT_MAX characters, which Telegram's never have."""
TEXT_MAX: Final = 4096

_KIND: Final = re.compile(r"[a-z_]{1,40}")
_BEGINNING: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"update_id"\s*:\s*(\d{1,19})\s*,\s*"([a-z_]{1,40})"\s*:')
_UPDATE_ID_MAX: Final = 2**62 - 1
_PLAYER_ID_MAX: Final = 2**53 - 1
_UpdateId = Annotated[int, msgspec.Meta(ge=0, le=_UPDATE_ID_MAX)]
_OF_CHATS: Final = ("sender_chat", "migrate_to_chat_id", "migrate_from_chat_id")
"""With one of these in it a message is its chat's own: all the world's anonymous admins are one user in `from`."""
_ABOUT: Final = ("id", "message_id", "date", "from", "user", "chat", "data", *PAYMENT_MESSAGES, *_OF_CHATS)
_NOBODY: Final = (0, TELEGRAM)
_PlayerId = Annotated[int, msgspec.Meta(ge=0, le=_PLAYER_ID_MAX)]


_ABSENT = msgspec.Raw()
_NOTHING = (_ABSENT, msgspec.Raw(b"null"))


class NotAnUpdateError(ValueError):
    """The bytes are no update of the Bot API."""


class Address(msgspec.Struct, frozen=True):
    """All that is read of an update before it is durable: enough to address it."""

    update_id: int
    kind: str
    player_id: int
    """Whoever acted: a user, or (negative) the group or channel that acted itself; 0 when nobody did."""
    is_payment: bool


class _Actor(msgspec.Struct):
    id: _PlayerId


class _Place(msgspec.Struct, frozen=True):
    id: Annotated[int, msgspec.Meta(ge=-(2**63), le=_PLAYER_ID_MAX)] = 0


class _Placed(msgspec.Struct):
    chat: _Place = _Place()


class _Part(msgspec.Struct, rename={"sender": "from"}):
    sender: _Actor | None = None
    user: _Actor | None = None
    successful_payment: msgspec.Raw = _ABSENT
    refunded_payment: msgspec.Raw = _ABSENT
    sender_chat: msgspec.Raw = _ABSENT
    migrate_to_chat_id: msgspec.Raw = _ABSENT
    migrate_from_chat_id: msgspec.Raw = _ABSENT


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_update_id = msgspec.json.Decoder(_UpdateId)
_part = msgspec.json.Decoder(_Part)
_placed = msgspec.json.Decoder(_Placed)


def read_address(raw: bytes) -> Address:
    """Return the address of an update in JSON; raises NotAnUpdateError for anything else."""
    return address(raw)[0]


def address(raw: bytes) -> tuple[Address, bytes]:
    """Return an update's address, and the update as JSON that everybody can read: `raw` itself, where that is so.

    Raises NotAnUpdateError for what is no update.
    """
    if len(raw) <= BYTES_MAX and is_plain(raw):
        try:
            return _read_address(raw), raw
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, StopIteration):
            pass  # odd: it is read once more, with more patience
    return _read_address_patiently(raw)


def _read_address(raw: bytes) -> Address:
    fields = _fields.decode(raw)
    update_id = _update_id.decode(fields.pop("update_id"))
    kind = next(iter(fields))
    if len(fields) > 1:
        kind = next((name for name in fields if name in KINDS), kind)
    body = fields[kind]
    part = _part.decode(body)
    if not _KIND.fullmatch(kind):
        raise KeyError(kind)
    if part.refunded_payment not in _NOTHING:
        # The bot itself is the sender of what tells of a refund: the chat says whose money it was.
        part.sender = _Actor(max(0, _placed.decode(body).chat.id))
    actor = part.sender or part.user
    about_money = kind in PAYMENT_KINDS or any(getattr(part, name) not in _NOTHING for name in PAYMENT_MESSAGES)
    player_id = actor.id if actor else 0
    if not about_money and (player_id in _NOBODY or any(getattr(part, name) not in _NOTHING for name in _OF_CHATS)):
        player_id = _actor(player_id, _placed.decode(body).chat.id)
    return Address(update_id, kind, player_id, about_money)


def _actor(user_id: int, chat_id: int) -> int:
    """Return who acted where a group's or channel's own doing is told of: it, not the user who stands for it."""
    return chat_id if chat_id < 0 else user_id


def _read_address_patiently(raw: bytes) -> tuple[Address, bytes]:
    """Read an update that something is odd about: what of its address cannot be read is as if it were not there."""
    try:
        update = _object(read_foreign(raw, keys=MONEY_IDS, length_max=TEXT_MAX if len(raw) > BYTES_MAX else None))
    except ValueError as error:
        return _beginning(raw, error)
    update_id = _number(update.get("update_id"), _UPDATE_ID_MAX)
    if update_id is None:
        raise NotAnUpdateError("it is no JSON object with a whole number as update_id")
    kind = _kind_of(update)
    body = _object(update.get(kind))
    is_back = body.get("refunded_payment") is not None
    who = _object(body.get("chat") if is_back else body.get("from") or body.get("user"))
    about_money = kind in PAYMENT_KINDS or any(body.get(name) is not None for name in PAYMENT_MESSAGES)
    player_id = _number(who.get("id"), _PLAYER_ID_MAX) or 0
    if not about_money and (player_id in _NOBODY or any(body.get(name) is not None for name in _OF_CHATS)):
        player_id = _actor(player_id, _chat_id(body))
    seen = Address(update_id, kind, player_id, about_money)
    return seen, _encoded(update, seen)


def _beginning(raw: bytes, error: ValueError) -> tuple[Address, bytes]:
    """Return what stands at the beginning of something that is no JSON, if that is an update's."""
    begins = _BEGINNING.match(raw)
    if begins is None or int(begins[1]) > _UPDATE_ID_MAX:
        raise NotAnUpdateError(f"{type(error).__name__}: {error}") from error
    kind = begins[2].decode() if begins[2] != b"update_id" else UNKNOWN_KIND
    about_money = kind in PAYMENT_KINDS or any(b'"%b"' % name.encode() in raw for name in PAYMENT_MESSAGES)
    seen = Address(int(begins[1]), kind, 0, about_money)
    return seen, msgspec.json.encode({"update_id": seen.update_id, kind: {}})


def _encoded(update: dict[str, Any], seen: Address) -> bytes:
    """Return the update in JSON, of one that is too long only what it is about."""
    written = msgspec.json.encode(update)
    if len(written) > BYTES_MAX:
        body = _object(update.get(seen.kind))
        parts = {
            name: body[name] for name in _ABOUT if name in body and len(msgspec.json.encode(body[name])) <= TEXT_MAX
        }
        written = msgspec.json.encode({"update_id": seen.update_id, seen.kind: parts})
    return written


def _kind_of(update: dict[str, Any]) -> str:
    words = [name for name in update if name != "update_id" and _KIND.fullmatch(name)]
    objects = [name for name in words if isinstance(update[name], dict)]
    return next((name for name in objects if name in KINDS), (*objects, *words, UNKNOWN_KIND)[0])


def _chat_id(body: dict[str, Any]) -> int:
    found = _object(body.get("chat")).get("id")
    return found if isinstance(found, int) and not isinstance(found, bool) and -(2**63) <= found < 0 else 0


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _number(value: Any, most: int) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return value if is_number else None
