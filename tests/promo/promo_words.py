"""What payments says of a purchase of PREMIUM_MONTH with 20 % off, and of a discount that it lets go."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from redeeming_stage import NOON, Stage

from contracts.payments import (
    Currency,
    DiscountReleased,
    InvoiceOpened,
    PreCheckoutPassed,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseRefunded,
    QuoteStep,
    RefundReason,
    ReleaseDiscount,
)
from promo.handlers.discounts import expire_reservations

ONE, OTHER = UUID(int=10), UUID(int=11)
STEPS = (
    QuoteStep(name="base", detail="XTR, version 1", amount=99),
    QuoteStep(name="discount", detail="−20 %", amount=80),
)


def invoice(redemption_id: UUID, purchase_id: UUID = ONE) -> InvoiceOpened:
    return InvoiceOpened(
        player_id=7, purchase_id=purchase_id, product=Product.PREMIUM_MONTH, payload="x", amount=80,
        currency=Currency.XTR, steps=STEPS, expires_at=NOON + timedelta(hours=1), redemption_id=redemption_id,
    )  # fmt: skip


def credited(redemption_id: UUID, purchase_id: UUID = ONE) -> PurchaseCredited:
    return PurchaseCredited(
        player_id=7, purchase_id=purchase_id, product=Product.PREMIUM_MONTH, amount=80, currency=Currency.XTR,
        provider=Provider.TELEGRAM, charge_id="stx", credited_at=NOON, redemption_id=redemption_id,
    )  # fmt: skip


def refunded(redemption_id: UUID, purchase_id: UUID = ONE, *, was_credited: bool = True) -> PurchaseRefunded:
    return PurchaseRefunded(
        player_id=7, purchase_id=purchase_id, product=Product.PREMIUM_MONTH, amount=80, currency=Currency.XTR,
        charge_id="stx", reason=RefundReason.OPERATOR, refunded_at=datetime(2026, 3, 5, tzinfo=UTC),
        was_credited=was_credited, redemption_id=redemption_id,
    )  # fmt: skip


def passed(redemption_id: UUID) -> PreCheckoutPassed:
    until = NOON + timedelta(minutes=30)
    return PreCheckoutPassed(player_id=7, purchase_id=ONE, expires_at=until, redemption_id=redemption_id)


async def run_out(stage: Stage) -> list[UUID]:
    """Run the job, and let payments release what it is asked for; returns what that was."""
    before = len(stage.said)
    await stage.run(expire_reservations.due())
    asked = [one for one in stage.said[before:] if isinstance(one, ReleaseDiscount)]
    for one in asked:
        await stage.take(DiscountReleased(player_id=one.player_id, redemption_id=one.redemption_id))
    return [one.redemption_id for one in asked]
