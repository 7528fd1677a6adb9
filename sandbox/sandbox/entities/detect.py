"""Links, commands, mentions and hashtags that Telegram marks in plain text by itself."""

import re
from functools import lru_cache
from typing import Any

from sandbox.entities.html import utf16_length

Entity = dict[str, Any]

_TOP_DOMAINS = "me|org|com|de|net|app|dev|io"
_URL_TAIL = r"[^\s<>\"]*[^\s<>\".,;:!?)\]}»“']"
_HINTED = (
    ("://", rf"(?P<url>https?://{_URL_TAIL})"),
    ("@", r"(?P<email>\b[\w.+-]+@[\w-]+\.[a-zA-Z]{2,}\b)|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})\b"),
    (".", rf"(?P<bare>\b(?:[a-zA-Z0-9-]+\.)+(?:{_TOP_DOMAINS})\b(?:/(?:{_URL_TAIL})?)?)"),
    ("/", r"(?<![\w/.<])(?P<bot_command>/[a-zA-Z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/.]*/)"),
    ("#", r"(?<![\w#])(?P<hashtag>\#\w*[^\W\d_]\w*)"),
)
"""What to look for, and the character without which it cannot be there. Most texts of a bot have one or none."""
_DOTTED = re.compile(rf"\.(?:{_TOP_DOMAINS})\b")
_CLOSED = frozenset({"text_link", "code", "pre", "custom_emoji"})


@lru_cache(maxsize=64)
def _finder(hints: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(pattern for hint, pattern in _HINTED if hint in hints))


def detect(text: str, taken: list[Entity]) -> list[Entity]:
    """The entities of `text` with the found ones added where no link, code or other found one is yet."""
    hints = tuple(hint for hint, _ in _HINTED if hint in text and (hint != "." or _DOTTED.search(text)))
    if not hints:
        return taken
    found = [entity for match in _finder(hints).finditer(text) if (entity := _entity(text, match))]
    closed = [entity for entity in taken if entity["type"] in _CLOSED]
    added = [entity for entity in found if not any(_overlap(entity, other) for other in closed)]
    if not added:
        return taken
    return sorted([*taken, *added], key=lambda entity: (entity["offset"], -entity["length"]))


def _entity(text: str, match: re.Match[str]) -> Entity | None:
    kind = match.lastgroup
    if kind is None:
        return None
    offset = utf16_length(text[: match.start()])
    return {"type": "url" if kind == "bare" else kind, "offset": offset, "length": utf16_length(match.group())}


def _overlap(one: Entity, other: Entity) -> bool:
    return one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
