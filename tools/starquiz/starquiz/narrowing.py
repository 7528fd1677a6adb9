"""What comes as JSON, taken for what it is."""

from typing import Any, cast


def as_object(value: Any) -> dict[str, Any] | None:
    """Return a JSON object; None for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: Any) -> list[Any] | None:
    """Return a JSON array; None for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def as_rows(value: Any) -> list[dict[str, Any]]:
    """Return an array of objects; empty for anything else, also for an empty array."""
    rows = [as_object(one) for one in as_list(value) or []]
    found = [row for row in rows if row is not None]
    return found if len(found) == len(rows) else []
