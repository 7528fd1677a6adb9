"""Ways to spoil an update: its structure, its meaning, its bytes."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**53, 2**62, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1.5, 7.0, -0.0, "",
    "x", "7", [], {}, [7], {"id": 7}, [[[]]], "\x00", "a\nb", "\u202e", "\u3164", "x" * 5_000, "/play\nx", "sq1:",
)  # fmt: skip
_KINDS = ("message", "callback_query", "poll", "of_next_year", "Message", "x" * 41, "", "update id", "message\n", "a.b")
_CHATS = ({"id": -100, "type": "group"}, {"id": -1001, "type": "supergroup", "is_forum": True}, {"id": 777000})
_CHATS_MORE = ({"id": -1002, "type": "channel"}, {"id": 0}, {"type": "private"}, {"id": 2**63, "type": "private"})
_INSERTED = (
    b"\xed\xa0\xbd", b"\xff", b"\xc3", b"\xf0\x9f\x98", b"\\ud83d", b"\\ude00", b"\\ud83d\\ud83d", b"\\u0000", b"\x00",
    b"\\", b'"', b"\n", b"\xef\xbb\xbf", b"{", b"}", b"[", b",", b"1", b"e", b"\x7f", b"\xe2\x80\xae", b"\\q", b"\\u12",
)  # fmt: skip

Change = Callable[[dict[str, Any], random.Random], None]


def mutate(update: dict[str, Any], chance: random.Random) -> bytes:
    """Return an update's body after one to three changes; now and then after none."""
    changed = copy.deepcopy(update)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        chance.choice(_CHANGES)(changed, chance)
    body = _encoded(changed, chance)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        body = chance.choice(_SPOILING)(body, chance)
    return body


def _encoded(update: dict[str, Any], chance: random.Random) -> bytes:
    body = json.dumps(update, ensure_ascii=chance.random() < 0.5, separators=(",", ":")).encode()
    if chance.random() < 0.02:
        depth = chance.choice((10, 70, 1_000, 30_000))
        body = (
            body.rstrip(b"}") + b',"deep":' + b"[" * depth + b"]" * depth + b"}" * (len(body) - len(body.rstrip(b"}")))
        )
    if chance.random() < 0.02:
        body = body[:-1] + b',"update_id":' + str(update.get("update_id")).encode() + b"}"
    return body


# -- structure and meaning -----------------------------------------------------------------------------


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of everything in a value."""
    found: list[tuple[Any, Any]] = []
    rest = [value]
    while rest:
        one = rest.pop()
        names = list(one) if isinstance(one, dict) else range(len(one))
        for name in names:
            found.append((one, name))
            if isinstance(one[name], dict | list):
                rest.append(one[name])
    return found


def _place(update: dict[str, Any], chance: random.Random) -> tuple[Any, Any]:
    nothing: tuple[Any, Any] = ({"": 0}, "")
    return chance.choice(_places(update) or [nothing])


def _drop(update: dict[str, Any], chance: random.Random) -> None:
    container, name = _place(update, chance)
    del container[name]


def _double(update: dict[str, Any], chance: random.Random) -> None:
    container, name = _place(update, chance)
    if isinstance(container, list):
        container.insert(0, copy.deepcopy(container[name]))
    else:
        container[f"{name}_too"] = copy.deepcopy(container[name])


def _retype(update: dict[str, Any], chance: random.Random) -> None:
    container, name = _place(update, chance)
    container[name] = copy.deepcopy(chance.choice(_VALUES))


def _nest(update: dict[str, Any], chance: random.Random) -> None:
    container, name = _place(update, chance)
    for _ in range(chance.choice((1, 3, 80))):
        container[name] = [container[name]] if chance.random() < 0.5 else {"a": container[name]}


def _inflate(update: dict[str, Any], chance: random.Random) -> None:
    container, name = _place(update, chance)
    size = chance.choice((300, 5_000, 100_000)) if chance.random() < 0.9 else 900_000
    container[name] = chance.choice(("x", "ü", "\U0001f600")) * (size // 4)


def _swap(update: dict[str, Any], chance: random.Random) -> None:
    (one, name), (other, its) = (_place(update, chance) for _ in range(2))
    one[name], other[its] = copy.deepcopy(other[its]), copy.deepcopy(one[name])


def _other_kind(update: dict[str, Any], chance: random.Random) -> None:
    for kind in [name for name in update if name != "update_id"][:1]:
        update[chance.choice(_KINDS)] = update.pop(kind)


def _stray(update: dict[str, Any], chance: random.Random) -> None:
    before = dict(update)
    update.clear()
    update[chance.choice(("trace", "business_connection_id", "x.y"))] = chance.choice(_VALUES)
    update.update(before)


def _elsewhere(update: dict[str, Any], chance: random.Random) -> None:
    """Somebody else's chat: a group, a channel, Telegram's own, nobody's."""
    for container, name in _places(update):
        if name == "chat" and isinstance(container, dict):
            container[name] = dict(chance.choice(_CHATS + _CHATS_MORE))
    for body in (one for one in update.values() if isinstance(one, dict)):
        if chance.random() < 0.3:
            body["message_thread_id"] = chance.choice((1, 77))
        if chance.random() < 0.2:
            body["sender_chat"] = dict(chance.choice(_CHATS + _CHATS_MORE))


def _somebody_else(update: dict[str, Any], chance: random.Random) -> None:
    for container, name in _places(update):
        if name == "id" and isinstance(container, dict) and chance.random() < 0.5:
            container[name] = chance.choice((1, 7, 777000, 1087968824, -5, 2**53 - 1, 2**53, "7", 7.0))


_CHANGES: tuple[Change, ...] = (
    _drop, _drop, _double, _retype, _retype, _retype, _nest, _inflate, _swap, _other_kind, _stray, _elsewhere,
    _somebody_else,
)  # fmt: skip


# -- bytes ---------------------------------------------------------------------------------------------


def _flip(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) or 1)
    return body[:at] + bytes([(body[at] if body else 0) ^ 1 << chance.randrange(8)]) + body[at + 1 :]


def _cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _take_out(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + body[at + chance.choice((1, 2, 20)) :]


def _insert(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice(_INSERTED) + body[at:]


def _in_a_text(body: bytes, chance: random.Random) -> bytes:
    """Where it hurts no syntax: at the beginning of a text."""
    places = [at + 2 for at in range(len(body)) if body[at : at + 2] == b':"']
    at = chance.choice(places) if places else 0
    return body[:at] + chance.choice(_INSERTED[:9]) + body[at:]


_SPOILING = (_flip, _cut, _take_out, _insert, _in_a_text, _in_a_text, _in_a_text)
