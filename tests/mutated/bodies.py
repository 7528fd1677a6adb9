"""Updates as Telegram sends them, of every kind that means something here and some that do not."""

import random
from typing import Any

PLAYERS = 20_000
FIRST_PLAYER = 7_000_000_000
_TEXTS = (
    "/start",
    "/play",
    "/play@starquiz_bot",
    "/shop",
    "/top",
    "/help",
    "/language",
    "hallo",
    "Grüße 😀",
    "/unknown",
)
_DATA = (
    "p:QUICK_MIX_A1A2",
    "h",
    "ll",
    "l:de",
    "x",
    "su",
    "pu",
    "v:STATS",
    "t:WEEK",
    "b:ENERGY_10:shop",
    "a:x:1",
    "zzz",
)
_PARTS: tuple[dict[str, Any], ...] = (
    {
        "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
        "caption": "x",
        "media_group_id": "1",
    },
    {"sticker": {"file_id": "a", "file_unique_id": "b", "type": "regular", "width": 1, "height": 1}},
    {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    {"new_chat_members": [{"id": 1, "is_bot": False, "first_name": "x"}]},
    {"text": "hi", "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"}},
    {"text": "hi", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
    {"location": {"latitude": 52.5, "longitude": 13.4}},
)


def update(number: int, chance: random.Random) -> dict[str, Any]:
    """Return an update of this id, whole and in order."""
    return {"update_id": number, **chance.choice(_KINDS)(number, chance)}


def _person(chance: random.Random) -> dict[str, Any]:
    name = chance.choice(("Anna", "Бен", "Kim 😀", "Zoë", "x" * 64))
    player = FIRST_PLAYER + chance.randrange(PLAYERS)
    return {"id": player, "is_bot": False, "first_name": name, "username": f"u{player}", "language_code": "de"}


def _chat(person: dict[str, Any]) -> dict[str, Any]:
    return {"id": person["id"], "type": "private", "first_name": person["first_name"]}


def _message(number: int, chance: random.Random, **more: Any) -> dict[str, Any]:
    person = _person(chance)
    return {"message_id": number % 10_000, "date": 1_772_000_000, "from": person, "chat": _chat(person), **more}


def _said(number: int, chance: random.Random) -> dict[str, Any]:
    return {"message": _message(number, chance, text=chance.choice(_TEXTS))}


def _sent(number: int, chance: random.Random) -> dict[str, Any]:
    return {"message": _message(number, chance, **chance.choice(_PARTS))}


def _tapped(number: int, chance: random.Random) -> dict[str, Any]:
    shown = _message(
        number, chance, text="…", reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "h"}]]}
    )
    tap = {"id": str(10**17 + number), "from": shown["from"], "message": shown, "chat_instance": "1"}
    return {"callback_query": tap | {"data": chance.choice(_DATA)}}


def _money() -> dict[str, Any]:
    return {"currency": "XTR", "total_amount": 10, "invoice_payload": "sq1:0123456789abcdef0123456789abcdef"}


def _asked(number: int, chance: random.Random) -> dict[str, Any]:
    return {"pre_checkout_query": {"id": str(number), "from": _person(chance), **_money()}}


def _paid(number: int, chance: random.Random) -> dict[str, Any]:
    charge = {"telegram_payment_charge_id": f"stx{number}", "provider_payment_charge_id": ""}
    return {"message": _message(number, chance, successful_payment=_money() | charge)}


def _refunded(number: int, chance: random.Random) -> dict[str, Any]:
    charge = {"telegram_payment_charge_id": f"stx{number}", "provider_payment_charge_id": ""}
    return {"message": _message(number, chance, refunded_payment=_money() | charge)}


def _member(number: int, chance: random.Random) -> dict[str, Any]:
    person, bot = _person(chance), {"id": 1, "is_bot": True, "first_name": "Starquiz", "username": "starquiz_bot"}
    new = {"user": bot, "status": chance.choice(("kicked", "member")), "until_date": 0}
    old = {"user": bot, "status": "member"}
    return {
        "my_chat_member": {
            "chat": _chat(person), "from": person, "date": 1, "old_chat_member": old, "new_chat_member": new,
        }
    }  # fmt: skip


def _other(number: int, chance: random.Random) -> dict[str, Any]:
    body = {"id": str(number), "from": _person(chance), "user": _person(chance), "poll_id": "1", "option_ids": [0]}
    kinds = (
        "edited_message",
        "channel_post",
        "inline_query",
        "poll_answer",
        "chat_member",
        "subscription",
        "of_next_year",
    )
    return {chance.choice(kinds): body}


_KINDS = (_said, _said, _said, _sent, _tapped, _tapped, _tapped, _asked, _paid, _refunded, _member, _other)
