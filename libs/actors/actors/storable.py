"""Text from outside, made fit for a text column: Postgres keeps neither NUL nor half of a surrogate pair."""

import json
import re
from collections.abc import Mapping
from typing import Final

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def storable(text: str, *, length_max: int | None = None) -> str:
    """Return the text with U+FFFD for what Postgres refuses, cut after `length_max` characters."""
    return _UNSTORABLE.sub("\ufffd", text[:length_max])


def storable_headers(headers: Mapping[str, str]) -> bytes:
    """Return headers as JSON for a bytea column, character by character as they came: `headers_of` reads them."""
    return json.dumps(dict(headers)).encode()


def headers_of(stored: bytes) -> dict[str, str]:
    """Return headers that `storable_headers` wrote."""
    found: dict[str, str] = json.loads(stored)
    return found
