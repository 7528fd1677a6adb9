"""What referrals tells again of its current state, to a hearer that came late (`admin.referrals.restate.start`)."""

from datetime import datetime
from typing import ClassVar

from contracts.message import Event
from contracts.referrals.affiliates import PartnerState, PayoutView


class PartnerRestated(Event, frozen=True, kw_only=True):
    """Somebody as a partner, for one hearer; with `PartnerChanged` the highest `revision` is the truth."""

    subject: ClassVar[str] = "referrals.evt.{hearer}.partner_restated"
    hearer: str
    """The service that asked for it; nobody else hears it."""
    player_id: int
    state: PartnerState
    revision: int
    """0: they applied, and ops have not decided anything yet."""
    first_per_mille: int
    later_per_mille: int
    code: str = ""
    """Of their own link; empty for who has none."""
    as_of: datetime
    """When this was read."""


class PayoutRestated(Event, frozen=True, kw_only=True):
    """A payout as it stands, for one hearer; with `PayoutChanged` the latest `changed_at` of a payout is the truth."""

    subject: ClassVar[str] = "referrals.evt.{hearer}.payout_restated"
    hearer: str
    """The service that asked for it; nobody else hears it."""
    player_id: int
    payout: PayoutView
    as_of: datetime
    """When this was read."""
