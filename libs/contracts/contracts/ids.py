"""Identifiers. All are deterministic functions of what caused them, so a replay makes the same ones."""

import base64
import hashlib
import uuid
from datetime import datetime

_MS_PER_SECOND = 1000
ADMIN_ID = "admin:"
"""The id of an operator's command begins so. It never travels; what it gives rise to does, with a `/` in its id."""


def is_operators_own(identifier: str) -> bool:
    """Whether this is the id of an operator's command itself, not of something that it gave rise to."""
    return identifier.startswith(ADMIN_ID) and "/" not in identifier


def derived_id(cause: str, number: int) -> str:
    """Return the id of the `number`-th message (from 1) that the message `cause` gave rise to.

    Long chains are folded, so that an id never grows past 80 characters.
    """
    folded = cause if len(cause) <= 64 else hashlib.blake2b(cause.encode(), digest_size=16).hexdigest()
    return f"{folded}/{number}"


def new_entity_id(cause: str, number: int, at: datetime) -> uuid.UUID:
    """Return the id of the `number`-th entity made by message `cause`, whose time is `at` (UTC).

    Laid out like a UUID version 7 (48 bits of milliseconds first), so that indexes grow at their end;
    the random bits are a hash of cause and number, so that a replay names the same entity.
    """
    milliseconds = int(at.timestamp() * _MS_PER_SECOND)
    digest = int.from_bytes(hashlib.blake2b(f"{cause}#{number}".encode(), digest_size=10).digest(), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | digest
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)


def short(identifier: uuid.UUID) -> str:
    """Return the 22 characters of `A-Za-z0-9_-` that stand for a UUID in callback data and deep links."""
    return base64.urlsafe_b64encode(identifier.bytes).rstrip(b"=").decode()


def from_short(text: str) -> uuid.UUID:
    """Return the UUID that `short` wrote; raises ValueError for anything else."""
    if len(text) != 22:
        raise ValueError(f"a short id has 22 characters, not {len(text)}")
    try:
        identifier = uuid.UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except ValueError as error:
        raise ValueError("not a short id: use letters, digits, - and _ only") from error
    if short(identifier) != text:
        raise ValueError("not a short id: its last character carries stray bits")
    return identifier
