"""One update on its way to the bot, and how long Telegram keeps each kind."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.shapes import as_object, to_json

KEPT_SECONDS = {
    "callback_query": 150.0,
    "pre_checkout_query": 150.0,
    "shipping_query": 150.0,
    "inline_query": 30.0,
    "chosen_inline_result": 600.0,
}
"""Updates not taken within this time are lost; every other kind is kept for a day (Telegram's Client.cpp)."""
KEPT_SECONDS_OTHERWISE = 24 * 3600.0
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds a bot gets only when its allowed_updates name them."""
TOPICS = ("successful_payment", "refunded_payment")
"""Contents of messages that faults can aim at."""


@dataclass(slots=True, eq=False)
class Update:
    """`queue` is the key in whose order it is delivered; `body` is the JSON of the whole Update object.

    `topic` is what faults aim at: the kind, or `message.successful_payment` and its like.
    """

    id: int
    kind: str
    queue: str
    body: bytes
    expires_at: float
    topic: str
    attempts: int = 0

    def copy(self, **changed: Any) -> "Update":
        """The same update once more, with these fields of its JSON replaced (`update_id` or the payload)."""
        body = to_json({**json.loads(self.body), **changed}) if changed else self.body
        return Update(changed.get("update_id", self.id), self.kind, self.queue, body, self.expires_at, self.topic)

    def aged(self, seconds: int) -> "Update":
        """The same update, as of a message that is `seconds` older."""
        payload = as_object(json.loads(self.body).get(self.kind)) or {}
        if not isinstance(payload.get("date"), int):
            return self.copy()
        return self.copy(**{self.kind: {**payload, "date": payload["date"] - seconds}})


def topic_of(kind: str, payload: Any) -> str:
    """`message.successful_payment` for a message that has one, else the kind."""
    found = as_object(payload) if kind == "message" else None
    return next((f"{kind}.{topic}" for topic in TOPICS if found is not None and topic in found), kind)


def kept_seconds(kind: str) -> float:
    """How long an update of this kind waits for the bot."""
    return KEPT_SECONDS.get(kind, KEPT_SECONDS_OTHERWISE)


def queue_of(kind: str, player_id: int) -> str:
    """Messages of a chat are one queue, a player's taps another, their pre-checkouts a third, as in Telegram."""
    match kind:
        case "message" | "edited_message" | "channel_post":
            return f"chat:{player_id}"
        case _:
            return f"{kind}:{player_id}"
