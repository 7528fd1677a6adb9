"""Somebody who types codes: what they used, and how often they guessed wrong (DOMAIN §7, throttle)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.promo import RedeemRefusal
from promo.domain.redemption import Use

FAILURES_MAX: Final = 5
FAILURES_WINDOW: Final = timedelta(hours=24)
BLOCKED_FOR: Final = timedelta(minutes=60)
NEW_FOR: Final = timedelta(days=7)
"""So long after joining somebody is a new player."""

FAILURES: Final = frozenset({RedeemRefusal.INVALID, RedeemRefusal.EXPIRED, RedeemRefusal.NOT_APPLICABLE})
"""The refusals that count for the throttle."""


class Redeemer(msgspec.Struct):
    """One player as promo knows them. Locking it makes decisions about one player follow one another."""

    player_id: int
    joined_at: datetime | None = None
    """None: never heard of; then they came a moment ago, and word of it is on its way."""
    has_bought: bool = False
    """Whether a purchase of theirs was ever credited; abandoned ones do not count."""
    failures: tuple[datetime, ...] = ()
    """The last ones, oldest first: as many as it takes to block."""
    blocked_until: datetime | None = None
    uses: tuple[Use, ...] = ()
    """Redemptions that are reserved or used. Read off the redemptions when loaded; not saved."""

    # -- the throttle ---------------------------------------------------------------------------

    def blocked(self, now: datetime) -> datetime | None:
        """Return until when codes are not looked at, None when they are."""
        return self.blocked_until if self.blocked_until is not None and now < self.blocked_until else None

    def fail(self, now: datetime, allowed: int = FAILURES_MAX) -> int:
        """Count a failure; the last that is allowed in 24 hours blocks for an hour. Returns how many more there are.

        Those that count stay counted after the hour: whoever goes on guessing is blocked again at once.
        """
        recent = tuple(at for at in self.failures if at > now - FAILURES_WINDOW)
        self.failures = (*recent, now)[-FAILURES_MAX:]
        left = max(0, allowed - len(self.failures))
        if not left:
            self.blocked_until = now + BLOCKED_FOR
        return left

    # -- what they used -------------------------------------------------------------------------

    def use_of(self, code_id: UUID, batch_id: UUID) -> Use | None:
        """Return a use they have of this code, or of another one of its batch."""
        return next((use for use in self.uses if use.is_of(code_id, batch_id)), None)

    def note_use(self, use: Use) -> None:
        """Remember a use, in place of what was known of the same redemption."""
        self.forget_use(use.redemption_id)
        self.uses = (*self.uses, use)

    def forget_use(self, redemption_id: UUID) -> None:
        """Forget a reservation that expired: the code may be used again."""
        self.uses = tuple(use for use in self.uses if use.redemption_id != redemption_id)

    def reservations(self, code_id: UUID | None, batch_id: UUID | None) -> tuple[Use, ...]:
        """Return the reservations of a code, and of others of its batch, that stand, also those at the till."""
        return tuple(use for use in self.uses if use.is_reserved and use.is_of(code_id, batch_id))

    def buy(self, redemption_id: UUID | None) -> tuple[Use, ...]:
        """Note that they bought, with that discount if any; returns what was reserved for a first purchase besides."""
        self.has_bought = True
        reserved = (use for use in self.uses if use.is_reserved and use.is_for_first_purchase)
        return tuple(use for use in reserved if use.redemption_id != redemption_id)

    def reservation(self, code_id: UUID, now: datetime) -> Use | None:
        """Return a reservation of this code that can still be bought with."""
        of_code = (use for use in self.uses if use.code_id == code_id)
        return next((use for use in of_code if use.reserved_until is not None and now < use.reserved_until), None)

    # -- who they are ---------------------------------------------------------------------------

    def is_new(self, now: datetime) -> bool:
        """Whether they joined lately."""
        return self.joined_at is None or now - self.joined_at < NEW_FOR

    def meet(self, joined_at: datetime) -> None:
        """Hear when they joined; of several words the earliest is right."""
        self.joined_at = joined_at if self.joined_at is None else min(self.joined_at, joined_at)
