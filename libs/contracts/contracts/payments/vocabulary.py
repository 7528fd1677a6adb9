"""The words that payments' commands and events are made of: products, money, states, refusals (DOMAIN §5, §6)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Product(StrEnum):
    """What can be bought (DOMAIN §5)."""

    ENERGY_10 = "ENERGY_10"
    MEGA_PACK_15 = "MEGA_PACK_15"
    STREAK_SAVER_20 = "STREAK_SAVER_20"
    DUEL_TICKET_5 = "DUEL_TICKET_5"
    PREMIUM_STARTER = "PREMIUM_STARTER"
    PREMIUM_MONTH = "PREMIUM_MONTH"
    PREMIUM_SEASON = "PREMIUM_SEASON"
    PREMIUM_YEAR = "PREMIUM_YEAR"


class Currency(StrEnum):
    """What a price is in: Stars inside Telegram, minor units of a currency on the web."""

    XTR = "XTR"
    EUR = "EUR"
    USD = "USD"
    GBP = "GBP"


class Provider(StrEnum):
    """Who takes the money: Telegram for Stars, Stripe for all other currencies."""

    TELEGRAM = "TELEGRAM"
    STRIPE = "STRIPE"


class PurchaseState(StrEnum):
    """How far a purchase has come (DOMAIN §6)."""

    CREATED = "CREATED"
    INVOICE_SENT = "INVOICE_SENT"
    PRECHECKOUT_OK = "PRECHECKOUT_OK"
    PAID_UNCREDITED = "PAID_UNCREDITED"
    CREDITED = "CREDITED"
    REFUND_PENDING = "REFUND_PENDING"
    REFUNDED = "REFUNDED"
    FAILED = "FAILED"
    REVIEW = "REVIEW"


class BuyRefusal(StrEnum):
    """Why there is no invoice (DOMAIN §6, before an invoice)."""

    NOT_ON_SALE = "not_on_sale"
    SAVER_LIMIT = "saver_limit"
    PREMIUM_RANK = "premium_rank"
    DISCOUNT_INVALID = "discount_invalid"
    NO_PRICE = "no_price"
    """No price in that currency: none is set and the reference rate is too old (DOMAIN §5)."""
    QUOTE_LAPSED = "quote_lapsed"
    OPEN_IN_CHAT = "open_in_chat"
    """There is an open invoice in the player's chat, and the wish came from elsewhere: it is not taken from them."""


class CheckoutRefusal(StrEnum):
    """Why a pre-checkout is refused (DOMAIN §6)."""

    UNKNOWN_PAYLOAD = "unknown_payload"
    OTHER_PLAYER = "other_player"
    OTHER_AMOUNT = "other_amount"
    LAPSED = "lapsed"
    """The invoice is not open any more: paid, replaced or too old."""
    NOT_ON_SALE = "not_on_sale"
    SAVER_LIMIT = "saver_limit"
    PREMIUM_RANK = "premium_rank"
    DISCOUNT_INVALID = "discount_invalid"


class RefundReason(StrEnum):
    """Why money goes back (DOMAIN §6)."""

    OPERATOR = "operator"
    DOUBLE_CHARGE = "double_charge"
    """An old invoice was paid again and the product refuses it."""
    ORPHAN = "orphan"
    """Money without a purchase, after 24 h."""
    PROVIDER = "provider"
    """The provider took it back: `refunded_payment`, a refund seen in its books, or Stripe's own."""
    DISPUTE = "dispute"


class SettlementKind(StrEnum):
    """As what a person settles a diff of reconciliation about one charge (DOMAIN §6)."""

    CHARGEBACK = "CHARGEBACK"
    """The provider took the money of a refunded charge back, and its list has no row of that."""
    ACKNOWLEDGED = "ACKNOWLEDGED"
    """A person has looked at it, and it stays as it is: a won dispute whose goods stay taken back, for one."""


class GoodsSettlement(StrEnum):
    """What a person decides about a grant on which payments and gameplay differ (DOMAIN §6)."""

    TAKE_BACK = "TAKE_BACK"
    """Gameplay holds what payments never granted: it is to take it back."""
    ACKNOWLEDGED = "ACKNOWLEDGED"
    """It stays as it is, and is compared no more."""


class RefusedRefund(StrEnum):
    """What became of money that its provider refuses to give back (DOMAIN §6), as a person found."""

    RETURNED = "RETURNED"
    """It is with the player by another way: what it bought is taken back, and the books count it as refunded."""
    KEPT = "KEPT"
    """It stays where it is, and with it what it bought."""


class ShopView(StrEnum):
    """Which part of the shop was asked for; echoed, so that the asker knows what to show."""

    SHOP = "shop"
    PREMIUM = "premium"


class QuoteStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step from the base price to the final one (DOMAIN §5): its name, its factor, and what came of it."""

    name: str
    """`base`, `reference_rate`, `region` or `discount`."""
    detail: str
    """The factor as written: `1.0842`, `100 %`, `−20 %`."""
    amount: int
    """The price after this step, rounded up where the step does not come out even."""


class PremiumTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A time of one plan: `begins <= instant < ends` (UTC). Rank 1 Starter, 2 Month, 3 Season, 4 Year."""

    begins: datetime
    ends: datetime
    rank: int


class ShopItem(msgspec.Struct, frozen=True, kw_only=True):
    """One product as the shop shows it."""

    product: Product
    amount: int
    """In Stars."""
    refusal: BuyRefusal | None = None
    """Why it cannot be bought now."""
    until: datetime | None = None
    """When that ends: the saver limit, or the running premium."""


class DiscountedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """One product that a discount fits and the player can buy now."""

    product: Product
    base_amount: int
    """In Stars, without the discount."""
    amount: int
    """In Stars, with it."""


class OfferNote(msgspec.Struct, frozen=True, kw_only=True):
    """Which offer a personal discount belongs to (DOMAIN §8), which promo shows itself. Payments passes it on as it is.

    What is told besides the trigger is for a gateway that waits for the discount to show the offer, as older ones do.
    """

    trigger: str
    is_blocking: bool = True
    mode: str = ""
    """The `Mode` to go on with; empty: any."""


class PurchaseView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a player's purchase history."""

    purchase_id: UUID
    product: Product
    amount: int
    currency: Currency
    state: PurchaseState
    created_at: datetime
    paid_at: datetime | None = None
    refunded_at: datetime | None = None
