"""An impression: one offer, made to one player once, and what became of it (DOMAIN §8)."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from contracts.berlin import day_of
from contracts.promo import OfferSurface

HOLDOUT_PERCENT: Final = 5
_BUCKETS: Final = 10_000


class Impression(msgspec.Struct, kw_only=True):
    """Written before it is shown; each kind of answer has a column of its own, set once."""

    id: UUID
    player_id: int
    trigger: str
    surface: OfferSurface
    tap: str
    """What the player did to be here; once a player."""
    at: datetime
    """Never earlier than the player's impression before."""
    previous_at: datetime | None = None
    """The player's impression before in the same group: who has none in a window is counted in it by this one."""
    is_blocking: bool
    is_withheld: bool
    """Of the holdout: it was not shown."""
    percent: int = 0
    """Of a personal discount; 0: none."""
    clicked_at: datetime | None = None
    dismissed_at: datetime | None = None
    """Likewise when it was muted."""
    muted_at: datetime | None = None
    purchases: int = 0
    """Bought by its buttons, without what was given back."""

    def is_shown_to(self, player_id: int) -> bool:
        """Whether this player saw it, and has its buttons."""
        return self.player_id == player_id and not self.is_withheld

    @property
    def is_converted(self) -> bool:
        """Whether a purchase came of it that stands."""
        return self.purchases > 0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What is added to the figures of an hour: by when the impression was, whenever something became of it."""

    hour: datetime
    trigger: str
    is_withheld: bool
    impressions: int = 0
    clicks: int = 0
    dismissals: int = 0
    conversions: int = 0


class Reach(msgspec.Struct, frozen=True):
    """A player seen in an hour, and in which hour the time before: so that players of any window can be counted."""

    hour: datetime
    previous_hour: datetime
    """`NEVER` for the first impression of all."""
    is_withheld: bool


NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(instant: datetime) -> datetime:
    """Return the full hour (UTC) in which an instant lies."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def tally_of(impression: Impression, **counts: int) -> Tally:
    """Return what is to be added for an impression."""
    return Tally(hour=hour_of(impression.at), trigger=impression.trigger, is_withheld=impression.is_withheld, **counts)


def reach_of(impression: Impression) -> Reach:
    """Return how the impression counts its player."""
    previous = NEVER if impression.previous_at is None else hour_of(impression.previous_at)
    return Reach(hour_of(impression.at), previous, impression.is_withheld)


def is_held_out(player_id: int, now: datetime) -> bool:
    """Whether a player sees no offer in this year (of Berlin): 5 % of them, others each year."""
    digest = blake2b(f"{player_id}:{day_of(now).local.year}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _BUCKETS < HOLDOUT_PERCENT * _BUCKETS // 100
