"""A link that somebody made: of which kind, and whose it is."""

from typing import Final

import msgspec

from contracts.referrals import LinkKind

MADE_ELSEWHERE: Final = frozenset({LinkKind.DUEL, LinkKind.SCREEN})
"""Kinds that other services make. Until one does, and says so here, nobody made such a link, and it binds nobody."""
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 letters: none that looks like another (DOMAIN §7)."""
CODE_LENGTH: Final = 6


def normalised(kind: LinkKind, value: str) -> str:
    """Return a link's value as it is stored: codes are read in capitals."""
    return value if kind in MADE_ELSEWHERE else value.upper()


class KnownLink(msgspec.Struct, frozen=True):
    """Found by kind and value."""

    referrer_id: int | None = None
    """None: no player's, such as a campaign's."""


class FreshCode(msgspec.Struct, frozen=True):
    """A code that nobody has."""

    code: str
