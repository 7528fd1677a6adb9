"""`parse_mode=HTML`: Telegram's own tag set, nesting and error texts (core.telegram.org/bots/api#html-style)."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.errors import ApiError, bad_request

Entity = dict[str, Any]

ENTITY_OF_TAG = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPECIAL = re.compile(r"[<&]")
_CHARACTER = re.compile(r"&(?:#(?P<number>\d+|[xX][0-9a-fA-F]+)|(?P<name>[a-z]+));?")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"\s*(?P<name>[^\s=>]*)\s*(?P<equals>=?)\s*")
_BARE_VALUE = re.compile(r"[a-zA-Z0-9.\-]+")


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, which is what Telegram counts offsets in."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _OpenTag:
    name: str
    offset: int
    argument: str


class _HtmlReader:
    """One pass over a text; collects the plain text in pieces and the entities as their tags close."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.length = 0
        self.pieces: list[str] = []
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while (special := _SPECIAL.search(self.source, self.at)) is not None:
            self._append(self.source[self.at : special.start()])
            self.at = special.start()
            if special.group() == "&":
                self._character()
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        self._append(self.source[self.at :])
        if self.open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.pieces), self.entities

    def _append(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.length += utf16_length(text)

    def _character(self) -> None:
        """`&lt;`, `&#1234;` and the like; an ampersand that starts none of them is plain text."""
        found = _CHARACTER.match(self.source, self.at)
        text = _decoded(found) if found else None
        if found is None or text is None:
            self._append("&")
            self.at += 1
            return
        self._append(text)
        self.at = found.end()

    def _start_tag(self) -> None:
        begin = self.at
        name_end = self._tag_name_end(begin + 1)
        if name_end == len(self.source):
            raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
        name = self.source[begin + 1 : name_end].lower()
        if name not in ENTITY_OF_TAG:
            raise _cannot(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        argument = self._attributes(name, begin, name_end)
        if name == "span" and argument != "spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_OpenTag(name, self.length, argument))

    def _tag_name_end(self, start: int) -> int:
        found = _TAG_NAME.match(self.source, start)
        return found.end() if found else start

    def _attributes(self, tag: str, begin: int, at: int) -> str:
        """Read up to the closing `>`; returns the one value that matters for this tag."""
        argument = ""
        while True:
            while self.source[at : at + 1].isspace():
                at += 1
            if self.source.startswith(">", at):
                self.at = at + 1
                return argument
            name, at = self._attribute_name(tag, begin, at)
            value, at = self._attribute_value(begin, at, optional=(tag, name) == ("blockquote", "expandable"))
            argument = _meaning(tag, name, value) or argument

    def _attribute_name(self, tag: str, begin: int, at: int) -> tuple[str, int]:
        found = _ATTRIBUTE.match(self.source, at)
        if found is None or found.end() >= len(self.source):
            raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
        name = found["name"].lower()
        if not name:
            raise _cannot(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
        if found["equals"]:
            return name, found.end()
        if (tag, name) == ("blockquote", "expandable"):
            return name, found.end("name")
        where = f'of an attribute of the tag "{tag}" at byte offset {self._byte(begin)}'
        raise _cannot(f"Expected equal sign in declaration {where}")

    def _attribute_value(self, begin: int, at: int, *, optional: bool) -> tuple[str, int]:
        if optional and (self.source[at] == ">" or self.source[at].isspace()):
            return "", at
        quote = self.source[at]
        if quote in "'\"":
            end = self.source.find(quote, at + 1)
            if end < 0 or end + 1 >= len(self.source):
                raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
            return _unescaped(self.source[at + 1 : end]), end + 1
        found = _BARE_VALUE.match(self.source, at)
        end = found.end() if found else at
        if not (self.source[end : end + 1].isspace() or self.source.startswith(">", end)):
            raise _cannot(f"Unexpected end of name token at byte offset {self._byte(at)}")
        return self.source[at:end].lower(), end

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {self._byte(begin)}")
        name_end = self._tag_name_end(begin + 2)
        name = self.source[begin + 2 : name_end].lower()
        close = name_end
        while self.source[close : close + 1].isspace():
            close += 1
        if not self.source.startswith(">", close):
            raise _cannot(f"Unclosed end tag at byte offset {self._byte(begin)}")
        tag = self.open.pop()
        if name and name != tag.name:
            found = f'expected "</{tag.name}>", found "</{name}>"'
            raise _cannot(f"Unmatched end tag at byte offset {self._byte(begin)}, {found}")
        self.at = close + 1
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        entity = _entity(tag, self.length - tag.offset, "".join(self.pieces) if _needs_text(tag) else "")
        if entity is None:
            return
        if tag.name == "pre" and self.entities and _is_language_of(self.entities[-1], entity):
            # <pre><code class="language-x">…</code></pre> is one block with a language, not two entities.
            language = self.entities.pop().get("language")
            entity = {**entity, "language": language} if language else entity
        self.entities.append(entity)

    def _byte(self, index: int) -> int:
        return len(self.source[:index].encode("utf-8", "surrogatepass"))


def _cannot(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _decoded(found: re.Match[str]) -> str | None:
    number = found["number"]
    if number is None:
        return NAMED_CHARACTERS.get(found["name"])
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF else None


def _unescaped(value: str) -> str:
    return _CHARACTER.sub(lambda found: _decoded(found) or found.group(), value)


def _meaning(tag: str, name: str, value: str) -> str:
    """What an attribute contributes to its tag; the others are read and ignored, as Telegram does."""
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "expandable"
        case _:
            return ""


def _needs_text(tag: _OpenTag) -> bool:
    return tag.name == "a" and not tag.argument


def _entity(tag: _OpenTag, length: int, text: str) -> Entity | None:
    """The entity a closed tag stands for; None when it is empty or its link is no link."""
    kind = ENTITY_OF_TAG[tag.name]
    entity: Entity = {"type": kind, "offset": tag.offset, "length": length}
    if length == 0:
        return None
    if kind == "text_link":
        url = link_target(tag.argument or _slice_utf16(text, tag.offset))
        return {**entity, "url": url} if url else None
    if kind == "custom_emoji":
        if not tag.argument.isdigit():
            raise _cannot("Invalid custom emoji identifier specified")
        return {**entity, "custom_emoji_id": tag.argument}
    if kind == "code" and tag.argument:
        return {**entity, "language": tag.argument}
    if kind == "blockquote" and tag.argument:
        return {**entity, "type": "expandable_blockquote"}
    return entity


def _slice_utf16(text: str, offset: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[offset * 2 :].decode("utf-16-le", "surrogatepass")


def _is_language_of(inner: Entity, outer: Entity) -> bool:
    return inner["type"] == "code" and (inner["offset"], inner["length"]) == (outer["offset"], outer["length"])


def link_target(url: str) -> str | None:
    """A usable link: http, https, tg or mailto; a bare host gets `http://`. None when it is no address."""
    url = url.strip()
    if re.match(r"(?:https?|tg|mailto|tel|ton):", url, re.IGNORECASE):
        return url
    return f"http://{url}" if re.match(r"[\w\-]+(?:\.[\w\-]+)+(?:[/:?#]|$)", url) else None


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities (offsets in UTF-16 units, outer before inner); 400 `can't parse entities: …`."""
    if "<" not in source and "&" not in source:
        return source, []
    text, entities = _HtmlReader(source).read()
    for entity in entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return text, entities
