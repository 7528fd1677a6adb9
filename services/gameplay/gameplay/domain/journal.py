"""Gameplay's own journal of everything that has value (DOMAIN §1 ledger): grants, and what was spent of them.

Free energy comes and goes by the rules and is not written down; paid energy, savers, tickets and hours of mode access
are, so that each player's balances can be added up from the journal. Premium is in the books of payments.
"""

from datetime import datetime
from enum import StrEnum

import msgspec


class Asset(StrEnum):
    """What has value (DOMAIN §6)."""

    PAID_ENERGY = "PAID_ENERGY"
    SAVER_TOKEN = "SAVER_TOKEN"  # noqa: S105 - an asset, not a secret
    DUEL_TICKET = "DUEL_TICKET"
    MODE_HOURS = "MODE_HOURS"


class Entry(msgspec.Struct, frozen=True):
    """One movement. `cause` is the id of the message or the grant behind it: one entry per (cause, asset), for ever."""

    cause: str
    asset: Asset
    player_id: int
    amount: int
    """Positive when given, negative when spent."""
    reason: str
    at: datetime
