"""What payments says (DOMAIN §5, §6)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.message import Event
from contracts.payments.vocabulary import (
    BuyRefusal,
    Currency,
    DiscountedProduct,
    OfferNote,
    PremiumTerm,
    Product,
    Provider,
    PurchaseView,
    QuoteStep,
    RefundReason,
    ShopItem,
    ShopView,
)


class ShopShown(Event, frozen=True, kw_only=True):
    """What can be bought, and what premium is running."""

    subject: ClassVar[str] = "payments.evt.{player_id}.shop_shown"
    player_id: int
    view: ShopView
    offers: tuple[ShopItem, ...]
    """In the order of the shelf."""
    premium_rank: int = 0
    """0 when no premium is active."""
    premium_until: datetime | None = None


class DiscountHeld(Event, frozen=True, kw_only=True):
    """A discount that promo reserved is held for a player (DOMAIN §7): what it fits, with old and new price."""

    subject: ClassVar[str] = "payments.evt.{player_id}.discount_held"
    version: ClassVar[int] = 2
    player_id: int
    redemption_id: UUID
    percent: int
    reserved_until: datetime
    products: tuple[DiscountedProduct, ...]
    """In the order of the shelf; none when the player can buy nothing of it now."""
    offer: OfferNote | None = None
    """As `HoldDiscount` had it; None for a code's."""


class DiscountReleased(Event, frozen=True, kw_only=True):
    """From now on no pre-checkout passes with this discount: promo may give its use to somebody else (DOMAIN §7)."""

    subject: ClassVar[str] = "payments.evt.{player_id}.discount_released"
    player_id: int
    redemption_id: UUID


class PurchasesShown(Event, frozen=True, kw_only=True):
    """The player's last purchases that came to something, newest first."""

    subject: ClassVar[str] = "payments.evt.{player_id}.purchases_shown"
    player_id: int
    purchases: tuple[PurchaseView, ...]


class InvoiceOpened(Event, frozen=True, kw_only=True):
    """There is an invoice for the player, new or the one that was open."""

    subject: ClassVar[str] = "payments.evt.{player_id}.invoice_opened"
    player_id: int
    purchase_id: UUID
    product: Product
    payload: str
    """What the invoice must carry."""
    amount: int
    currency: Currency
    steps: tuple[QuoteStep, ...]
    """From the base price to `amount`."""
    expires_at: datetime
    again: bool = False
    """True for an invoice that was open before."""
    redemption_id: UUID | None = None
    surface: str = ""


class PurchaseRefused(Event, frozen=True, kw_only=True):
    """The rules allow no sale now, and no invoice was made; `reason` says which of them."""

    subject: ClassVar[str] = "payments.evt.{player_id}.purchase_refused"
    player_id: int
    product: Product
    reason: BuyRefusal
    until: datetime | None = None
    """When the reason ends: the saver limit, or the running premium."""
    premium_rank: int = 0


class PurchaseFailed(Event, frozen=True, kw_only=True):
    """An invoice came to nothing: lapsed, or replaced by one with another discount."""

    subject: ClassVar[str] = "payments.evt.{player_id}.purchase_failed"
    player_id: int
    purchase_id: UUID
    product: Product
    reason: str
    """`lapsed` or `replaced`."""
    redemption_id: UUID | None = None
    surface: str = ""


class PreCheckoutPassed(Event, frozen=True, kw_only=True):
    """The player is about to pay; invoice and discount are held for 15 minutes more."""

    subject: ClassVar[str] = "payments.evt.{player_id}.pre_checkout_passed"
    player_id: int
    purchase_id: UUID
    expires_at: datetime
    redemption_id: UUID | None = None


class PaymentReceived(Event, frozen=True, kw_only=True):
    """Money for a purchase came in and is written down."""

    subject: ClassVar[str] = "payments.evt.{player_id}.payment_received"
    player_id: int
    purchase_id: UUID
    provider: Provider
    charge_id: str
    amount: int
    currency: Currency
    late: bool
    """True when the purchase had failed or lapsed before (DOMAIN §6)."""
    paid_at: datetime


class PurchaseCredited(Event, frozen=True, kw_only=True):
    """What was paid for is the player's."""

    subject: ClassVar[str] = "payments.evt.{player_id}.purchase_credited"
    version: ClassVar[int] = 2
    player_id: int
    purchase_id: UUID
    product: Product
    amount: int
    currency: Currency
    provider: Provider
    charge_id: str
    credited_at: datetime
    late: bool = False
    premium_rank: int = 0
    premium_until: datetime | None = None
    """After this purchase, when it was one of premium."""
    redemption_id: UUID | None = None
    surface: str = ""
    affiliate: bool = False
    """True: Telegram's own affiliate programme took a commission, so it earns none of ours (DOMAIN §9). False: not as
    far as is known; `AffiliateCommissionTaken` may say so later."""


class AffiliateCommissionTaken(Event, frozen=True, kw_only=True):
    """Telegram's own affiliate programme took a commission of a purchase: it earns none of ours (DOMAIN §9).

    Once a purchase, whether its `PurchaseCredited` said so or not, before or after it: an update tells of no
    commission, only Telegram's list does.
    """

    subject: ClassVar[str] = "payments.evt.{player_id}.affiliate_commission_taken"
    player_id: int
    purchase_id: UUID
    charge_id: str
    commission: int
    """In nanostars; less than a nanostar is 0."""
    at: datetime


class RefundStarted(Event, frozen=True, kw_only=True):
    """Money is on its way back."""

    subject: ClassVar[str] = "payments.evt.{player_id}.refund_started"
    player_id: int
    charge_id: str
    purchase_id: UUID | None
    reason: RefundReason


class PurchaseRefunded(Event, frozen=True, kw_only=True):
    """The money is back with the player, and what it bought is taken back."""

    subject: ClassVar[str] = "payments.evt.{player_id}.purchase_refunded"
    player_id: int
    purchase_id: UUID
    product: Product
    amount: int
    currency: Currency
    charge_id: str
    reason: RefundReason
    refunded_at: datetime
    was_credited: bool
    redemption_id: UUID | None = None
    surface: str = ""


class EntitlementGranted(Event, frozen=True, kw_only=True):
    """Something of value for the player's game; `grant_id` names it once and for all."""

    subject: ClassVar[str] = "payments.evt.{player_id}.entitlement_granted"
    player_id: int
    grant_id: UUID
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    mode_hours: int = 0
    """Access to each of the locked modes, in hours."""
    reason: str
    """The product, for the journal."""
    granted_at: datetime


class EntitlementRevoked(Event, frozen=True, kw_only=True):
    """A grant is taken back, as far as it is still there; gameplay says what was left with `GrantTakenBack`."""

    subject: ClassVar[str] = "payments.evt.{player_id}.entitlement_revoked"
    player_id: int
    grant_id: UUID
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    mode_hours: int = 0
    reason: str
    revoked_at: datetime


class PremiumChanged(Event, frozen=True, kw_only=True):
    """The player's premium as it now stands; the highest `revision` is the truth, whatever the order of arrival."""

    subject: ClassVar[str] = "payments.evt.{player_id}.premium_changed"
    player_id: int
    revision: int
    """Counts the changes of this player's premium, from 1."""
    terms: tuple[PremiumTerm, ...]
    """Oldest first, not overlapping; only the last may lie in the present. Up to eight are kept."""
    changed_at: datetime


class OrphanPaymentReceived(Event, frozen=True, kw_only=True):
    """Money came in that fits no purchase (DOMAIN §10 `payments_orphan_payment`)."""

    subject: ClassVar[str] = "payments.evt.{player_id}.orphan_payment_received"
    player_id: int
    provider: Provider
    charge_id: str
    amount: int
    currency: str
    payload: str
    reason: str
    """A `CheckoutRefusal`: what about it did not fit."""
    paid_at: datetime


class ReviewRequired(Event, frozen=True, kw_only=True):
    """A person must decide (DOMAIN §10 `payments_recovery_review_required`)."""

    subject: ClassVar[str] = "payments.evt.{player_id}.review_required"
    player_id: int
    purchase_id: UUID | None
    charge_id: str
    reason: str
    at: datetime


class ReconciliationDiffDetected(Event, frozen=True, kw_only=True):
    """The books differ (DOMAIN §10 `payments_reconciliation_diff_detected`)."""

    subject: ClassVar[str] = "payments.evt.{run_id}.reconciliation_diff_detected"
    version: ClassVar[int] = 2
    run_id: UUID
    provider: Provider | None = None
    """Whose book was compared; None for gameplay's."""
    book: str = "provider"
    """`provider`, or `goods`: what was granted, against what gameplay holds."""
    full: bool
    diffs: tuple[str, ...]
    """Up to twenty, each a line that an operator understands."""
    diff_count: int
    at: datetime


class PriceChanged(Event, frozen=True, kw_only=True):
    """A price was set, or a product taken off the shelf or put back."""

    subject: ClassVar[str] = "payments.evt.{product}.price_changed"
    product: Product
    currency: Currency | None
    """None when the change is about the shelf."""
    amount: int
    enabled: bool
    operator: str
    at: datetime
