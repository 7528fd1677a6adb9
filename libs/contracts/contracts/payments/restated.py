"""What payments tells again of its current state, to a hearer that came late (`admin.payments.restate.start`)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Event
from contracts.payments.vocabulary import Currency, PremiumTerm, Product, Provider


class PurchaseRestated(Event, frozen=True, kw_only=True):
    """A purchase that was ever credited, for one hearer.

    Merge it with `PurchaseCredited` and `PurchaseRefunded` by its id, in whatever order they come: what was credited
    stays credited at that time, and a refund that is known stays known.
    """

    subject: ClassVar[str] = "payments.evt.{hearer}.purchase_restated"
    hearer: str
    """The service that asked for it; nobody else hears it."""
    player_id: int
    purchase_id: UUID
    product: Product
    amount: int
    currency: Currency
    provider: Provider
    charge_id: str
    credited_at: datetime
    refunded_at: datetime | None = None
    """When the money went back; None: it has not, as far as this knows."""
    late: bool = False
    redemption_id: UUID | None = None
    surface: str = ""
    affiliate: bool = False
    """True: Telegram's own affiliate programme took a commission, so it earns none of ours (DOMAIN §9). It may be known
    later: `AffiliateCommissionTaken`."""
    as_of: datetime
    """When this was read."""


class PremiumRestated(Event, frozen=True, kw_only=True):
    """A player's premium as it stands, for one hearer; with `PremiumChanged` the highest `revision` is the truth."""

    subject: ClassVar[str] = "payments.evt.{hearer}.premium_restated"
    hearer: str
    """The service that asked for it; nobody else hears it."""
    player_id: int
    revision: int
    terms: tuple[PremiumTerm, ...]
    """Oldest first, not overlapping; only the last may lie in the present."""
    changed_at: datetime | None = None
    """When it last changed; None when that was not noted."""
    as_of: datetime
    """When this was read."""
