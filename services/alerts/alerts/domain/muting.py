"""Who is not told for a while: silences of operators, and consequences of what is known already (DOMAIN §10)."""

import re
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.alerts import SilenceView

SILENCE_MAX: Final = timedelta(days=7)
ALL: Final = "*"


class Silence(msgspec.Struct):
    """Nobody is told of what it fits until it ends."""

    silence_id: UUID
    event: str
    """One event, or `*`."""
    key_pattern: str
    begins_at: datetime
    ends_at: datetime
    author: str
    reason: str

    def fits(self, event: str, key: str, now: datetime) -> bool:
        """Whether it mutes an alert at this instant."""
        return now < self.ends_at and self.event in (ALL, event) and fits_pattern(key, self.key_pattern)

    def view(self) -> SilenceView:
        """Return it as an operator sees it."""
        return SilenceView(**{name: getattr(self, name) for name in self.__struct_fields__})


def fits_pattern(key: str, pattern: str) -> bool:
    """Whether `*` in the pattern can be replaced so that it is the key; every other character stands for itself."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), key, re.DOTALL) is not None


def like_pattern(pattern: str) -> str:
    """Return the pattern as SQL's `like` has it."""
    return re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%")


class Inhibition(msgspec.Struct, frozen=True):
    """While one alert is open, what follows from it is not told."""

    cause: str
    """The event whose consequences are muted: every other event of the same service."""


INHIBITIONS: Final = (Inhibition("postgres_down"),)
"""A service without its database does nothing right, and says so in many ways."""
CAUSES: Final = tuple(one.cause for one in INHIBITIONS)


class Mutes(msgspec.Struct, frozen=True):
    """All that mutes at the moment."""

    silences: tuple[Silence, ...] = ()
    inhibited: frozenset[str] = frozenset()
    """Services whose cause of everything is open."""

    def mutes(self, event: str, key: str, service: str, now: datetime) -> bool:
        """Whether nobody is told of this now."""
        if service in self.inhibited and event not in CAUSES:
            return True
        return any(silence.fits(event, key, now) for silence in self.silences)
