"""One update on its way to the bot, and how long Telegram keeps each kind."""

from dataclasses import dataclass

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


@dataclass(slots=True, eq=False)
class Update:
    """`queue` is the key in whose order it is delivered; `body` is the JSON of the whole Update object."""

    id: int
    kind: str
    queue: str
    body: bytes
    expires_at: float
    attempts: int = 0


def kept_seconds(kind: str) -> float:
    """How long an update of this kind waits for the bot."""
    return KEPT_SECONDS.get(kind, KEPT_SECONDS_OTHERWISE)


def queue_of(kind: str, player_id: int) -> str:
    """Messages of a chat are one queue, a player's taps another, their pre-checkouts a third, as in Telegram."""
    match kind:
        case "message" | "edited_message":
            return f"chat:{player_id}"
        case _:
            return f"{kind}:{player_id}"
