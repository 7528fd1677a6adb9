"""What payments can tell again to a service that comes late: what was ever bought, and premium (DOMAIN §7–§9)."""

from datetime import datetime

from asyncpg import Record

from contracts.payments import Currency, PremiumRestated, Product, Provider, PurchaseRestated
from payments.handlers.table import actor
from payments.store.restating import SQL, terms_of


@actor.restate("purchases", page=SQL["purchases_to_restate"], event=PurchaseRestated)
def restate_purchase(row: Record, hearer: str, as_of: datetime) -> PurchaseRestated:
    """Tell of a purchase that was credited, whatever became of it."""
    return PurchaseRestated(
        hearer=hearer,
        player_id=row["player_id"],
        purchase_id=row["id"],
        product=Product(row["product"]),
        amount=row["amount"],
        currency=Currency(row["currency"]),
        provider=Provider(row["provider"]),
        charge_id=row["charge_id"],
        credited_at=row["credited_at"],
        refunded_at=row["refunded_at"],
        late=row["late"],
        redemption_id=row["redemption_id"],
        surface=row["surface"],
        affiliate=row["affiliate"],
        as_of=as_of,
    )


@actor.restate("premium", page=SQL["premium_to_restate"], event=PremiumRestated)
def restate_premium(row: Record, hearer: str, as_of: datetime) -> PremiumRestated:
    """Tell of premium with its revision."""
    return PremiumRestated(
        hearer=hearer,
        player_id=row["player_id"],
        revision=row["premium_revision"],
        terms=terms_of(row["premium_terms"]),
        changed_at=row["premium_changed_at"],
        as_of=as_of,
    )
