"""Which services this checkout has: found by looking, so that a new one needs no line here."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Room:
    """One service of the checkout."""

    name: str
    """Name of its package, its Postgres schema and role, its NATS user."""
    package: Path


@cache
def rooms() -> tuple[Room, ...]:
    """Return every service of the checkout that has a composition root, by name."""
    apps = sorted((CHECKOUT / "services").glob("*/*/app.py"))
    return tuple(Room(app.parent.name, app.parent) for app in apps if app.parent.name == app.parent.parent.name)


def migrations_of(name: str) -> Path | None:
    """Return a service's own migrations directory; None for a name that has none: the ground's tables alone."""
    folder = CHECKOUT / "services" / name / name / "migrations"
    return folder if folder.is_dir() else None
