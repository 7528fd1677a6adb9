"""JSON in and out: compact bytes to send, and a narrowing of what arrived, which may be anything."""

import json
from typing import Any, cast

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def to_json(value: Any) -> bytes:
    """Compact JSON. Lone surrogates, which injected updates may hold, go out as their three bytes."""
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def as_object(value: Any) -> dict[str, Any] | None:
    """A JSON object, or None for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: Any) -> list[Any] | None:
    """A JSON array, or None for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else None
