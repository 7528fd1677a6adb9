"""What payments hears (DOMAIN §5, §6).

Subjects of the kind `money` have mailboxes without a bound, for money that came in is never refused.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.foreign_text import storable, storable_key
from contracts.message import Answered, Command
from contracts.payments.payload import purchase_of
from contracts.payments.vocabulary import (
    BuyRefusal,
    Currency,
    OfferNote,
    Product,
    Provider,
    RefundReason,
    ShopView,
)


class ShowShop(Command, frozen=True, kw_only=True):
    """Ask for what can be bought; answered by `ShopShown`."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.show_shop"
    player_id: int
    view: ShopView


class ShowPurchases(Command, frozen=True, kw_only=True):
    """Ask for the last purchases; answered by `PurchasesShown`."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.show_purchases"
    player_id: int


class QuoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to `QuoteProduct`: a quote, or why there is none."""

    quote_id: UUID | None = None
    amount: int = 0
    refusal: str = ""
    """A `BuyRefusal`; empty when there is a quote."""
    lapses_at: datetime | None = None


class QuoteProduct(Answered[QuoteAnswer], frozen=True, kw_only=True):
    """Freeze a price for 15 minutes (DOMAIN §5); the reply is a `QuoteAnswer`."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.quote_product"
    player_id: int
    product: Product
    currency: Currency = Currency.XTR
    region: str = ""
    """Region of the price table's factors; empty: none."""
    redemption_id: UUID | None = None


class BuyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to `BuyProduct`: the invoice, or why there is none. An invoice keeps the price it was made with."""

    purchase_id: UUID | None = None
    payload: str = ""
    amount: int = 0
    """Minor units, or Stars."""
    currency: Currency | None = None
    expires_at: datetime | None = None
    """Of the invoice; what is paid later is honoured all the same."""
    surface: str = ""
    """Where it was bought first, for one that was open already."""
    refusal: BuyRefusal | None = None
    until: datetime | None = None
    """When the refusal ends, where it does."""


class BuyProduct(Answered[BuyAnswer], frozen=True, kw_only=True):
    """Make an invoice, or return the one that is open (DOMAIN §6): `InvoiceOpened` or `PurchaseRefused`."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.buy_product"
    player_id: int
    product: Product
    currency: Currency = Currency.XTR
    quote_id: UUID | None = None
    """The quote that was shown; without one the price of the moment is quoted."""
    redemption_id: UUID | None = None
    """A reserved discount (DOMAIN §7)."""
    surface: str = ""
    """Where the button stood, such as an offer's impression; comes back on the purchase's events."""


class HoldDiscount(Command, frozen=True, kw_only=True):
    """A discount was reserved for a player (DOMAIN §7); sent by promo. The latest word on a redemption counts."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.hold_discount"
    version: ClassVar[int] = 2
    player_id: int
    redemption_id: UUID
    percent: int
    """1–90."""
    products: tuple[Product, ...]
    reserved_until: datetime
    offer: OfferNote | None = None
    """Of an offer's personal discount (DOMAIN §8), whose id the impression has too; comes back on `DiscountHeld`."""


class ReleaseDiscount(Command, frozen=True, kw_only=True):
    """Promo wants a reserved discount back (DOMAIN §7); answered by `DiscountReleased` once nobody can pay with it.

    Not answered, and without effect, while it was paid with or may be: promo asks again.
    """

    subject: ClassVar[str] = "payments.cmd.{player_id}.release_discount"
    version: ClassVar[int] = 2
    player_id: int
    redemption_id: UUID
    before_its_time: bool = False
    """False: not while an invoice that is open prolongs it. True: whenever nobody pays with it."""


class RecordInvoiceSent(Command, frozen=True, kw_only=True):
    """The invoice stands in the player's chat."""

    subject: ClassVar[str] = "payments.money.{player_id}.record_invoice_sent"
    player_id: int
    purchase_id: UUID


class PreCheckoutAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a payment may go ahead, as Telegram wants to know within ten seconds."""

    ok: bool
    refusal: str = ""
    """A `CheckoutRefusal`; empty when it may be paid."""


class CheckPreCheckout(Answered[PreCheckoutAnswer], frozen=True, kw_only=True):
    """May this be paid now (DOMAIN §6)? The reply is a `PreCheckoutAnswer`; the same query gets the same answer."""

    subject: ClassVar[str] = "payments.money.{player_id}.check_pre_checkout"
    player_id: int
    """Who is about to pay."""
    query_id: str
    payload: str
    """As the provider hands it over; anything at all."""
    amount: int
    currency: str

    @property
    def purchase_id(self) -> UUID | None:
        """The purchase that the payload names; None when it is none of ours."""
        return purchase_of(self.payload)


class RecordPayment(Command, frozen=True, kw_only=True):
    """Money came in. It is written down first and credited afterwards (DOMAIN §6)."""

    subject: ClassVar[str] = "payments.money.{player_id}.record_payment"
    version: ClassVar[int] = 2
    player_id: int
    """Who paid; 0 when the provider does not say."""
    provider: Provider
    charge_id: str
    """The provider's identifier of this payment: the key, never the payload."""
    payload: str
    amount: int
    """What the player paid, whole Stars or minor units, whatever others got of it."""
    currency: str
    paid_at: datetime
    commission: int | None = None
    """Nanostars that Telegram's own affiliate programme took of it; None: none we know of. An update does not say."""

    def __post_init__(self) -> None:
        """Money is written down whatever its texts have in them (`foreign_text`)."""
        for name, fit in (("charge_id", storable_key), ("payload", storable), ("currency", storable)):
            msgspec.structs.force_setattr(self, name, fit(getattr(self, name)))

    @property
    def purchase_id(self) -> UUID | None:
        """The purchase that the payload names; None when it is none of ours."""
        return purchase_of(self.payload)


class CreditPurchase(Command, frozen=True, kw_only=True):
    """Give what was paid for; without effect when it has been given."""

    subject: ClassVar[str] = "payments.money.{player_id}.credit_purchase"
    version: ClassVar[int] = 2
    player_id: int
    purchase_id: UUID
    affiliate: bool = False
    """Whether Telegram's own affiliate programme is known to have taken a commission of it."""


class RecoverPurchase(Command, frozen=True, kw_only=True):
    """A payment is still not credited: try again, and after three failures put it into review (DOMAIN §6)."""

    subject: ClassVar[str] = "payments.money.{player_id}.recover_purchase"
    player_id: int
    purchase_id: UUID


class LapseInvoice(Command, frozen=True, kw_only=True):
    """An invoice was not paid in time: the purchase fails (DOMAIN §6, stale invoices)."""

    subject: ClassVar[str] = "payments.money.{player_id}.lapse_invoice"
    player_id: int
    purchase_id: UUID


class RefundPurchase(Command, frozen=True, kw_only=True):
    """Give the money back: the provider first, then ledger and entitlements (DOMAIN §6)."""

    subject: ClassVar[str] = "payments.money.{player_id}.refund_purchase"
    player_id: int
    purchase_id: UUID
    reason: RefundReason
    note: str = ""


class RefundOrphan(Command, frozen=True, kw_only=True):
    """Give back money that belongs to no purchase (DOMAIN §6)."""

    subject: ClassVar[str] = "payments.money.{player_id}.refund_orphan"
    player_id: int
    charge_id: str
    reason: RefundReason
    note: str = ""


class RecordRefund(Command, frozen=True, kw_only=True):
    """Money went back at the provider, by our call or without it (DOMAIN §6); leads to the same end."""

    subject: ClassVar[str] = "payments.money.{player_id}.record_refund"
    player_id: int
    """Whose money it was; 0 when the provider does not say."""
    provider: Provider
    charge_id: str
    reason: RefundReason
    refunded_at: datetime
    amount: int | None = None
    """How much went back; None: all of it. For a part of it nothing is taken back, and a person decides."""

    def __post_init__(self) -> None:
        """Keep it under the key that its payment has (`foreign_text`)."""
        msgspec.structs.force_setattr(self, "charge_id", storable_key(self.charge_id))


class RecordRefundFailure(Command, frozen=True, kw_only=True):
    """The provider refuses to give the money back, for good: all stays as it was, and ops must look at it."""

    subject: ClassVar[str] = "payments.money.{player_id}.record_refund_failure"
    player_id: int
    charge_id: str
    error: str


class HearStripeEvent(Command, frozen=True, kw_only=True):
    """A signed event of Stripe, durable before it was acknowledged; its id is `stripe:<event id>`."""

    subject: ClassVar[str] = "payments.money.{event_id}.hear_stripe_event"
    event_id: str
    kind: str
    """Stripe's type, such as `checkout.session.completed`."""
    event: msgspec.Raw
    """The event's JSON, byte for byte."""
