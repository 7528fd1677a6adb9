"""What promo hears of purchases to know what to offer, and what came of it (DOMAIN §8).

`Purchased` merges live events and what payments tells again, twice, late and in any order, by the purchase's id.
"""

from datetime import datetime

import msgspec

from actors.turn import Turn
from contracts.payments import PurchaseCredited, PurchaseRefunded, PurchaseRestated
from promo.domain.bought import Bought
from promo.domain.impression import Impression, is_held_out, tally_of
from promo.domain.prospect import Prospect, RecentPurchase


class Purchased(msgspec.Struct, frozen=True):
    """A purchase, its player, and the impression by whose button it was bought."""

    bought: Bought | None
    prospect: Prospect
    impression: Impression | None

    def hear(self, event: PurchaseCredited | PurchaseRefunded | PurchaseRestated, turn: Turn) -> None:
        """Merge what is said; what changes by it is counted once."""
        bought = self.bought
        if bought is None:
            bought = _new(event)
            turn.create(bought)
        stood = bought.stands
        credited_at, refunded_at = _said(event)
        if bought.credited_at is None and credited_at is not None:
            bought.credited_at = credited_at
            bought.offered_at = self.prospect.last_offer_before(credited_at)
            bought.is_withheld = bought.offered_at is not None and is_held_out(bought.player_id, bought.offered_at)
        if bought.refunded_at is None:
            bought.refunded_at = refunded_at
        impression = self.impression
        if impression is not None and impression.is_shown_to(bought.player_id):
            bought.impression_id = impression.id
        if bought.stands != stood:
            self._count(bought, turn)

    def _count(self, bought: Bought, turn: Turn) -> None:
        """A purchase stands from now on, or it does so no more."""
        if bought.stands and bought.credited_at is not None:
            self.prospect.note_purchase(RecentPurchase(bought.id, bought.product, bought.credited_at), turn.now)
        else:
            self.prospect.forget_purchase(bought.id)
        impression = self.impression
        if impression is None or bought.impression_id != impression.id:
            return
        was_converted = impression.is_converted
        impression.purchases += 1 if bought.stands else -1
        change = int(impression.is_converted) - int(was_converted)
        if change:
            turn.record(tally_of(impression, conversions=change))


def _new(event: PurchaseCredited | PurchaseRefunded | PurchaseRestated) -> Bought:
    return Bought(
        id=event.purchase_id,
        player_id=event.player_id,
        product=event.product,
        amount=event.amount,
        currency=event.currency,
    )


def _said(event: PurchaseCredited | PurchaseRefunded | PurchaseRestated) -> tuple[datetime | None, datetime | None]:
    """Return when it was credited and when it was given back, as far as the event says."""
    if isinstance(event, PurchaseRefunded):
        return None, event.refunded_at
    return event.credited_at, event.refunded_at if isinstance(event, PurchaseRestated) else None
