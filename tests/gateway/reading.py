"""Reads rendered screens as a player and as Telegram would."""

import re
from html.parser import HTMLParser
from typing import Any

from gateway.domain.screen import TEXT_MAX, TOAST_MAX, Screen


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
    """Check what holds for every screen."""
    tags = _Tags()
    tags.feed(screen.text)
    assert tags.open == []
    assert len(screen.text) <= TEXT_MAX
    assert len(screen.toast) <= TOAST_MAX
    assert "<" not in re.sub(r"</?(?:[bisu]|blockquote)>", "", screen.text)
    for button in (button for row in screen.keyboard for button in row):
        assert button.text
        assert (button.callback_data is None) is not (button.url is None)
        assert len((button.callback_data or "").encode()) <= 64
    return screen


def data(screen: Screen) -> list[str]:
    return [button.callback_data or button.url or "" for row in screen.keyboard for button in row]


def labels(screen: Screen) -> list[str]:
    return [button.text for row in screen.keyboard for button in row]
