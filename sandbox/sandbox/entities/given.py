"""Entities that a bot gives one by one, checked as Telegram checks them, in its words."""

from typing import Any

from sandbox.entities.html import Entity, link_target
from sandbox.errors import ApiError, bad_request

TYPES = frozenset(
    {
        "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
        "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
        "custom_emoji", "date_time",
    }
)  # fmt: skip
NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
"""What an entity of these types must say besides."""


def given_entities(entities: list[dict[str, Any]], length: int) -> list[Entity]:
    """Entities over a text of `length` UTF-16 units, outer before inner; empty ones go. 400 for any that is wrong."""
    for entity in entities:
        _check_type(entity)
        _check_place(entity["offset"], entity["length"], length)
    kept = [entity for entity in entities if entity["length"]]
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def _check_type(entity: dict[str, Any]) -> None:
    kind = entity["type"]
    if kind not in TYPES:
        raise _unparsed("Unsupported type specified")
    needed = NEEDS.get(kind)
    if needed is not None and needed not in entity:
        raise _unparsed(f'Can\'t find field "{needed}"')
    if kind == "custom_emoji" and not str(entity["custom_emoji_id"]).isdigit():
        raise _unparsed('Field "custom_emoji_id" must be a valid Number')
    if kind == "text_link" and link_target(entity["url"]) is None:
        reason = "Wrong HTTP URL" if entity["url"] else "URL host is empty"
        raise bad_request(f"entity URL '{entity['url']}' is invalid: {reason}")


def _check_place(offset: int, length: int, length_max: int) -> None:
    end = offset + length
    if offset < 0:
        raise bad_request(f"receive an entity with incorrect offset {offset}")
    if length < 0:
        raise bad_request(f"receive an entity with incorrect length {length}")
    if offset > length_max:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if end > length_max:
        where = f"at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
        raise bad_request(f"entity beginning {where}")


def _unparsed(reason: str) -> ApiError:
    return bad_request(f"can't parse MessageEntity: {reason}")
