"""Reads rendered screens as a player and as Telegram would."""

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
from aiohttp import web

from gateway.domain.screen import TEXT_MAX, TOAST_MAX, Screen, units
from sandbox.entities.text import formatted
from sandbox.schema.keyboard import keyboard_check

_keyboard = keyboard_check(frozenset({"callback_data", "url", "copy_text", "disabled"}))


class _Tags(HTMLParser):
    """Checks that tags nest, and that Telegram knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag in {"b", "i", "s", "u", "code", "blockquote"}, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def sound(screen: Screen) -> Screen:
    """Check what holds for every screen; what Telegram refuses, the sandbox refuses here."""
    tags = _Tags()
    tags.feed(screen.text)
    assert tags.open == []
    if screen.text:
        assert formatted(screen.text, "HTML", None, TEXT_MAX)[0]
    assert units(screen.toast) <= TOAST_MAX
    assert "<" not in re.sub(r"</?(?:[bisu]|blockquote)>", "", screen.text)
    _keyboard("reply_markup", {"inline_keyboard": msgspec.json.decode(msgspec.json.encode(screen.keyboard))})
    return screen


def data(screen: Screen) -> list[str]:
    return [button.callback_data or button.url or "" for row in screen.keyboard for button in row]


def labels(screen: Screen) -> list[str]:
    return [button.text for row in screen.keyboard for button in row]


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return what a call said: JSON, or a form's fields, of a file its bytes."""
    if request.content_type != "multipart/form-data":
        return await request.json() if request.can_read_body else {}
    posted = await request.post()
    return {name: field.file.read() if isinstance(field, web.FileField) else field for name, field in posted.items()}
