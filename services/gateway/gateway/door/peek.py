"""Addresses an update without opening it: which kind, which player, is it about money?"""

import re
from typing import Annotated

import msgspec

from gateway.domain.update import PAYMENT_KINDS, PAYMENT_MESSAGES

_KIND = re.compile(r"^[a-z_]{1,40}$")
_UpdateId = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
_PlayerId = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


_ABSENT = msgspec.Raw()


class NotAnUpdateError(ValueError):
    """The bytes are no update of the Bot API."""


class Peek(msgspec.Struct, frozen=True):
    """An update's address."""

    update_id: int
    kind: str
    player_id: int
    """0 when no user acted."""
    is_payment: bool


class _Actor(msgspec.Struct):
    id: _PlayerId


class _Place(msgspec.Struct, frozen=True):
    id: int = 0


class _Placed(msgspec.Struct):
    chat: _Place = _Place()


class _Part(msgspec.Struct, rename={"sender": "from"}):
    sender: _Actor | None = None
    user: _Actor | None = None
    successful_payment: msgspec.Raw = _ABSENT
    refunded_payment: msgspec.Raw = _ABSENT


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_update_id = msgspec.json.Decoder(_UpdateId)
_part = msgspec.json.Decoder(_Part)
_placed = msgspec.json.Decoder(_Placed)


def peek(raw: bytes) -> Peek:
    """Return the address of an update in JSON; raises NotAnUpdateError for anything else."""
    try:
        fields = _fields.decode(raw)
        update_id = _update_id.decode(fields.pop("update_id"))
        kind, body = next(iter(fields.items()))
        part = _part.decode(body)
        if part.refunded_payment != _ABSENT:
            # The bot itself is the sender of what tells of a refund: the chat says whose money it was.
            part.sender = _Actor(max(0, _placed.decode(body).chat.id))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, StopIteration) as error:
        raise NotAnUpdateError(f"{type(error).__name__}: {error}") from error
    if not _KIND.match(kind):
        raise NotAnUpdateError("an update's kind is a word of lower-case letters")
    actor = part.sender or part.user
    about_money = kind in PAYMENT_KINDS or any(getattr(part, name) != _ABSENT for name in PAYMENT_MESSAGES)
    return Peek(update_id, kind, actor.id if actor else 0, about_money)
