"""Who may play which mode (DOMAIN §3): premium → mode access still valid → free mode → locked."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contracts.gameplay import Mode

LOCKED_MODES: Final = frozenset({Mode.CASES_PRACTICE, Mode.TRENNBARE_VERBEN, Mode.WORD_ORDER})
"""Modes that need premium or a mega pack; all others are free for everyone."""


class Access(StrEnum):
    """What opens a mode to a player, or that nothing does."""

    PREMIUM = "premium"
    MODE_ACCESS = "mode_access"
    FREE = "free"
    LOCKED = "locked"


def resolve(mode: Mode, now: datetime, *, premium: bool, access_until: datetime | None) -> Access:
    """Return what opens `mode` at `now`; `access_until` is the end of a mega pack's access to it."""
    if premium:
        return Access.PREMIUM
    if access_until is not None and now < access_until:
        return Access.MODE_ACCESS
    return Access.LOCKED if mode in LOCKED_MODES else Access.FREE


def extended(access_until: datetime | None, now: datetime, *, hours: int) -> datetime:
    """Return the new end of a mode's access: `max(current end, now) + hours` (DOMAIN §5)."""
    begin = now if access_until is None or access_until < now else access_until
    return begin + timedelta(hours=hours)


def shortened(access_until: datetime, now: datetime, *, hours: int) -> datetime | None:
    """Return the end of a mode's access after `hours` of it are taken back; None when nothing is left (DOMAIN §6)."""
    end = access_until - timedelta(hours=hours)
    return end if now < end else None
