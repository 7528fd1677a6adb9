"""Text and headers from outside, made fit for a column: Postgres keeps neither NUL nor half of a surrogate pair."""

import json
from collections.abc import Mapping

from contracts.foreign_text import storable

__all__ = ["headers_of", "storable", "storable_headers"]


def storable_headers(headers: Mapping[str, str]) -> bytes:
    """Return headers as JSON for a bytea column, character by character as they came: `headers_of` reads them."""
    return json.dumps(dict(headers)).encode()


def headers_of(stored: bytes) -> dict[str, str]:
    """Return headers that `storable_headers` wrote."""
    found: dict[str, str] = json.loads(stored)
    return found
