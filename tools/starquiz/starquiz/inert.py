"""Texts that players wrote must do nothing to a terminal: no escape sequence, no turned direction of writing."""

import re
from typing import Final

_LIVE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def inert(text: str) -> str:
    """Return a text with � for each character that a terminal would obey instead of showing it."""
    return _LIVE.sub("�", text)


def escaped(document: str) -> str:
    """Return a JSON document in which those characters are written out."""
    return _LIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
