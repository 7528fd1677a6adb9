"""A redemption: one player's use of one code (DOMAIN §7)."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.promo import RedemptionState, RedemptionView

RESERVED_FOR: Final = timedelta(minutes=15)
"""Of a discount: from the code on, and again from the invoice on."""
PAID_WITHIN: Final = timedelta(hours=2)
"""A purchase that is being paid has ended by then. Where word of its end was lost or overtaken, payments is asked."""
FREED_WITHIN: Final = timedelta(minutes=2)
"""After its time payments is asked for it, each minute."""
_USED: Final = frozenset({RedemptionState.APPLIED, RedemptionState.APPLIED_LATE, RedemptionState.REVOKED})


class Redemption(msgspec.Struct, kw_only=True):
    """One use. A grant is APPLIED at once; a discount is RESERVED, then bound to the purchase it is bought with."""

    id: UUID
    player_id: int
    code_id: UUID | None
    """None, like batch and campaign, of an offer's personal discount (DOMAIN §8)."""
    batch_id: UUID | None
    campaign: str | None
    state: RedemptionState
    made_at: datetime
    changed_at: datetime
    percent: int = 0
    """Of a discount; 0 of a grant."""
    reserved_until: datetime | None = None
    """None while it is reserved: it ends with its purchase, which is being paid."""
    purchase_id: UUID | None = None
    heard_at: datetime | None = None
    """When payments said what was said last about it: an older word, heard later, changes nothing."""
    budget_share: int = 0
    """What it takes of the campaign's budget, or took before it expired; in uses or Stars."""
    budget_begins: date | None = None
    """Of which period; None: of none."""
    stars_off: int | None = None
    """What the invoice of its purchase takes off the price; None: not known."""
    promised_until: datetime | None = None
    """Of a personal discount: no purchase that comes to nothing makes it shorter. None: a code's."""

    @property
    def is_reserved(self) -> bool:
        """Whether it holds a use that is not used yet."""
        return self.state is RedemptionState.RESERVED

    @property
    def is_applied(self) -> bool:
        """Whether it was paid with, and the money is still here."""
        return self.state in (RedemptionState.APPLIED, RedemptionState.APPLIED_LATE)

    @property
    def is_used(self) -> bool:
        """Whether its use is used for good."""
        return self.state in _USED

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to ask payments for it; not while its purchase is being paid, as far as is known here."""
        ends = self.reserved_until or (self.heard_at or self.made_at) + PAID_WITHIN
        return self.is_reserved and now >= ends

    # -- what payments says of its purchase, while it is reserved ---------------------------------

    def bind(self, purchase_id: UUID, said_at: datetime) -> None:
        """An invoice was made with it: it is that purchase's, for 15 minutes from then, or as long as was promised."""
        if self._hears(said_at) and not self._is_being_paid(purchase_id):
            self.purchase_id, self.reserved_until = purchase_id, self._at_least(said_at + RESERVED_FOR)

    def hold(self, purchase_id: UUID, said_at: datetime) -> None:
        """The player is about to pay: it ends with that purchase alone."""
        if self._hears(said_at):
            self.purchase_id, self.reserved_until = purchase_id, None

    def let_go(self, purchase_id: UUID, said_at: datetime) -> None:
        """That purchase came to nothing. Where it alone kept the reservation, its time is over."""
        if self.is_reserved and self.purchase_id == purchase_id:
            self._hears(said_at)
            self.purchase_id = None
            if self.reserved_until is None:
                self.reserved_until = self._at_least(said_at)

    def _at_least(self, until: datetime) -> datetime:
        return until if self.promised_until is None else max(until, self.promised_until)

    def view(self) -> RedemptionView:
        """Return it as operators see it."""
        return RedemptionView(
            redemption_id=self.id,
            player_id=self.player_id,
            campaign=self.campaign,
            code_id=self.code_id,
            batch_id=self.batch_id,
            state=self.state,
            percent=self.percent,
            made_at=self.made_at,
            changed_at=self.changed_at,
            reserved_until=self.reserved_until,
            purchase_id=self.purchase_id,
            budget_share=self.budget_share,
        )

    def _is_being_paid(self, purchase_id: UUID) -> bool:
        return self.purchase_id == purchase_id and self.reserved_until is None

    def _hears(self, said_at: datetime) -> bool:
        """Whether this is news about a reservation; notes when it was said."""
        if not self.is_reserved or (self.heard_at is not None and said_at < self.heard_at):
            return False
        self.heard_at = said_at
        return True


class Use(msgspec.Struct, frozen=True):
    """What the rule "one use per player" must know of a redemption that stands."""

    redemption_id: UUID
    code_id: UUID | None
    batch_id: UUID | None
    reserved_until: datetime | None = None
    """Of a reservation that can still be bought with."""
    is_reserved: bool = False
    is_for_first_purchase: bool = False

    def is_of(self, code_id: UUID | None, batch_id: UUID | None) -> bool:
        """Whether it is a use of this code, or of another one of its batch; personal discounts have neither."""
        return code_id is not None and (self.code_id == code_id or self.batch_id == batch_id)

    def free_again(self, now: datetime) -> datetime | None:
        """Return when the code may be used again; None unless its reservation has run out and is about to be freed."""
        has_run_out = self.is_reserved and self.reserved_until is not None and now >= self.reserved_until
        return now + FREED_WITHIN if has_run_out else None
