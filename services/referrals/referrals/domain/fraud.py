"""When a referral is none (DOMAIN §9): pairs, rings, and too many at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from contracts.referrals import FraudRule

STARTS_PER_DAY_MAX: Final = 10
REVERSE_WITHIN: Final = timedelta(days=30)
CYCLE_MAX: Final = 5
SCORES: Final = {FraudRule.REVERSE_PAIR: 95, FraudRule.CYCLE: 90, FraudRule.VELOCITY: 80}


class Ancestry(msgspec.Struct, frozen=True):
    """Who brought a referrer, who brought those, and so on: as many as a ring may have besides the player."""

    ancestors: tuple[int, ...] = ()
    """The nearest first, without the referrer."""
    invited_at: datetime | None = None
    """When the referrer themself was brought; None: by nobody."""


class Ring(msgspec.Struct, frozen=True):
    """A ring that a referral closes."""

    rule: FraudRule
    players: tuple[int, ...]
    """All whose referrals are a part of it."""

    @property
    def score(self) -> int:
        """How sure the rule is."""
        return SCORES[self.rule]


def ring_closed_by(player_id: int, referrer_id: int, ancestry: Ancestry, touched_at: datetime) -> Ring | None:
    """Return the ring that a player's referral is a part of; None when the referrer's ancestors do not lead back."""
    ancestors: Sequence[int] = ancestry.ancestors[: CYCLE_MAX - 1]
    if player_id not in ancestors:
        return None
    place = ancestors.index(player_id)
    players = (player_id, referrer_id, *ancestors[:place])
    if place == 0 and ancestry.invited_at is not None and abs(touched_at - ancestry.invited_at) <= REVERSE_WITHIN:
        return Ring(FraudRule.REVERSE_PAIR, players)
    return Ring(FraudRule.CYCLE, players)
