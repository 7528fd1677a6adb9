"""What alerts makes of whatever it hears: that something is wrong, or over, in words of its own."""

import hashlib
from datetime import datetime
from typing import Final

import msgspec

from contracts.alerts import Severity

_FINGERPRINT_BYTES: Final = 10


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One event, read: the same event and key is the same alert."""

    event: str
    """As DOMAIN §10 names it."""
    key: str
    service: str
    """Who said it."""
    at: datetime
    """When it was so, by whoever says it."""
    is_over: bool = False
    """The cause is gone."""
    has_end: bool = False
    """Its owner says when it is over; what has none is over after 24 hours of silence."""
    severity: Severity | None = None
    """That it brings along."""
    summary: str = ""
    figures: tuple[tuple[str, str | int], ...] = ()
    runbook: str | None = None
    """Its address, where the event brings one along."""


def fingerprint(event: str, key: str) -> str:
    """Return the name of all alerts of one event and key: 20 of 0-9 a-f."""
    said = f"{event}\0{key}".encode()
    return hashlib.blake2b(said, digest_size=_FINGERPRINT_BYTES).hexdigest()


def fingerprint_of(alert_id: str) -> str:
    """Return the fingerprint in an alert's id; of what is none, something that no alert has."""
    return alert_id.partition("-")[0]
