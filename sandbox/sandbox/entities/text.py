"""From what a bot sends (text, parse mode, entities) to what the chat holds: clean text with sorted entities."""

from typing import Any

from sandbox.entities.detect import detect
from sandbox.entities.given import given_entities
from sandbox.entities.html import Entity, parse_html, utf16_length
from sandbox.errors import bad_request

TEXT_LENGTH_MAX = 4096
CAPTION_LENGTH_MAX = 1024
ENTITIES_MAX = 100
"""Telegram leaves out what is more, without a word, or refuses it; here it is refused, so that it is seen."""
_WHITE = " \t\n\r\v\f"


def formatted(
    source: str, parse_mode: str | None, entities: list[dict[str, Any]] | None, length_max: int
) -> tuple[str, list[Entity]]:
    """Parse, trim and check one text or caption; lengths count UTF-16 units **after** parsing, as Telegram does.

    400 for a parse error, for a text longer than `length_max`, for entities that are wrong or too many, and for a parse
    mode this sandbox does not read (Markdown).
    """
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request(f'unsupported parse_mode "{parse_mode}"; this sandbox reads HTML only')
        source, found = parse_html(source)
    else:
        found = given_entities(entities or [], utf16_length(source))
    if len(found) > ENTITIES_MAX:
        raise bad_request("ENTITIES_TOO_LONG")
    text, found = _trimmed(source, found)
    if len(text) > length_max // 2 and utf16_length(text) > length_max:
        raise bad_request("message is too long" if length_max == TEXT_LENGTH_MAX else "message caption is too long")
    return text, detect(text, found)


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without white space at both ends; entities move along, and those left empty go."""
    if "\r" in text:
        text, entities = _without_carriage_returns(text, entities)
    if not text or (text[0] not in _WHITE and text[-1] not in _WHITE):
        return text, entities
    cut = len(text) - len(text.lstrip(_WHITE))
    text = text.strip(_WHITE)
    return text, _moved(entities, cut, utf16_length(text))


def _moved(entities: list[Entity], cut: int, length: int) -> list[Entity]:
    moved: list[Entity] = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] + entity["length"] - cut, length)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return moved


def _without_carriage_returns(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Telegram drops carriage returns; entities keep covering the characters they covered."""
    units = text.encode("utf-16-le", "surrogatepass")
    dropped: list[int] = [0]
    for at in range(0, len(units), 2):
        dropped.append(dropped[-1] + int(units[at : at + 2] == b"\r\0"))
    kept: list[Entity] = []
    for entity in entities:
        start: int = entity["offset"]
        end: int = start + entity["length"]
        length = end - dropped[end] - start + dropped[start]
        if length > 0:
            kept.append({**entity, "offset": start - dropped[start], "length": length})
    return text.replace("\r", ""), kept
